"""Queries for metrics and export over a period, on one channel or all: handoffs and active customers."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, cast, exists, extract, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from conversations.handoff.facts import HandoffFacts
from conversations.handoff.repository import list_handoffs
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import OPEN
from conversations.schemas import State
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
        is_open = Handoff.state.in_(OPEN), *_is_on(channel, Handoff.conversation_id)
        query = select(Handoff.state, func.count(), func.min(Handoff.requested_at)).where(*is_open)
        rows = await self._database.fetch(query.group_by(Handoff.state))
        return [(state, count, since) for state, count, since in rows]

    async def count_overdue(self, now: datetime, channel: str | None) -> int:
        """How many promised calls are overdue."""
        is_late = Handoff.state == "callback", Handoff.due_at < now
        return await self._count(func.count(), *is_late, *_is_on(channel, Handoff.conversation_id))

    async def list_facts(self, since: datetime, until: datetime, channel: str | None) -> list[HandoffFacts]:
        """The facts of each handoff for the metrics."""
        rows = await self._database.fetch(_select_facts().where(*_is_requested(since, until, channel)))
        return [HandoffFacts(*row) for row in rows]

    async def count_writers(self, since: datetime, until: datetime, channel: str | None) -> int:
        """How many conversations had a customer's message."""
        return await self._count(_COUNT_WRITERS, *_is_written(since, until, channel))

    async def count_daily_writers(
        self, since: datetime, until: datetime, channel: str | None
    ) -> list[tuple[float, int]]:
        """The same for each day in China, keyed by the day's first second since 1970."""
        there = extract("epoch", Message.at) + CHINA_SECONDS
        day_start = there - there % DAY_SECONDS
        query = select(day_start, _COUNT_WRITERS).where(*_is_written(since, until, channel)).group_by(day_start)
        return [(float(start) - CHINA_SECONDS, count) for start, count in await self._database.fetch(query)]

    async def count_handoffs(self, since: datetime, until: datetime, channel: str | None) -> int:
        """How many were requested."""
        return await self._count(func.count(), *_is_requested(since, until, channel))

    async def list_page(
        self, since: datetime, until: datetime, channel: str | None, after: HandoffView | None, limit: int
    ) -> list[HandoffView]:
        """The next handoffs after one, in the order of their requests."""
        conditions = _is_requested(since, until, channel)
        if after:
            conditions.append(tuple_(Handoff.requested_at, Handoff.id) > tuple_(after.requested_at, after.id))
        async with self._database.reading() as session:
            return await list_handoffs(session, *conditions, limit=limit)

    async def _count(self, what: ColumnElement[int], *conditions: ColumnElement[bool]) -> int:
        return (await self._database.fetch(select(what).where(*conditions)))[0][0]


_COUNT_WRITERS = func.count(Message.conversation_id.distinct())


def _is_written(since: datetime, until: datetime, channel: str | None) -> list[ColumnElement[bool]]:
    is_written = Message.direction == "inbound", Message.kind != "event", Message.at >= since, Message.at < until
    return [*is_written, *_is_on(channel, Message.conversation_id)]


def _is_requested(since: datetime, until: datetime, channel: str | None) -> list[ColumnElement[bool]]:
    is_requested = Handoff.requested_at >= since, Handoff.requested_at < until
    return [*is_requested, *_is_on(channel, Handoff.conversation_id)]


def _is_on(channel: str | None, conversation_id: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    if channel is None:
        return []
    # IN would make SQLite scan all conversations and their messages, whatever their time.
    conversation, customer = aliased(Conversation), aliased(Customer)
    is_theirs = conversation.id == conversation_id, customer.id == conversation.customer_id
    return [exists().where(*is_theirs, customer.channel == channel)]


def _select_facts() -> AnySelect:
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
    )


def _count_seconds(moment: InstrumentedAttribute[Any]) -> ColumnElement[float]:
    """Since 1970; SQLite gives whole ones."""
    return cast(extract("epoch", moment), Float)
