"""Queries on unanswered questions and their clusters."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ColumnExpressionArgument, RowMapping, case, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from unanswered.schemas import ClusterView, Order, QuestionView, State
from unanswered.tables import QuestionCluster, UnansweredQuestion

WEEK = timedelta(days=7)
QUESTIONS_SHOWN = 20


async def find_questions(session: AsyncSession, turn_ids: Collection[int]) -> dict[int, UnansweredQuestion]:
    """Those of these turns that are kept already."""
    rows = await session.scalars(select(UnansweredQuestion).where(UnansweredQuestion.turn_id.in_(turn_ids)))
    return {row.turn_id: row for row in rows}


async def list_all_clusters(session: AsyncSession) -> Sequence[QuestionCluster]:
    """All clusters, whatever their state: a dismissed one takes further questions too."""
    return (await session.scalars(select(QuestionCluster).order_by(QuestionCluster.created_at))).all()


async def list_texts(session: AsyncSession, cluster_id: str) -> list[str]:
    """All questions of a cluster."""
    query = select(UnansweredQuestion.text).where(UnansweredQuestion.cluster_id == cluster_id)
    return list((await session.scalars(query)).all())


async def drop_empty_clusters(session: AsyncSession) -> None:
    """Those whose questions were erased, or were not asked in vain after all."""
    has_questions = exists().where(UnansweredQuestion.cluster_id == QuestionCluster.id)
    await session.execute(delete(QuestionCluster).where(~has_questions))


async def list_clusters(
    session: AsyncSession, state: State, order: Order, now: datetime, limit: int
) -> tuple[list[ClusterView], int]:
    """The first of the clusters in a state, and how many there are.

    An open one is also one for which an entry was drafted, if it was asked in vain again since.
    """
    question = UnansweredQuestion
    is_new = or_(QuestionCluster.decided_at.is_(None), question.at > QuestionCluster.decided_at)
    if state == "open":
        wanted: tuple[ColumnElement[bool], ...] = (QuestionCluster.state != "dismissed", is_new)
    else:
        wanted = (QuestionCluster.state == state,)
    counts = {
        "count": func.count(),
        "recent": _count_if(question.at > now - WEEK),
        "before": _count_if((question.at <= now - WEEK) & (question.at > now - 2 * WEEK)),
        "handed_over": _count_if(question.is_handed_over),
    }
    trend = counts["recent"] - counts["before"]
    first = {"count": (), "trend": (trend.desc(),), "cost": (counts["handed_over"].desc(),)}[order]
    grouped = (
        select(question.cluster_id, *(value.label(name) for name, value in counts.items()))
        .join(QuestionCluster, QuestionCluster.id == question.cluster_id)
        .where(*wanted)
        .group_by(question.cluster_id)
    )
    total = await session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    ordered = grouped.order_by(*first, counts["count"].desc(), func.max(question.at).desc()).limit(limit)
    rows = (await session.execute(ordered)).mappings().all()
    clusters = await _read_clusters(session, [row["cluster_id"] for row in rows])
    return [await _view(session, clusters[row["cluster_id"]], row, is_open=state == "open") for row in rows], total


async def _read_clusters(session: AsyncSession, ids: Collection[str]) -> dict[str, QuestionCluster]:
    rows = await session.scalars(select(QuestionCluster).where(QuestionCluster.id.in_(ids)))
    return {row.id: row for row in rows}


async def _view(session: AsyncSession, cluster: QuestionCluster, counts: RowMapping, *, is_open: bool) -> ClusterView:
    query = select(UnansweredQuestion).where(UnansweredQuestion.cluster_id == cluster.id)
    if is_open and cluster.decided_at:
        query = query.where(UnansweredQuestion.at > cluster.decided_at)
    newest = await session.scalars(query.order_by(UnansweredQuestion.turn_id.desc()).limit(QUESTIONS_SHOWN))
    return ClusterView.model_validate(
        {
            "id": cluster.id,
            "state": cluster.state,
            "entry_id": cluster.entry_id,
            "decided_by": cluster.decided_by,
            "decided_at": cluster.decided_at,
            "questions": [_view_question(row) for row in newest],
            **{name: counts[name] for name in ("count", "recent", "before", "handed_over")},
        }
    )


def _view_question(row: UnansweredQuestion) -> QuestionView:
    names = ("turn_id", "conversation_id", "text", "missing", "reasons", "at")
    return QuestionView.model_validate({name: getattr(row, name) for name in names})


def _count_if(condition: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
