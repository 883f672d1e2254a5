"""Queries for metrics and export over a period, on one channel or all: handoffs and active customers."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, cast, exists, extract, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from conversations.handoff.facts import HandoffFacts
from conversations.handoff.repository import list_handoffs
from conversations.handoff.states import OPEN
from conversations.schemas import HandoffView, State
from conversations.tables import Conversation, Customer, Handoff, HandoffEvent, Message
from kit.clock import CHINA
from kit.database import Database

DAY_SECONDS = 86_400
AnySelect = Select[*tuple[Any, ...]]
CHINA_SECONDS = CHINA.utcoffset(None) // timedelta(seconds=1)


class HandoffStatistics:
    """`channel` None: all. A period is from `since` until before `until`, by the time of the request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_open(self, channel: str | None) -> list[tuple[State, int, datetime]]:
        """Open handoffs by state: how many, and since when the longest waits."""
        counts = (
            select(Handoff.state, func.count(), func.min(Handoff.requested_at))
            .where(Handoff.state.in_(OPEN))
            .group_by(Handoff.state)
        )
        rows = await self._database.fetch(_narrow(counts, Handoff.conversation_id, channel))
        return [(state, count, since) for state, count, since in rows]

    async def count_overdue(self, now: datetime, channel: str | None) -> int:
        """How many promised calls are overdue."""
        late = select(func.count()).where(Handoff.state == "callback", Handoff.due_at < now)
        return int((await self._database.fetch(_narrow(late, Handoff.conversation_id, channel)))[0][0])

    async def list_facts(self, since: datetime, until: datetime, channel: str | None) -> list[HandoffFacts]:
        """The facts of each handoff for the metrics."""
        rows = await self._database.fetch(_narrow(_select_facts(since, until), Handoff.conversation_id, channel))
        return [HandoffFacts(*row) for row in rows]

    async def count_writers(self, since: datetime, until: datetime, channel: str | None) -> int:
        """How many conversations had a customer's message."""
        query = select(_COUNT_WRITERS).where(*_is_written(since, until))
        return int((await self._database.fetch(_narrow(query, Message.conversation_id, channel)))[0][0])

    async def count_daily_writers(
        self, since: datetime, until: datetime, channel: str | None
    ) -> list[tuple[float, int]]:
        """The same for each day in China, keyed by the day's first second since 1970."""
        there = extract("epoch", Message.at) + CHINA_SECONDS
        day_start = there - there % DAY_SECONDS
        query = select(day_start, _COUNT_WRITERS).where(*_is_written(since, until)).group_by(day_start)
        rows = await self._database.fetch(_narrow(query, Message.conversation_id, channel))
        return [(float(start) - CHINA_SECONDS, count) for start, count in rows]

    async def count_handoffs(self, since: datetime, until: datetime, channel: str | None) -> int:
        """How many were requested."""
        query = select(func.count()).select_from(Handoff).join(Conversation).join(Customer)
        return int((await self._database.fetch(query.where(*_is_requested(since, until, channel))))[0][0])

    async def list_page(
        self, since: datetime, until: datetime, channel: str | None, after: HandoffView | None, limit: int
    ) -> list[HandoffView]:
        """The next handoffs after one, in the order of their requests."""
        conditions = _is_requested(since, until, channel)
        if after:
            conditions.append(tuple_(Handoff.requested_at, Handoff.id) > tuple_(after.requested_at, after.id))
        if channel:
            conditions.append(Conversation.customer_id == Customer.id)
        async with self._database.reading() as session:
            return await list_handoffs(session, *conditions, limit=limit)


_COUNT_WRITERS = func.count(Message.conversation_id.distinct())


def _is_written(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    return [Message.direction == "inbound", Message.kind != "event", Message.at >= since, Message.at < until]


def _is_requested(since: datetime, until: datetime, channel: str | None) -> list[ColumnElement[bool]]:
    conditions = [Handoff.requested_at >= since, Handoff.requested_at < until]
    return [*conditions, Customer.channel == channel] if channel else conditions


def _select_facts(since: datetime, until: datetime) -> AnySelect:
    """The columns of HandoffFacts."""
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
            Handoff.callback_booked_at.is_not(None),
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
    """Limits a query to one channel, if given."""
    if channel is None:
        return query
    # IN would make SQLite scan all conversations and their messages, whatever their time.
    is_there = exists().where(
        Conversation.id == conversation_id, Customer.id == Conversation.customer_id, Customer.channel == channel
    )
    return query.where(is_there.correlate(Handoff, Message))


def _count_seconds(moment: InstrumentedAttribute[Any]) -> ColumnElement[float]:
    """Since 1970; SQLite gives whole ones."""
    return cast(extract("epoch", moment), Float)
