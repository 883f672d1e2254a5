"""Reads the supervisor's figures from the shared record: what waits now, and what came of a period."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Row, Select, cast, exists, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute

from conversations.handoff import OPEN, WAITING
from conversations.tables import Conversation, Customer, Handoff, HandoffEvent, Message
from desk.tables import Staff
from desk.tally import Asked, DashboardFigures, NowFigures, find_day, list_days, tally
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database

DAY_SECONDS = 86_400
AnySelect = Select[*tuple[Any, ...]]
CHINA_SECONDS = CHINA.utcoffset(None) // timedelta(seconds=1)


class Figures:
    """Of a period, or of now. The queries run side by side: one may see a moment more than another."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, since: datetime, until: datetime, *, channel: str | None = None) -> DashboardFigures:
        """Of what was requested and said from `since` until before `until`, on one channel or (None) on all."""
        wrote = (Message.direction == "inbound", Message.kind != "event", Message.at >= since, Message.at < until)
        count = func.count(Message.conversation_id.distinct())
        day_start = _find_day_start(Message.at)
        now, asked, total, daily, staff = await asyncio.gather(
            self._read_now(channel),
            self._fetch(_narrow(_select_asked(since, until), Handoff.conversation_id, channel)),
            self._fetch(_narrow(select(count).where(*wrote), Message.conversation_id, channel)),
            self._fetch(
                _narrow(select(day_start, count).where(*wrote).group_by(day_start), Message.conversation_id, channel)
            ),
            self._fetch(select(Staff.id, Staff.name)),
        )
        return tally(
            now,
            [Asked(*row) for row in asked],
            total[0][0],
            {find_day(int(start) - CHINA_SECONDS): talks for start, talks in daily},
            list_days(since, until),
            {row[0]: row[1] for row in staff},
        )

    async def _read_now(self, channel: str | None) -> NowFigures:
        owned = Handoff.conversation_id
        states = (
            select(Handoff.state, func.count(), func.min(Handoff.requested_at))
            .where(Handoff.state.in_(OPEN))
            .group_by(Handoff.state)
        )
        late = select(func.count()).where(Handoff.state == "callback", Handoff.due_at < self._clock())
        rows, overdue = (
            await self._fetch(_narrow(states, owned, channel)),
            await self._fetch(_narrow(late, owned, channel)),
        )
        counts = {state: count for state, count, _ in rows}
        return NowFigures(
            waiting={state: counts[state] for state in sorted(WAITING) if state in counts},
            waiting_since=min((since for state, _, since in rows if state in WAITING), default=None),
            active=counts.get("active", 0),
            callbacks=counts.get("callback", 0),
            overdue=overdue[0][0],
        )

    async def _fetch(self, query: AnySelect) -> Sequence[Row[*tuple[Any, ...]]]:
        async with self._database.reading() as session:
            return (await session.execute(query)).all()


def _select_asked(since: datetime, until: datetime) -> AnySelect:
    """The columns of Asked."""
    was_closed = (
        HandoffEvent.handoff_id == Handoff.id,
        HandoffEvent.event == "request",
        HandoffEvent.state == "requested",
    )
    return (
        select(
            Handoff.conversation_id,
            _count_seconds(Handoff.requested_at),
            _count_seconds(Handoff.accepted_at),
            _count_seconds(Handoff.answered_at),
            _count_seconds(Handoff.ended_at),
            Handoff.callback_phone.is_not(None),
            exists().where(*was_closed),
            Handoff.state,
            Handoff.reason,
            Customer.channel,
            Handoff.region,
            Customer.source,
            Handoff.agent_id,
            Handoff.disposition,
            Handoff.rating,
        )
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(Handoff.requested_at >= since, Handoff.requested_at < until)
    )


def _narrow(query: AnySelect, conversation_id: InstrumentedAttribute[str], channel: str | None) -> AnySelect:
    """Only conversations on the channel, where one is given."""
    if channel is None:
        return query
    # Not IN: SQLite would then go through all the conversations and their messages, whatever their time.
    is_there = exists().where(
        Conversation.id == conversation_id, Customer.id == Conversation.customer_id, Customer.channel == channel
    )
    return query.where(is_there.correlate(Handoff, Message))


def _count_seconds(moment: InstrumentedAttribute[Any]) -> ColumnElement[float]:
    """Since 1970; SQLite gives whole ones."""
    return cast(extract("epoch", moment), Float)


def _find_day_start(moment: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Since 1970, as if China's clock were UTC: whole days."""
    there = extract("epoch", moment) + CHINA_SECONDS
    return there - there % DAY_SECONDS
