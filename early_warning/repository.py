"""Queries on early warnings and their daily runs, inside the caller's transaction."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.tables import Application
from early_warning.case import Case, CaseKind
from early_warning.rule_book import SEVERITIES, load_rules
from early_warning.rules import REPEATING
from early_warning.schemas import NewWarnings, RuleMetrics, Standing, WarningView
from early_warning.tables import EarlyWarning, WarningRun
from kit.errors import RequestError
from kit.upserts import insert_into

_IS_APPLICATION = and_(EarlyWarning.subject_kind == "application", EarlyWarning.subject_id == Application.id)


class FoundWarning(NamedTuple):
    """A rule that held for a case in a run; `facts` is the hash of what it rests on."""

    case: Case
    rule: str
    reason: str
    facts: str
    is_shadow: bool


async def claim_run(session: AsyncSession, day: date, now: datetime, lease_until: datetime) -> bool:
    """Whether the day's run is this process's to do: nobody has finished it, or is at it and not stalled."""
    own = {"started_at": now, "lease_until": lease_until}
    is_stalled = WarningRun.finished_at.is_(None) & (WarningRun.lease_until <= now)
    claimed = (
        insert_into(session, WarningRun)
        .values(day=day, cases=0, findings=0, **own)
        .on_conflict_do_update(index_elements=["day"], set_=own, where=is_stalled)
        .returning(WarningRun.day)
    )
    return await session.scalar(claimed) is not None


async def renew_run(session: AsyncSession, day: date, started_at: datetime, lease_until: datetime) -> bool:
    """Renews the lease, which also keeps others from this transaction's work; False once another process has begun."""
    is_own = WarningRun.day == day, WarningRun.started_at == started_at, WarningRun.finished_at.is_(None)
    renewed = update(WarningRun).where(*is_own).values(lease_until=lease_until).returning(WarningRun.day)
    return await session.scalar(renewed) is not None


async def keep_warnings(session: AsyncSession, found: Sequence[FoundWarning], seen_at: datetime) -> None:
    """Raises what is new and notes of the rest that it still holds.

    One that was gone, or has left the shadow, is raised anew; what staff decided stays.
    """
    rows = [
        {
            "id": str(uuid.uuid4()),
            "subject_kind": each.case.kind,
            "subject_id": each.case.id,
            "number": each.case.number,
            "conversation_id": each.case.conversation_id,
            "rule": each.rule,
            "facts": each.facts,
            "reason": each.reason,
            "is_shadow": each.is_shadow,
            "staff_id": each.case.staff_id,
            "raised_at": seen_at,
            "last_seen_at": seen_at,
            "note": "",
        }
        for each in found
    ]
    if not rows:
        return
    adding = insert_into(session, EarlyWarning)
    new = adding.excluded
    is_anew = EarlyWarning.gone_at.is_not(None) | (EarlyWarning.is_shadow & ~new.is_shadow)
    changes = {
        "is_shadow": new.is_shadow,
        "staff_id": new.staff_id,
        "raised_at": case((is_anew, new.raised_at), else_=EarlyWarning.raised_at),
        "last_seen_at": new.last_seen_at,
        "gone_at": None,
    }
    keys = ["subject_kind", "subject_id", "rule", "facts"]
    await session.execute(adding.on_conflict_do_update(index_elements=keys, set_=changes), rows)


async def mark_gone(
    session: AsyncSession, seen_at: datetime, kinds: Collection[CaseKind], *, unknown: Collection[str]
) -> None:
    """What a run over these kinds did not see holds no more, but for the rules of which it is unknown."""
    is_checked = EarlyWarning.subject_kind.in_(kinds)
    is_unseen = is_checked, EarlyWarning.gone_at.is_(None), EarlyWarning.last_seen_at < seen_at
    gone = update(EarlyWarning).where(*is_unseen, EarlyWarning.rule.not_in(unknown))
    await session.execute(gone.values(gone_at=seen_at))


async def finish_run(session: AsyncSession, day: date, now: datetime, **counts: int) -> None:
    """Ends the day's run."""
    await session.execute(update(WarningRun).where(WarningRun.day == day).values(finished_at=now, **counts))


async def count_raised(session: AsyncSession, since: datetime) -> list[NewWarnings]:
    """The live warnings raised since then that nobody has decided, by account manager and rule."""
    is_new = EarlyWarning.raised_at >= since, *_stands("open")
    query = select(EarlyWarning.staff_id, EarlyWarning.rule, func.count()).where(*is_new)
    rows = await session.execute(query.group_by(EarlyWarning.staff_id, EarlyWarning.rule))
    return [NewWarnings(*row) for row in rows]


