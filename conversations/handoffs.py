"""What staff do with handoffs: take, offer, talk, give back, end. One method, one transaction, one step at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import handoff_repository, repository
from conversations.customer_steps import change_state
from conversations.handoff import OPEN, WAITING, Event, step
from conversations.outgoing import say
from conversations.schemas import (
    HandoffEventView,
    HandoffStory,
    HandoffView,
    MessageView,
    NoteView,
    Outlook,
    Reply,
)
from conversations.tables import Conversation, Handoff, HandoffEvent, InternalNote, Message
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.news import Signal, publish

LAST_AGENT_TIME = timedelta(days=1)
DECLINED_TIME = timedelta(minutes=5)
KEY_PREFIX = "desk:"  # no customer's message id has a colon on the web, and platforms' ids are numbers
ENDED: frozenset[Event] = frozenset({"close", "return"})
Found = TypeVar("Found")


class Handoffs:
    """Works on the database directly: every process of ours may hold one.

    Every step raises RequestError 409 when somebody else was faster, and 404 for an unknown handoff.
    """

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def move(
        self,
        handoff_id: str,
        event: Event,
        *,
        staff_id: str | None = None,
        agent_id: str | None = None,
        only_of: str | None = None,
        capacity: int | None = None,
        note: str = "",
        replies: Sequence[Reply] = (),
        **changes: Any,
    ) -> HandoffView:
        """Takes one step, and says something to the customer with it (in the acting agent's name, or 小禾's).

        `staff_id` acts (None: a clock); `agent_id` is who it is assigned or transferred to; `only_of` refuses (409)
        when it is no longer that agent's, or nobody's (""); `capacity` refuses to assign to an agent who already has
        so many. Other `changes` are columns: disposition, summary, due_at, callback_phone.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            conversation, handoff = await self._lock(session, handoff_id)
            if only_of is not None and (handoff.agent_id or "") != only_of:
                reason = "这个会话已经不在您这里了" if only_of else "晚了一步：这个会话已经有同事负责了"
                raise RequestError(409, "handoff_moved_on", reason)
            if agent_id and capacity is not None:
                await _require_room(session, agent_id, capacity)
            handoff.state = step(handoff.state, event)
            concerned = handoff.agent_id
            match event:
                case "assign" | "transfer":
                    handoff.agent_id, handoff.assigned_at = agent_id, now
                case "accept" | "take" | "take_over" | "claim":
                    handoff.agent_id = staff_id
                    if event != "claim":
                        handoff.accepted_at = handoff.accepted_at or now
                case "decline" | "requeue":
                    handoff.agent_id = None
            if event in ENDED:
                handoff.ended_at = now
            for name, value in changes.items():
                setattr(handoff, name, value)
            await change_state(
                session,
                conversation,
                handoff,
                event,
                now,
                staff_id=staff_id,
                agent_id=handoff.agent_id or concerned,
                note=note,
            )
            if replies:
                await say(session, conversation, replies, now, staff_id=staff_id)
            return handoff_repository.view_handoff(handoff, conversation)

    async def say(
        self, handoff_id: str, staff_id: str, words: str, key: str, *, only_of: str | None = None
    ) -> MessageView:
        """An agent's words to the customer; the same key again says them once. 409 once the talk is over."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation, handoff = await self._lock(session, handoff_id)
            is_this = Message.channel_message_id == KEY_PREFIX + key
            said = await repository.find_message(session, conversation.id, is_this)
            if said:
                return repository.view_message(said)
            if handoff.state != "active" or (only_of is not None and handoff.agent_id != only_of):
                raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了，这句话没有发出")
            handoff.answered_at = handoff.answered_at or now
            reply = Reply(sender="agent", text=words)
            messages = await say(session, conversation, [reply], now, staff_id=staff_id, key=KEY_PREFIX + key)
            return messages[0]

    async def tell(self, seen: HandoffView, replies: Sequence[Reply]) -> None:
        """小禾 says something to a customer who waits, unless that is over or they were told since it was `seen`."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation, handoff = await self._lock(session, seen.id)
            if handoff.state not in WAITING or handoff.told_to_wait_at != seen.told_to_wait_at:
                return
            handoff.told_to_wait_at = now
            await say(session, conversation, replies, now)

    async def add_note(self, conversation_id: str, staff_id: str, words: str) -> None:
        """An internal note."""
        async with self._database.transaction() as session:
            note = InternalNote(conversation_id=conversation_id, staff_id=staff_id, text=words, at=self._clock())
            session.add(note)
            await publish(session, Signal(conversation_id, "note", staff_id))

    async def get(self, handoff_id: str) -> HandoffView:
        """One handoff; RequestError 404."""
        async with self._database.reading() as session:
            handoff = _require(await session.get(Handoff, handoff_id))
            conversation = await session.get_one(Conversation, handoff.conversation_id)
            return handoff_repository.view_handoff(handoff, conversation)

    async def read_story(self, handoff_id: str) -> HandoffStory:
        """What was handed over with it; RequestError 404."""
        async with self._database.reading() as session:
            handoff = _require(await session.get(Handoff, handoff_id))
            failed = await handoff_repository.list_failed_questions(session, handoff.conversation_id)
            return HandoffStory(slots=handoff.slots, failed_questions=list(failed))

    async def list_open(self, limit: int = 2000) -> list[HandoffView]:
        """All that wait, go on or are to be called back, longest waiting first."""
        return await self._list(Handoff.state.in_(OPEN), limit=limit)

    async def list_of_conversation(self, conversation_id: str, limit: int = 50) -> list[HandoffView]:
        """A conversation's handoffs, the oldest first."""
        return await self._list(Handoff.conversation_id == conversation_id, limit=limit)

    async def find_live(self, conversation_id: str) -> HandoffView | None:
        """The handoff that decides who answers a conversation now."""
        async with self._database.reading() as session:
            handoff = await handoff_repository.find_live(session, conversation_id)
            if handoff is None:
                return None
            conversation = await session.get_one(Conversation, conversation_id)
            return handoff_repository.view_handoff(handoff, conversation)

    async def find_callback(self, conversation_id: str) -> HandoffView | None:
        """The call that was promised last and is still to be made."""
        is_promised = Handoff.conversation_id == conversation_id, Handoff.state == "callback"
        return next(iter((await self._list(*is_promised, limit=10))[::-1]), None)

    async def list_of_agent(self, staff_id: str) -> list[HandoffView]:
        """What an agent is offered or talks about."""
        return await self._list(Handoff.agent_id == staff_id, Handoff.state.in_(("assigned", "active")), limit=100)

    async def read_outlook(self, before: datetime | None = None) -> Outlook:
        """How somebody stands who asked at a moment (None: now)."""
        now = self._clock()
        async with self._database.reading() as session:
            return await handoff_repository.read_outlook(session, before or now, now)

    async def count_load(self) -> dict[str, int]:
        """How many talks each agent has or is offered."""
        async with self._database.reading() as session:
            return await handoff_repository.count_load(session)

    async def list_last_agents(self, conversation_ids: Sequence[str]) -> dict[str, str]:
        """Who talked last with each of the customers, within a day."""
        query = (
            select(Handoff.conversation_id, Handoff.agent_id)
            .where(
                Handoff.conversation_id.in_(conversation_ids),
                Handoff.ended_at > self._clock() - LAST_AGENT_TIME,
                Handoff.accepted_at.is_not(None),
                Handoff.agent_id.is_not(None),
            )
            .order_by(Handoff.ended_at)
        )
        async with self._database.reading() as session:
            return {conversation: str(agent) for conversation, agent in (await session.execute(query)).all()}

    async def list_declined(self, handoff_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Who had each handoff offered and said no, a few minutes ago at most."""
        query = select(HandoffEvent.handoff_id, HandoffEvent.agent_id).where(
            HandoffEvent.handoff_id.in_(handoff_ids),
            HandoffEvent.event == "decline",
            HandoffEvent.staff_id == HandoffEvent.agent_id,
            HandoffEvent.at > self._clock() - DECLINED_TIME,
        )
        declined: dict[str, frozenset[str]] = {}
        async with self._database.reading() as session:
            for handoff_id, agent_id in (await session.execute(query)).all():
                declined[handoff_id] = declined.get(handoff_id, frozenset()) | {str(agent_id)}
        return declined

    async def list_events(self, handoff_id: str) -> list[HandoffEventView]:
        """A handoff's steps, the first one first."""
        query = select(HandoffEvent).where(HandoffEvent.handoff_id == handoff_id).order_by(HandoffEvent.id)
        async with self._database.reading() as session:
            return [
                HandoffEventView.model_validate({n: getattr(row, n) for n in HandoffEventView.model_fields})
                for row in await session.scalars(query)
            ]

    async def list_notes(self, conversation_id: str) -> list[NoteView]:
        """A conversation's internal notes, the oldest first."""
        query = select(InternalNote).where(InternalNote.conversation_id == conversation_id).order_by(InternalNote.id)
        async with self._database.reading() as session:
            rows = await session.scalars(query)
            return [NoteView(staff_id=row.staff_id, text=row.text, at=row.at) for row in rows]

    async def _list(self, *conditions: ColumnElement[bool], limit: int) -> list[HandoffView]:
        async with self._database.reading() as session:
            return await handoff_repository.list_handoffs(session, *conditions, limit=limit)

    async def _lock(self, session: AsyncSession, handoff_id: str) -> tuple[Conversation, Handoff]:
        return _require(await handoff_repository.lock_handoff(session, handoff_id))


def _require(found: Found | None) -> Found:
    if found is None:
        raise RequestError(404, "unknown_handoff", "没有这个会话")
    return found


async def _require_room(session: AsyncSession, agent_id: str, capacity: int) -> None:
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:agent))"), {"agent": agent_id})
    load = await handoff_repository.count_load(session, [agent_id])
    if load.get(agent_id, 0) >= capacity:
        raise RequestError(409, "agent_full", "这位同事已经满员")
