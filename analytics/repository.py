"""Queries on what was counted; days are those of China, first and last included."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from analytics.days import find_day
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.tables import CountedDay, EntryDay
from kit.upserts import insert_into
from knowledge.record import entry_revisions
from knowledge.schemas import EntryText

_TOTAL = tuple(QuestionMetrics.model_fields)
_ENTRY = tuple(EntryMetrics.model_fields)


async def claim_day(
    session: AsyncSession, day: date, now: datetime, pause: timedelta, stalled_after: timedelta
) -> bool:
    """Whether the day is this process's to count: nobody began within `pause`, or is at it and not stalled."""
    is_over = CountedDay.counted_at >= CountedDay.started_at
    claimed = (
        insert_into(session, CountedDay)
        .values(day=day, started_at=now)
        .on_conflict_do_update(
            index_elements=["day"],
            set_={"started_at": now},
            where=(is_over & (CountedDay.started_at <= now - pause)) | (CountedDay.started_at <= now - stalled_after),
        )
        .returning(CountedDay.day)
    )
    return await session.scalar(claimed) is not None


async def keep_day(
    session: AsyncSession, day: date, total: QuestionMetrics, entries: Mapping[str, EntryMetrics], counted_at: datetime
) -> None:
    """Keeps what was counted of a day in place of what was known of it; not if another process has begun since."""
    is_own = CountedDay.day == day, CountedDay.started_at == counted_at
    kept = await session.scalar(
        update(CountedDay).where(*is_own).values(counted_at=counted_at, **total.model_dump()).returning(CountedDay.day)
    )
    if kept is None:
        return
    await session.execute(delete(EntryDay).where(EntryDay.day == day))
    if rows := [{"entry_id": key, "day": day, **each.model_dump()} for key, each in sorted(entries.items())]:
        await session.execute(insert(EntryDay), rows)


async def list_counted(session: AsyncSession) -> dict[date, datetime | None]:
    """All days that were begun, and as of when each is counted."""
    rows = await session.execute(select(CountedDay.day, CountedDay.counted_at))
    return {row.day: row.counted_at for row in rows}


async def sum_questions(session: AsyncSession, first: date, last: date) -> QuestionMetrics:
    """What was asked in a period."""
    query = select(*_sum(CountedDay, _TOTAL)).where(_is_in(CountedDay.day, first, last))
    row = (await session.execute(query)).mappings().one()
    return QuestionMetrics.model_validate({name: row[name] or 0 for name in _TOTAL})


async def list_days(session: AsyncSession, first: date, last: date) -> dict[date, QuestionMetrics]:
    """What was asked on each day of a period that was counted."""
    rows = await session.scalars(select(CountedDay).where(_is_in(CountedDay.day, first, last)))
    return {row.day: QuestionMetrics.model_validate({name: getattr(row, name) for name in _TOTAL}) for row in rows}


async def sum_entries(session: AsyncSession, first: date, last: date) -> dict[str, EntryMetrics]:
    """What each entry answered in a period, of those that answered."""
    query = select(EntryDay.entry_id, *_sum(EntryDay, _ENTRY)).where(_is_in(EntryDay.day, first, last))
    rows = (await session.execute(query.group_by(EntryDay.entry_id))).mappings()
    return {row["entry_id"]: EntryMetrics.model_validate({name: row[name] for name in _ENTRY}) for row in rows}


async def list_never_hit(session: AsyncSession, since: date, now: datetime) -> set[str]:
    """The entries in force for customers that were published on a day or before it, and have answered nobody since.

    Empty if it was not counted since then: nobody knows what they answered.
    """
    first_counted = await session.scalar(select(func.min(CountedDay.day)).where(CountedDay.counted_at.is_not(None)))
    if first_counted is None or first_counted > since:
        return set()
    published = await entry_revisions.list_first_days(session)
    hit = set(await session.scalars(select(EntryDay.entry_id).distinct().where(EntryDay.day >= since)))
    effective = await entry_revisions.list_effective(session, find_day(now))
    entries = ((each.key, EntryText.model_validate(each.content)) for each in effective)
    return {
        key
        for key, entry in entries
        if key not in hit
        and published[key] <= since
        and not (entry.is_internal or entry.is_retired or entry.has_expired(now))
    }


def _sum(table: Any, names: Sequence[str]) -> list[ColumnElement[int]]:
    return [func.sum(getattr(table, name)).label(name) for name in names]


def _is_in(day: InstrumentedAttribute[date], first: date, last: date) -> ColumnElement[bool]:
    return day.between(first, last)