async def list_warnings(
    session: AsyncSession, standing: Standing, staff_id: str | None, limit: int
) -> tuple[list[WarningView], int]:
    """The first live warnings, one account manager's or everybody's, and how many there are.

    The gravest first, then the newest; of those that are over the last one first.
    """
    wanted = [*_stands(standing)]
    if staff_id is not None:
        wanted.append(_is_of(staff_id))
    total = await session.scalar(select(func.count()).select_from(EarlyWarning).where(*wanted)) or 0
    grave = {code: tuple(SEVERITIES).index(rule.severity) for code, rule in load_rules().items()}
    last = func.coalesce(EarlyWarning.decided_at, EarlyWarning.gone_at).desc()
    order = (last,) if standing == "over" else (case(grave, value=EarlyWarning.rule), EarlyWarning.raised_at.desc())
    # What is encrypted is long, and need not be sorted.
    first = select(EarlyWarning.id).where(*wanted).order_by(*order, EarlyWarning.id).limit(limit)
    query = select(EarlyWarning, Application).outerjoin(Application, _IS_APPLICATION).where(EarlyWarning.id.in_(first))
    found = await session.execute(query.order_by(*order, EarlyWarning.id))
    return [_view(row, application) for row, application in found], total


async def take_warning(session: AsyncSession, warning_id: str) -> tuple[EarlyWarning, str | None]:
    """A live warning to be decided, locked, and whose it is now; RequestError 404."""
    row = await session.get(EarlyWarning, warning_id, with_for_update=True)
    if row is None or row.is_shadow:
        raise RequestError(404, "no_such_warning", "这条预警已经不在了，请刷新")
    application = await session.get(Application, row.subject_id) if row.subject_kind == "application" else None
    return row, _find_owner(row, application)


async def count_by_rule(session: AsyncSession, since: datetime) -> dict[str, RuleMetrics]:
    """What came of the warnings of each rule that held at some time since then."""
    is_live = ~EarlyWarning.is_shadow
    counts = {
        "raised": is_live,
        "open": and_(*_stands("open")),
        "confirmed": is_live & (EarlyWarning.outcome == "confirmed"),
        "false_alarms": is_live & (EarlyWarning.outcome == "false_alarm"),
        "watched": is_live & (EarlyWarning.outcome == "watched"),
        "shadow_raised": EarlyWarning.is_shadow,
        "shadow_open": EarlyWarning.is_shadow & EarlyWarning.gone_at.is_(None),
    }
    sums = [func.sum(case((is_one, 1), else_=0)).label(name) for name, is_one in counts.items()]
    query = select(EarlyWarning.rule, *sums).where(EarlyWarning.last_seen_at >= since).group_by(EarlyWarning.rule)
    return {row.rule: RuleMetrics(*row) for row in await session.execute(query)}


async def find_last_run(session: AsyncSession) -> datetime | None:
    """When the last run ended."""
    return await session.scalar(select(func.max(WarningRun.finished_at)))


async def forget_told(session: AsyncSession, conversation_ids: Collection[str]) -> None:
    """Deletes the warnings that repeat what these customers said: the next run finds those that still hold."""
    is_repeating = EarlyWarning.conversation_id.in_(conversation_ids), EarlyWarning.rule.in_(REPEATING)
    await session.execute(delete(EarlyWarning).where(*is_repeating))


def _stands(standing: Standing) -> Iterable[ColumnElement[bool]]:
    is_there = EarlyWarning.gone_at.is_(None)
    by_standing: dict[Standing, ColumnElement[bool]] = {
        "open": is_there & EarlyWarning.outcome.is_(None),
        "watched": is_there & (EarlyWarning.outcome == "watched"),
        "over": or_(~is_there, EarlyWarning.outcome.in_(("confirmed", "false_alarm"))),
    }
    return ~EarlyWarning.is_shadow, by_standing[standing]


def _is_of(staff_id: str) -> ColumnElement[bool]:
    """Whether it is an account manager's: of an application whose it is now, since a run may have seen another."""
    theirs = select(Application.id).where(Application.manager_id == staff_id)
    is_loan = EarlyWarning.subject_kind == "loan", EarlyWarning.staff_id == staff_id
    return or_(EarlyWarning.subject_id.in_(theirs), and_(*is_loan))


def _find_owner(row: EarlyWarning, application: Application | None) -> str | None:
    return application.manager_id if application else row.staff_id


def _view(row: EarlyWarning, application: Application | None) -> WarningView:
    names = ("id", "subject_kind", "number", "rule", "reason", "raised_at", "gone_at")
    decided = ("outcome", "note", "decided_by", "decided_at")
    return WarningView.model_validate(
        {
            **{name: getattr(row, name) for name in (*names, *decided)},
            "name": application.name if application else "",
            "product": application.product if application else "",
            "amount": application.amount if application else 0,
            "staff_id": _find_owner(row, application),
        }
    )
