"""Transitions of handoffs by staff and by the clock: one method each, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff import repository as handoffs
from conversations.handoff.states import WAITING, Event, next_state
from conversations.outgoing import say
from conversations.repository import find_message, view_message
from conversations.schemas import HandoffView, MessageView, Reply
from conversations.tables import Conversation, Handoff, InternalNote, Message
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.pubsub import Signal, publish

KEY_PREFIX = "desk:"  # no customer's message id has a colon on the web, and platforms' ids are numbers


class _Entered(NamedTuple):
    """A handoff that has just entered its new state, locked with its conversation; `agent_id` is its previous agent."""

    conversation: Conversation
    handoff: Handoff
    event: Event
    agent_id: str | None


class Handoffs:
    """Changes handoffs. Raises RequestError 409 when somebody else was faster, and 404 for an unknown handoff.

    `by` is the staff member who acts (None: the clock). `only_of` refuses (409) when the handoff is no longer that
    agent's, or nobody's (""). `replies` are sent to the customer with it, in the acting agent's name or 小禾's.
    """

    def __init__(self, clock: Clock = read_clock) -> None:
        self._clock = clock

    async def enqueue(self, session: AsyncSession, handoff_id: str) -> HandoffView:
        """The office opened: a request made out of hours enters the queue."""
        return await self._finish(session, await self._enter(session, handoff_id, "enqueue"))

    async def defer(
        self, session: AsyncSession, handoff_id: str, due_at: datetime, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """The office closed before anybody was free: it waits for the next working day, with a promise."""
        entered = await self._enter(session, handoff_id, "defer")
        entered.handoff.due_at = due_at
        return await self._finish(session, entered, replies=replies, is_told_to_wait=True)

    async def assign(
        self,
        session: AsyncSession,
        handoff_id: str,
        agent_id: str,
        *,
        by: str | None = None,
        note: str = "",
        capacity: int | None = None,
        only_of: str | None = None,
    ) -> HandoffView:
        """Assigns it to an agent, who has to accept; 409 when they already have `capacity` talks.

        `note` is a supervisor's message to the agent, or the dispatcher's reason for choosing them.
        """
        entered = await self._enter(session, handoff_id, "assign", only_of)
        if capacity is not None:
            await _require_room(session, agent_id, capacity)
        entered.handoff.agent_id, entered.handoff.assigned_at = agent_id, self._clock()
        return await self._finish(session, entered, by, note=note)

    async def accept(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """The assigned agent begins the talk."""
        entered = await self._enter(session, handoff_id, "accept", agent_id)
        return await self._begin(session, entered, agent_id, replies)

    async def decline(
        self,
        session: AsyncSession,
        handoff_id: str,
        *,
        by: str | None = None,
        only_of: str | None = None,
        note: str = "",
    ) -> HandoffView:
        """The assigned agent declined, or did not accept in time."""
        entered = await self._enter(session, handoff_id, "decline", only_of)
        entered.handoff.agent_id = None
        return await self._finish(session, entered, by, note=note)

    async def take(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """An agent picks one from the queue."""
        return await self._begin(session, await self._enter(session, handoff_id, "take"), agent_id, replies)

    async def take_over(
        self, session: AsyncSession, handoff_id: str, staff_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """A supervisor takes it from another agent."""
        return await self._begin(session, await self._enter(session, handoff_id, "take_over"), staff_id, replies)

    async def transfer(
        self,
        session: AsyncSession,
        handoff_id: str,
        agent_id: str,
        *,
        by: str,
        only_of: str | None = None,
        note: str = "",
        replies: Sequence[Reply] = (),
    ) -> HandoffView:
        """An agent passes their talk to a colleague, with a message for them."""
        entered = await self._enter(session, handoff_id, "transfer", only_of)
        entered.handoff.agent_id, entered.handoff.assigned_at = agent_id, self._clock()
        return await self._finish(session, entered, by, note=note, replies=replies, is_told_to_wait=True)

    async def requeue(
        self,
        session: AsyncSession,
        handoff_id: str,
        *,
        by: str | None = None,
        only_of: str | None = None,
        note: str = "",
        replies: Sequence[Reply] = (),
    ) -> HandoffView:
        """Back into the queue at its old position."""
        entered = await self._enter(session, handoff_id, "requeue", only_of)
        entered.handoff.agent_id = None
        return await self._finish(session, entered, by, note=note, replies=replies, is_told_to_wait=bool(replies))

    async def return_to_bot(
        self,
        session: AsyncSession,
        handoff_id: str,
        *,
        by: str | None = None,
        only_of: str | None = None,
        replies: Sequence[Reply] = (),
    ) -> HandoffView:
        """Ends it: the bot answers again."""
        entered = await self._enter(session, handoff_id, "return", only_of)
        entered.handoff.ended_at = self._clock()
        return await self._finish(session, entered, by, replies=replies)

    async def book_callback(
        self,
        session: AsyncSession,
        handoff_id: str,
        phone: str,
        due_at: datetime,
        *,
        by: str | None = None,
        only_of: str | None = None,
        replies: Sequence[Reply] = (),
    ) -> HandoffView:
        """Books a callback instead, due by `due_at`."""
        entered = await self._enter(session, handoff_id, "book_callback", only_of)
        handoffs.book_callback(entered.handoff, phone, due_at, self._clock())
        return await self._finish(session, entered, by, replies=replies)

    async def claim_callback(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, only_of: str | None = None
    ) -> HandoffView:
        """An agent takes over a callback."""
        entered = await self._enter(session, handoff_id, "claim", only_of)
        entered.handoff.agent_id = agent_id
        return await self._finish(session, entered, agent_id)

    async def close(
        self,
        session: AsyncSession,
        handoff_id: str,
        *,
        disposition: str,
        summary: str,
        by: str | None = None,
        only_of: str | None = None,
        replies: Sequence[Reply] = (),
    ) -> HandoffView:
        """Ends it with a disposition."""
        entered = await self._enter(session, handoff_id, "close", only_of)
        handoff = entered.handoff
        handoff.disposition, handoff.summary, handoff.ended_at = disposition, summary, self._clock()
        return await self._finish(session, entered, by, replies=replies)

    async def say(
        self, session: AsyncSession, handoff_id: str, staff_id: str, words: str, key: str, *, only_of: str | None = None
    ) -> MessageView:
        """Sends an agent's message; the same key sends it once. 409 once the talk is over."""
        conversation, handoff = await _lock(session, handoff_id)
        said = await find_message(session, conversation.id, Message.channel_message_id == KEY_PREFIX + key)
        if said:
            return view_message(said)
        if handoff.state != "active" or (only_of is not None and handoff.agent_id != only_of):
            raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了，这句话没有发出")
        now = self._clock()
        handoff.answered_at = handoff.answered_at or now
        reply = Reply(author="agent", text=words)
        spoken = await say(session, conversation, [reply], now, staff_id=staff_id, key=KEY_PREFIX + key)
        return spoken.messages[0]

    async def reassure(self, session: AsyncSession, seen: HandoffView, replies: Sequence[Reply]) -> None:
        """Reassures a waiting customer, unless the wait is over or another process did since it was `seen`."""
        conversation, handoff = await _lock(session, seen.id)
        if handoff.state in WAITING and handoff.told_to_wait_at == seen.told_to_wait_at:
            handoff.told_to_wait_at = self._clock()
            await say(session, conversation, replies, self._clock())

    async def mark_routed(
        self,
        session: AsyncSession,
        handoff_id: str,
        *,
        name: str | None = None,
        product: str | None = None,
        region: str | None = None,
    ) -> None:
        """Marks that the account manager was looked up, and fills in what the handoff itself does not say."""
        known = {
            "name": func.coalesce(Handoff.name, name),
            "product": func.coalesce(Handoff.product, product),
            "region": func.coalesce(Handoff.region, region),
        }
        await session.execute(update(Handoff).where(Handoff.id == handoff_id).values(is_routed=True, **known))

    async def mark_reminded(self, session: AsyncSession, handoff_id: str) -> None:
        """Marks that staff were reminded of the promised call."""
        await session.execute(update(Handoff).where(Handoff.id == handoff_id).values(reminded_at=self._clock()))

    async def add_note(self, session: AsyncSession, conversation_id: str, staff_id: str, words: str) -> None:
        """Adds an internal note."""
        session.add(InternalNote(conversation_id=conversation_id, staff_id=staff_id, text=words, at=self._clock()))
        await publish(session, Signal(conversation_id, "note", staff_id))

    async def _enter(
        self, session: AsyncSession, handoff_id: str, event: Event, only_of: str | None = None
    ) -> _Entered:
        conversation, handoff = await _lock(session, handoff_id)
        if only_of is not None and (handoff.agent_id or "") != only_of:
            reason = "这个会话已经不在您这里了" if only_of else "晚了一步：这个会话已经有同事负责了"
            raise RequestError(409, "handoff_moved_on", reason)
        handoff.state = next_state(handoff.state, event)
        return _Entered(conversation, handoff, event, handoff.agent_id)

    async def _begin(
        self, session: AsyncSession, entered: _Entered, staff_id: str, replies: Sequence[Reply]
    ) -> HandoffView:
        entered.handoff.agent_id = staff_id
        entered.handoff.accepted_at = entered.handoff.accepted_at or self._clock()
        return await self._finish(session, entered, staff_id, replies=replies)

    async def _finish(
        self,
        session: AsyncSession,
        entered: _Entered,
        by: str | None = None,
        *,
        note: str = "",
        replies: Sequence[Reply] = (),
        is_told_to_wait: bool = False,
    ) -> HandoffView:
        now = self._clock()
        conversation, handoff, event, previous_agent_id = entered
        if is_told_to_wait:
            handoff.told_to_wait_at = now
        agent_id = handoff.agent_id or previous_agent_id
        await handoffs.record_event(
            session, conversation, handoff, event, now, staff_id=by, agent_id=agent_id, note=note
        )
        if replies:
            await say(session, conversation, replies, now, staff_id=by)
        return handoffs.view_handoff(handoff, conversation)


async def _lock(session: AsyncSession, handoff_id: str) -> tuple[Conversation, Handoff]:
    locked = await handoffs.lock_handoff(session, handoff_id)
    if locked is None:
        raise RequestError(404, "unknown_handoff", "没有这个会话")
    return locked


async def _require_room(session: AsyncSession, agent_id: str, capacity: int) -> None:
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:agent))"), {"agent": agent_id})
    load = await handoffs.count_load(session, [agent_id])
    if load.get(agent_id, 0) >= capacity:
        raise RequestError(409, "agent_full", "这位同事已经满员")
