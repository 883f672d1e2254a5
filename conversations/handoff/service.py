"""Transitions of handoffs by staff and by the clock: one method each, inside the caller's transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff import repository as handoffs
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import HELD, LIVE, WAITING, Event
from conversations.outgoing import say
from conversations.repository import view_message
from conversations.schemas import STAFF_KEY, MessageView, Reply
from conversations.tables import Handoff, InternalNote, Message
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.pubsub import Signal, publish

LIST_MAX = 10_000
KEPT = frozenset({*HELD, "callback"})


# What a handoff that is gone on with takes from the one that is over.
_CARRIED = [
    "conversation_id",
    "reason",
    "topic",
    "slots",
    "name",
    "search_keys",
    "product",
    "region",
    "is_routed",
    "labels",
]


class _Options(TypedDict, total=False):
    """What a transition may come with.

    `by` is the staff member who acts (None: the clock). `only_of` refuses (409) when the handoff is no longer that
    agent's, or nobody's (""). `replies` are sent to the customer, in the name of the one who acts or 小禾's.
    """

    by: str | None
    only_of: str | None
    note: str
    replies: Sequence[Reply]


class Handoffs:
    """Changes handoffs. Raises RequestError 409 when somebody else was faster, and 404 for an unknown handoff."""

    def __init__(self, clock: Clock = read_clock) -> None:
        self._clock = clock

    async def list_held(self, session: AsyncSession, agent_id: str) -> list[HandoffView]:
        """An agent's talks, those offered included, and the callbacks they are to make."""
        is_theirs = Handoff.agent_id == agent_id, Handoff.state.in_(KEPT)
        return await handoffs.list_handoffs(session, *is_theirs, limit=LIST_MAX)

    async def lock_held(self, session: AsyncSession, agent_id: str) -> list[HandoffView]:
        """As `list_held`, locked until the transaction ends; without those that moved on before they were locked."""
        held = []
        for seen in await self.list_held(session, agent_id):
            conversation, handoff = await handoffs.lock_handoff(session, seen.id)
            if handoff.agent_id == agent_id and handoff.state in KEPT:
                held.append(handoffs.view_handoff(handoff, conversation))
        return held

    async def enqueue(self, session: AsyncSession, handoff_id: str) -> HandoffView:
        """The office opened: a request made out of hours enters the queue."""
        return await self._move(session, handoff_id, "enqueue")

    async def defer(
        self, session: AsyncSession, handoff_id: str, due_at: datetime, **options: Unpack[_Options]
    ) -> HandoffView:
        """The office closed before anybody was free: it waits for the next working day, with a promise."""
        return await self._move(session, handoff_id, "defer", due_at=due_at, **options)

    async def assign(
        self,
        session: AsyncSession,
        handoff_id: str,
        agent_id: str,
        *,
        capacity: int | None = None,
        **options: Unpack[_Options],
    ) -> HandoffView:
        """Assigns it to an agent, who has to accept; 409 when they already have `capacity` talks.

        `note` is a supervisor's message to the agent, or the dispatcher's reason for choosing them.
        """
        if capacity is not None:
            await handoffs.require_room(session, agent_id, capacity)
        return await self._move(session, handoff_id, "assign", agent_id=agent_id, **options)

    async def accept(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """The assigned agent begins the talk."""
        return await self._move(
            session, handoff_id, "accept", by=agent_id, only_of=agent_id, replies=replies, agent_id=agent_id
        )

    async def decline(self, session: AsyncSession, handoff_id: str, **options: Unpack[_Options]) -> HandoffView:
        """The assigned agent declined, or did not accept in time."""
        return await self._move(session, handoff_id, "decline", agent_id=None, **options)

    async def take(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """An agent picks one from the queue."""
        return await self._move(session, handoff_id, "take", by=agent_id, replies=replies, agent_id=agent_id)

    async def take_over(
        self, session: AsyncSession, handoff_id: str, staff_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """A supervisor takes it from another agent."""
        return await self._move(session, handoff_id, "take_over", by=staff_id, replies=replies, agent_id=staff_id)

    async def transfer(
        self, session: AsyncSession, handoff_id: str, agent_id: str, **options: Unpack[_Options]
    ) -> HandoffView:
        """An agent passes their talk to a colleague, with a message for them."""
        return await self._move(session, handoff_id, "transfer", agent_id=agent_id, **options)

    async def requeue(
        self, session: AsyncSession, handoff_id: str, *, wanted_skill: str | None = None, **options: Unpack[_Options]
    ) -> HandoffView:
        """Back into the queue at its old position; those with a skill are asked first, if one is or was wanted."""
        wanted = {"wanted_skill": wanted_skill} if wanted_skill else {}
        return await self._move(session, handoff_id, "requeue", agent_id=None, **wanted, **options)

    async def return_to_bot(self, session: AsyncSession, handoff_id: str, **options: Unpack[_Options]) -> HandoffView:
        """Ends it: the bot answers again."""
        return await self._move(session, handoff_id, "return", **options)

    async def book_callback(
        self,
        session: AsyncSession,
        handoff_id: str,
        phone: str,
        due_at: datetime,
        wish: str | None = None,
        **options: Unpack[_Options],
    ) -> HandoffView:
        """Books a callback instead, due by `due_at`; `wish` is when the customer would like it."""
        changes = {"callback_phone": phone, "callback_wish": wish, "due_at": due_at}
        return await self._move(session, handoff_id, "book_callback", **changes, **options)

    async def claim_callback(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, only_of: str | None = None
    ) -> HandoffView:
        """An agent takes over a callback."""
        return await self._move(session, handoff_id, "claim", by=agent_id, only_of=only_of, agent_id=agent_id)

    async def assign_callback(
        self, session: AsyncSession, handoff_id: str, agent_id: str | None, **options: Unpack[_Options]
    ) -> HandoffView:
        """Gives a callback to an agent, or to nobody, so that any may claim it."""
        return await self._move(session, handoff_id, "claim", agent_id=agent_id, **options)

    async def move_call(
        self,
        session: AsyncSession,
        handoff_id: str,
        due_at: datetime,
        wish: str | None = None,
        *,
        is_missed: bool = False,
        **options: Unpack[_Options],
    ) -> HandoffView:
        """The call is due at another time: when the customer wishes it, or since nobody answered."""
        changes = {"due_at": due_at, "callback_wish": wish, "reminded_at": None}
        return await self._move(session, handoff_id, "miss_call" if is_missed else "move_call", **changes, **options)

    async def close(
        self, session: AsyncSession, handoff_id: str, *, disposition: str, summary: str, **options: Unpack[_Options]
    ) -> HandoffView:
        """Ends it with a disposition."""
        return await self._move(session, handoff_id, "close", disposition=disposition, summary=summary, **options)

    async def reopen(
        self, session: AsyncSession, handoff_id: str, agent_id: str, *, replies: Sequence[Reply] = ()
    ) -> HandoffView:
        """An agent goes on with one that is over, or writes to who is to be called: as a new one, so that the first
        stays as it is. 409 while the customer waits for somebody or is served."""
        conversation, over = await handoffs.lock_handoff(session, handoff_id)
        if over.state in LIVE or await handoffs.find_live(session, conversation.id):
            raise RequestError(409, "handoff_moved_on", "晚了一步：这位客户已经在别的会话里")
        now = self._clock()
        begun = {"requested_at": now, "assigned_at": now, "accepted_at": now, "state": "active", "agent_id": agent_id}
        handoff = Handoff(id=str(uuid.uuid4()), **{name: getattr(over, name) for name in _CARRIED}, **begun)
        session.add(handoff)
        await session.flush()
        await handoffs.record_event(session, conversation, handoff, "reopen", now, staff_id=agent_id, agent_id=agent_id)
        await say(session, conversation, replies, now, staff_id=agent_id)
        return handoffs.view_handoff(handoff, conversation)

    async def say(
        self,
        session: AsyncSession,
        handoff_id: str,
        staff_id: str,
        words: str,
        key: str,
        *,
        document: str | None = None,
        only_of: str | None = None,
    ) -> MessageView:
        """Sends an agent's message, or a document; the same key sends it once. 409 once the talk is over."""
        conversation, handoff = await handoffs.lock_handoff(session, handoff_id)
        is_same = Message.conversation_id == conversation.id, Message.channel_message_id == STAFF_KEY + key
        if said := await session.scalar(select(Message).where(*is_same)):
            return view_message(said)
        if handoff.state != "active" or (only_of is not None and handoff.agent_id != only_of):
            raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了，这句话没有发出")
        now = self._clock()
        handoff.answered_at = handoff.answered_at or now
        if handoff.snoozed_until and handoff.snoozed_until <= now:
            handoff.snoozed_until = None  # what was put aside is done
        reply = Reply(author="agent", text=words, document=document)
        spoken = await say(session, conversation, [reply], now, staff_id=staff_id, key=STAFF_KEY + key)
        return spoken.messages[0]

    async def snooze(
        self, session: AsyncSession, handoff_id: str, until: datetime | None, *, only_of: str | None = None
    ) -> HandoffView:
        """Its agent puts it aside until a moment, or takes it up again (None). 409 once the talk is over."""
        conversation, handoff = await handoffs.lock_handoff(session, handoff_id)
        if handoff.state not in ("active", "callback") or (only_of is not None and handoff.agent_id != only_of):
            raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了")
        handoff.snoozed_at, handoff.snoozed_until = self._clock(), until
        await publish(session, Signal("desk", "queue", handoff.id), Signal(conversation.id, "holder"))
        return handoffs.view_handoff(handoff, conversation)

    async def set_label(self, session: AsyncSession, handoff_id: str, label: str, *, is_on: bool) -> HandoffView:
        """Puts a label on it, or takes it off; again: nothing."""
        conversation, handoff = await handoffs.lock_handoff(session, handoff_id)
        others = [each for each in handoff.labels if each != label]
        handoff.labels = [*others, label] if is_on else others
        await publish(session, Signal("desk", "queue", handoff.id), Signal(conversation.id, "holder"))
        return handoffs.view_handoff(handoff, conversation)

    async def reassure(self, session: AsyncSession, seen: HandoffView, replies: Sequence[Reply]) -> None:
        """Reassures a waiting customer, unless the wait is over or another process did since it was `seen`."""
        conversation, handoff = await handoffs.lock_handoff(session, seen.id)
        if handoff.state in WAITING and handoff.told_to_wait_at == seen.told_to_wait_at:
            handoff.told_to_wait_at = self._clock()
            await say(session, conversation, replies, self._clock())

    async def mark_routed(self, session: AsyncSession, handoff_id: str, **known: str | None) -> None:
        """Marks that the account manager was looked up, and fills in what is known and the handoff does not say."""
        handoff = await session.get_one(Handoff, handoff_id, with_for_update=True)
        handoff.is_routed = True
        for field, value in known.items():
            if getattr(handoff, field) is None:
                setattr(handoff, field, value)

    async def mark_reminded(self, session: AsyncSession, seen: HandoffView) -> bool:
        """Marks that staff were reminded of a call, or told of its end; false if it has changed since it was `seen`."""
        is_due = Handoff.id == seen.id, Handoff.state == seen.state, Handoff.reminded_at.is_(None)
        marked = update(Handoff).where(*is_due).values(reminded_at=self._clock()).returning(Handoff.id)
        return await session.scalar(marked) is not None

    async def add_note(self, session: AsyncSession, conversation_id: str, staff_id: str, words: str) -> int:
        """Adds an internal note; gives its id."""
        note = InternalNote(conversation_id=conversation_id, staff_id=staff_id, text=words, at=self._clock())
        session.add(note)
        await session.flush()
        await publish(session, Signal(conversation_id, "note", staff_id))
        return note.id

    async def _move(
        self,
        session: AsyncSession,
        handoff_id: str,
        event: Event,
        *,
        by: str | None = None,
        only_of: str | None = None,
        note: str = "",
        replies: Sequence[Reply] = (),
        **changes: Any,
    ) -> HandoffView:
        conversation, handoff = await handoffs.lock_handoff(session, handoff_id)
        if only_of is not None and (handoff.agent_id or "") != only_of:
            reason = "这个会话已经不在您这里了" if only_of else "晚了一步：这个会话已经有同事负责了"
            raise RequestError(409, "handoff_moved_on", reason)
        now = self._clock()
        await handoffs.move(session, conversation, handoff, event, now, by=by, note=note, **changes)
        if replies:
            if handoff.state in WAITING:
                handoff.told_to_wait_at = now
            await say(session, conversation, replies, now, staff_id=by)
        return handoffs.view_handoff(handoff, conversation)
