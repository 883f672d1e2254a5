"""What clusters of unanswered questions cost: the handoffs they led to, and the agents' time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, case, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from conversations.schemas import Value
from conversations.tables import Handoff
from unanswered.repository import QUESTIONS_SHOWN
from unanswered.schemas import State, choose_title
from unanswered.tables import QuestionCluster, UnansweredQuestion


class CostlyCluster(Value):
    """A cluster with what was asked in some time: how often, the handoffs it led to, and how long agents talked.

    `seconds` run from accepting to the end; how long promised calls took is not known.
    """

    id: str
    title: str
    state: State
    asked: int
    handoffs: int
    seconds: int


class UnansweredMetrics(Value):
    """All clusters asked in some time, and how many of them are new and open; `largest` is the new one asked most."""

    asked: int
    handoffs: int
    seconds: int
    new: int
    largest: CostlyCluster | None


async def list_costs(session: AsyncSession, since: datetime, until: datetime, limit: int) -> list[CostlyCluster]:
    """The clusters with questions from `since` until before `until`, the one that took agents longest first."""
    question = UnansweredQuestion
    rows = (
        await session.execute(
            _select_counts(question.cluster_id, QuestionCluster.state)
            .where(*_is_in(since, until))
            .group_by(question.cluster_id, QuestionCluster.state)
            .order_by(_SECONDS.desc(), _HANDOFFS.desc(), func.count().desc(), question.cluster_id)
            .limit(limit)
        )
    ).mappings()
    return [await _read(session, row, since, until) for row in rows.all()]


async def read_metrics(session: AsyncSession, since: datetime, until: datetime) -> UnansweredMetrics:
    """Counts of what was asked from `since` until before `until`."""
    counts = (await session.execute(_select_counts().where(*_is_in(since, until)))).mappings().one()
    is_new = QuestionCluster.created_at >= since, QuestionCluster.created_at < until, QuestionCluster.state == "open"
    question = UnansweredQuestion
    by_size = (
        _select_counts(question.cluster_id, QuestionCluster.state)
        .where(*_is_in(since, until), *is_new)
        .group_by(question.cluster_id, QuestionCluster.state)
        .order_by(func.count().desc(), question.cluster_id)
    )
    largest = (await session.execute(by_size.limit(1))).mappings().one_or_none()
    return UnansweredMetrics(
        asked=counts["asked"],
        handoffs=counts["handoffs"] or 0,
        seconds=int(counts["seconds"] or 0),  # PostgreSQL counts microseconds too
        new=await session.scalar(select(func.count()).where(*is_new)) or 0,
        largest=await _read(session, largest, since, until) if largest else None,
    )


# The handoff that a question led to is the next one of its conversation.
_LED_TO = (
    select(Handoff.id)
    .where(
        UnansweredQuestion.is_handed_over,
        Handoff.conversation_id == UnansweredQuestion.conversation_id,
        Handoff.requested_at >= UnansweredQuestion.at,
    )
    .order_by(Handoff.requested_at, Handoff.id)
    .limit(1)
    .correlate(UnansweredQuestion)
    .scalar_subquery()
)
_TALKED = extract("epoch", Handoff.ended_at) - extract("epoch", Handoff.accepted_at)
_HANDOFFS: ColumnElement[int] = func.count(Handoff.id)
_SECONDS: ColumnElement[int] = func.coalesce(func.sum(case((Handoff.callback_booked_at.is_(None), _TALKED))), 0)


def _select_counts(*columns: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns, func.count().label("asked"), _HANDOFFS.label("handoffs"), _SECONDS.label("seconds"))
        .select_from(UnansweredQuestion)
        .join(QuestionCluster, QuestionCluster.id == UnansweredQuestion.cluster_id)
        .outerjoin(Handoff, Handoff.id == _LED_TO)
    )


def _is_in(since: datetime, until: datetime) -> Sequence[ColumnElement[bool]]:
    return UnansweredQuestion.at >= since, UnansweredQuestion.at < until


async def _read(session: AsyncSession, row: RowMapping, since: datetime, until: datetime) -> CostlyCluster:
    question = UnansweredQuestion
    newest = select(question.text).where(question.cluster_id == row["cluster_id"], *_is_in(since, until))
    texts = await session.scalars(newest.order_by(question.turn_id.desc()).limit(QUESTIONS_SHOWN))
    return CostlyCluster(
        id=row["cluster_id"],
        title=choose_title(texts.all()),
        state=row["state"],
        **{name: int(row[name]) for name in ("asked", "handoffs", "seconds")},
    )
