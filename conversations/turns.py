"""Reads turns: what customers said, what was chosen, what was replied."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations import repository
from conversations.schemas import MessageView, find_entry_id
from conversations.tables import Handoff, Message
from conversations.turn_view import GivenAnswer, TurnView
from kit.database import Database


class Turns:
    """Reads turns from the database directly; writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_since(self, since: datetime) -> list[list[TurnView]]:
        """The turns of each conversation since a moment, oldest first."""
        return await self._list(Message.at >= since)

    async def list_of(self, conversation_ids: Collection[str], since: datetime | None = None) -> list[list[TurnView]]:
        """The turns of some conversations that are kept, or those since a moment, oldest first."""
        is_late = [Message.at >= since] if since else []
        return await self._list(Message.conversation_id.in_(conversation_ids), *is_late)

    async def list_active(self, since: datetime) -> list[str]:
        """The conversations in which the customer wrote, or gave a thumb, since a moment."""
        is_written = (Message.direction == "inbound") & (Message.at >= since)
        query = select(Message.conversation_id).distinct().where(is_written | (Message.thumbed_at >= since))
        return [conversation_id for (conversation_id,) in await self._database.fetch(query)]

    async def list_between(
        self, conversation_ids: Collection[str], since: datetime, until: datetime
    ) -> list[list[TurnView]]:
        """The turns of some conversations from one moment until before another, oldest first."""
        return await self._list(Message.conversation_id.in_(conversation_ids), *_is_between(since, until))

    async def list_writers(self, since: datetime, until: datetime) -> list[str]:
        """The conversations with a turn from one moment until before another."""
        query = select(Message.conversation_id).distinct().where(*_is_between(since, until))
        return [conversation_id for (conversation_id,) in await self._database.fetch(query)]

    async def find_first(self) -> datetime | None:
        """The moment of the first turn that is kept."""
        ((first,),) = await self._database.fetch(select(func.min(Message.at)))
        return first

    async def list_answers(self, conversation_ids: Collection[str], since: datetime) -> dict[int, list[GivenAnswer]]:
        """What the knowledge has answered in some conversations since a moment, by the turn that it answered."""
        query = select(Message.answers_id, Message.entry, Message.thumb).where(
            Message.conversation_id.in_(conversation_ids),
            Message.at >= since,
            Message.entry.is_not(None),
            Message.answers_id.is_not(None),
        )
        answers: dict[int, list[GivenAnswer]] = {}
        for turn_id, entry, thumb in await self._database.fetch(query.order_by(Message.id)):
            given = GivenAnswer(entry_id=find_entry_id(entry or ""), thumb=thumb)
            answers.setdefault(turn_id or 0, []).append(given)
        return answers

    async def list_thumbed(self, since: datetime) -> list[tuple[datetime, datetime]]:
        """When each answer with a thumb since a moment was given, and when its thumb."""
        query = select(Message.at, Message.thumbed_at).where(Message.thumbed_at >= since)
        return [(at, thumbed_at) for at, thumbed_at in await self._database.fetch(query) if thumbed_at]

    async def _list(self, *conditions: ColumnElement[bool]) -> list[list[TurnView]]:
        led_to = and_(
            Handoff.conversation_id == Message.conversation_id,
            Handoff.requested_at == Message.answered_at,  # both are recorded in one transaction
        )
        reply = aliased(Message)
        replies = select(reply).where(reply.answers_id == Message.id).correlate(Message)
        query = (
            select(
                Message.id,
                Message.conversation_id,
                Message.at,
                Message.kind,
                Message.text,
                Message.payload.is_not(None).label("is_pressed"),
                Message.is_understood,
                Message.answered_at.is_not(None).label("is_answered"),
                Message.choice,
                Handoff.reason.label("handoff"),
                # Of several answers the one that did not help counts.
                replies.with_only_columns(func.min(reply.thumb)).scalar_subquery().label("thumb"),
                replies.where(reply.missing.is_not(None))
                .with_only_columns(reply.missing)
                .limit(1)
                .scalar_subquery()
                .label("missing"),
            )
            .outerjoin(Handoff, led_to)
            .where(Message.direction == "inbound", *conditions)
            .order_by(Message.conversation_id, Message.id)
        )
        turns = [TurnView.model_validate(row) for row in await self._database.fetch(query)]
        return [list(own) for _, own in groupby(turns, key=lambda turn: turn.conversation_id)]

    async def read_replies(self, turn_ids: Collection[int]) -> dict[int, list[MessageView]]:
        """The replies of each of these turns, in order; [] for silence."""
        query = select(Message).where(Message.answers_id.in_(turn_ids)).order_by(Message.id)
        replies: dict[int, list[MessageView]] = {turn_id: [] for turn_id in turn_ids}
        async with self._database.reading() as session:
            messages = (await session.scalars(query)).all()
            views = await repository.view_messages(session, messages)
        for message, view in zip(messages, views, strict=True):
            replies[message.answers_id or 0].append(view)
        return replies


def _is_between(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return Message.direction == "inbound", Message.at >= since, Message.at < until


async def keep_existing(session: AsyncSession, turn_ids: Collection[int]) -> set[int]:
    """Those turns that are still there, which nobody erases before the transaction ends."""
    query = select(Message.id).where(Message.id.in_(turn_ids)).with_for_update(read=True)
    return set(await session.scalars(query))
