"""Queries on handoffs for other packages; results are plain values."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from conversations.handoff import repository as handoffs
from conversations.handoff.schemas import HandoffEventView, HandoffStory, HandoffView, NoteView, QueuePosition
from conversations.handoff.states import HELD, LIVE, OVER, TRANSITIONS, WAITING
from conversations.schemas import State
from conversations.tables import Conversation, Customer, Handoff, HandoffEvent, InternalNote, Message
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.search_keys import read_search

LAST_AGENT_TIME = timedelta(days=1)
DECLINED_TIME = timedelta(minutes=5)
RECENT_TIME = timedelta(minutes=30)
FAILED_QUESTIONS_MAX = 20
IS_CALLBACK = Handoff.state == "callback"
IS_HELD = Handoff.state.in_(HELD)
SENSITIVE_FIRST = Handoff.reason != "sensitive", Handoff.requested_at


class HandoffQueries:
    """Reads handoffs from the database directly, so any process may have one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, handoff_id: str) -> HandoffView:
        """One handoff; RequestError 404."""
        found = await self._list(Handoff.id == handoff_id, limit=1)
        if not found:
            raise RequestError(404, "unknown_handoff", "没有这个会话")
        return found[0]

    async def read_story(self, handoff_id: str) -> HandoffStory:
        """The story handed over with it, failed questions oldest first; RequestError 404."""
        async with self._database.reading() as session:
            handoff = await session.get(Handoff, handoff_id)
            if handoff is None:
                raise RequestError(404, "unknown_handoff", "没有这个会话")
            failed = (
                select(Message.text)
                .where(Message.conversation_id == handoff.conversation_id, Message.is_understood.is_(False))
                .order_by(Message.id.desc())
                .limit(FAILED_QUESTIONS_MAX)
            )
            questions = (await session.scalars(failed)).all()[::-1]
            return HandoffStory(slots=handoff.slots, failed_questions=list(questions))

    async def list_open(self, limit: int = 2000) -> list[HandoffView]:
        """Open handoffs, at most `limit` in each state: sensitive matters first, then by the time of the request."""
        found = {}
        for state in (state for state in TRANSITIONS if state in LIVE):  # in this order, none that moves on is missed
            for handoff in await self._list(Handoff.state == state, limit=limit, order=SENSITIVE_FIRST):
                found[handoff.id] = handoff
        callbacks = await self._list(IS_CALLBACK, limit=limit, order=(Handoff.due_at,))
        found |= {handoff.id: handoff for handoff in callbacks}
        return sorted(found.values(), key=lambda each: (each.reason != "sensitive", each.requested_at, each.id))

    async def list_in_states(self, *states: State, limit: int) -> list[HandoffView]:
        """Those in one of the states, the longest waiting first."""
        return await self._list(Handoff.state.in_(states), limit=limit)

    async def list_live_states(self) -> frozenset[State]:
        """The states of all live handoffs."""
        query = select(Handoff.state).where(Handoff.state.in_(LIVE)).distinct()
        return frozenset(state for (state,) in await self._database.fetch(query))

    async def list_queue(self, limit: int) -> list[HandoffView]:
        """Those in the queue: sensitive matters first, then the longest waiting."""
        return await self._list(Handoff.state == "queued", limit=limit, order=SENSITIVE_FIRST)

    async def list_waiting_about(self, topics: Collection[str], limit: int) -> list[HandoffView]:
        """Those that wait, out of hours too, with one of these sensitive topics; the longest waiting first."""
        return await self._list(Handoff.state.in_(WAITING), Handoff.topic.in_(topics), limit=limit)

    async def list_not_reassured(self, requested_before: datetime, limit: int) -> list[HandoffView]:
        """Those queued before a moment and not reassured since."""
        is_untold = or_(Handoff.told_to_wait_at.is_(None), Handoff.told_to_wait_at <= Handoff.requested_at)
        return await self._list(
            Handoff.state == "queued", Handoff.requested_at < requested_before, is_untold, limit=limit
        )

    async def list_calls_to_remind_of(self, due_before: datetime, limit: int) -> list[HandoffView]:
        """Calls of which staff have yet to hear: promised and due before a moment, or off; the soonest first."""
        is_untold = Handoff.reminded_at.is_(None)
        is_due = and_(IS_CALLBACK, is_untold, Handoff.due_at < due_before)
        is_cancelled = and_(Handoff.state == "returned", Handoff.callback_booked_at.is_not(None), is_untold)
        return await self._list(or_(is_due, is_cancelled), limit=limit, order=(Handoff.due_at,))

    async def list_unrouted(self, limit: int) -> list[HandoffView]:
        """Those not yet routed to an account manager, the oldest first."""
        return await self._list(Handoff.is_routed.is_(False), limit=limit)

    async def list_of_conversation(self, conversation_id: str, limit: int = 50) -> list[HandoffView]:
        """A conversation's newest handoffs, the oldest of them first."""
        newest = Handoff.requested_at.desc(), Handoff.id.desc()
        return (await self._list(Handoff.conversation_id == conversation_id, limit=limit, order=newest))[::-1]

    async def find_live(self, conversation_id: str) -> HandoffView | None:
        """The handoff that decides who answers a conversation now."""
        return await self._find_newest(conversation_id, Handoff.state.in_(LIVE))

    async def find_callback(self, conversation_id: str) -> HandoffView | None:
        """The newest promised call that is still to be made."""
        return await self._find_newest(conversation_id, IS_CALLBACK)

    async def has_cancelled_call(self, conversation_id: str) -> bool:
        """Whether what they asked for last was a call that was promised, and cancelled since."""
        is_cancelled = and_(Handoff.state == "returned", Handoff.callback_booked_at.is_not(None))
        newest = select(is_cancelled).where(Handoff.conversation_id == conversation_id)
        found = await self._database.fetch(newest.order_by(Handoff.requested_at.desc()).limit(1))
        return bool(found) and bool(found[0][0])

    async def list_numbers(self, conversation_id: str) -> list[str]:
        """All numbers that the customer left to be called at."""
        left = await self._list(
            Handoff.conversation_id == conversation_id, Handoff.callback_phone.is_not(None), limit=50
        )
        return [handoff.callback_phone for handoff in left if handoff.callback_phone]

    async def list_calls(self, conversation_id: str, limit: int = 50) -> list[HandoffView]:
        """Those for which the customer expects a call: promised, or waiting with a number left; the oldest first."""
        return await self._list(Handoff.conversation_id == conversation_id, handoffs.HAS_CALL, limit=limit)

    async def list_said(self, handoff: HandoffView, limit: int = 10) -> list[str]:
        """What the customer was told since they asked for a human, the newest first."""
        is_told = Message.conversation_id == handoff.conversation_id, Message.direction == "outbound"
        query = select(Message.text).where(*is_told, Message.at >= handoff.requested_at)
        return [text for (text,) in await self._database.fetch(query.order_by(Message.id.desc()).limit(limit))]

    async def list_of_agent(self, staff_id: str) -> list[HandoffView]:
        """Handoffs assigned to an agent or active with them, and the calls they are to make; 100 at most."""
        return await self._list(Handoff.agent_id == staff_id, or_(IS_HELD, IS_CALLBACK), limit=100)

    async def list_ended_of_agent(self, staff_id: str, since: datetime, limit: int) -> list[HandoffView]:
        """What an agent served and what ended since a moment, the last first."""
        order = Handoff.ended_at.desc(), Handoff.id
        return await self._list(Handoff.agent_id == staff_id, Handoff.ended_at >= since, limit=limit, order=order)

    async def list_of_ids(self, ids: Collection[str]) -> list[HandoffView]:
        """Those of some ids that are still kept."""
        return await self._list(Handoff.id.in_(ids), limit=len(ids))

    async def list_served_ids(
        self,
        since: datetime,
        *,
        besides: str = "",
        agent_id: str = "",
        channel: str = "",
        reason: str = "",
        rating_max: int | None = None,
    ) -> list[str]:
        """Of talks that ended since a moment, `besides` those of an agent: all, or one agent's, of one channel or
        reason, or rated so at most."""
        conditions: list[ColumnElement[bool]] = [Handoff.state.in_(OVER), Handoff.accepted_at.is_not(None)]
        conditions += [Handoff.ended_at >= since, Handoff.agent_id != besides]
        if agent_id:
            conditions.append(Handoff.agent_id == agent_id)
        if channel:
            conditions.append(Customer.channel == channel)
        if reason:
            conditions.append(Handoff.reason == reason)
        if rating_max is not None:
            conditions.append(Handoff.rating <= rating_max)
        query = select(Handoff.id).join(Conversation, Conversation.id == Handoff.conversation_id)
        query = query.join(Customer, Customer.id == Conversation.customer_id)
        return [each for (each,) in await self._database.fetch(query.where(*conditions))]

    async def list_of_person(
        self, words: str, limit: int, *, id_begins: str = "", seen_by: str | None = None
    ) -> list[HandoffView]:
        """Of who is looked for by name or phone (kit/search_keys.py) or the beginning of their id, the newest first.

        `seen_by`: only what an agent may see.
        """
        ways = [Handoff.search_keys.contains(read_search(words))]
        if id_begins:
            ways.append(Conversation.customer_id.startswith(id_begins))
        conditions: list[ColumnElement[bool]] = [or_(*ways)]
        if seen_by is not None:
            conditions.append(or_(*handoffs.list_ways_to_see(seen_by)))
        return await self._list(*conditions, limit=limit, order=(Handoff.requested_at.desc(),))

    async def has_talk(self, staff_id: str) -> bool:
        """Whether a staff member talks to a customer."""
        query = select(exists().where(Handoff.agent_id == staff_id, Handoff.state == "active"))
        return (await self._database.fetch(query))[0][0]

    async def read_queue_position(self, before: datetime | None = None) -> QueuePosition:
        """The queue position of a request made at a moment (None: now)."""
        now = self._clock()
        ahead = select(func.count()).where(Handoff.state.in_(WAITING), Handoff.requested_at < (before or now))
        accepted = select(func.count()).where(Handoff.accepted_at > now - RECENT_TIME)
        ((ahead_of_it, recently_accepted),) = await self._database.fetch(
            select(ahead.scalar_subquery(), accepted.scalar_subquery())
        )
        return QueuePosition(ahead=ahead_of_it, recently_accepted=recently_accepted)

    async def count_load(self) -> dict[str, int]:
        """How many talks each agent has, assigned ones included."""
        is_theirs = IS_HELD, Handoff.agent_id.is_not(None)
        query = select(Handoff.agent_id, func.count()).where(*is_theirs).group_by(Handoff.agent_id)
        return {str(agent_id): count for agent_id, count in await self._database.fetch(query)}

    async def list_last_agents(self, conversation_ids: Sequence[str]) -> dict[str, str]:
        """The last agent of each customer, within a day."""
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
        return {conversation: str(agent) for conversation, agent in await self._database.fetch(query)}

    async def list_left_at(self, handoff_ids: Sequence[str]) -> dict[str, datetime]:
        """When the last agent left each handoff that has had one: at the first event after the talk."""
        was_active = HandoffEvent.handoff_id.in_(handoff_ids), HandoffEvent.state == "active"
        last = select(HandoffEvent.handoff_id, func.max(HandoffEvent.id).label("event_id")).where(*was_active)
        talks = last.group_by(HandoffEvent.handoff_id).subquery()
        is_later = and_(HandoffEvent.handoff_id == talks.c.handoff_id, HandoffEvent.id > talks.c.event_id)
        query = select(HandoffEvent.handoff_id, func.min(HandoffEvent.at)).join(talks, is_later)
        return dict(await self._database.fetch(query.group_by(HandoffEvent.handoff_id))) if handoff_ids else {}

    async def list_declined(self, handoff_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """The agents who declined each handoff in the last few minutes, or from whom staff put it back."""
        declined_it = and_(HandoffEvent.event == "decline", HandoffEvent.staff_id == HandoffEvent.agent_id)
        put_it_back = and_(HandoffEvent.event == "requeue", HandoffEvent.staff_id.is_not(None))
        query = select(HandoffEvent.handoff_id, HandoffEvent.agent_id).where(
            HandoffEvent.handoff_id.in_(handoff_ids),
            or_(declined_it, put_it_back),
            HandoffEvent.at > self._clock() - DECLINED_TIME,
        )
        declined: dict[str, frozenset[str]] = {}
        for handoff_id, agent_id in await self._database.fetch(query):
            declined[handoff_id] = declined.get(handoff_id, frozenset()) | {str(agent_id)}
        return declined

    async def list_events(self, handoff_id: str) -> list[HandoffEventView]:
        """The events of a handoff, in order."""
        query = select(HandoffEvent).where(HandoffEvent.handoff_id == handoff_id).order_by(HandoffEvent.id)
        async with self._database.reading() as session:
            return [HandoffEventView.model_validate(row) for row in await session.scalars(query)]

    async def list_notes(self, *conversation_ids: str) -> list[NoteView]:
        """The internal notes of conversations, the oldest first."""
        theirs = InternalNote.conversation_id.in_(conversation_ids)
        query = select(InternalNote).where(theirs).order_by(InternalNote.id)
        async with self._database.reading() as session:
            return [NoteView.model_validate(row) for row in await session.scalars(query)]

    async def _find_newest(self, conversation_id: str, condition: ColumnElement[bool]) -> HandoffView | None:
        newest = (Handoff.requested_at.desc(),)
        found = await self._list(Handoff.conversation_id == conversation_id, condition, limit=1, order=newest)
        return found[0] if found else None

    async def _list(
        self,
        *conditions: ColumnElement[bool],
        limit: int,
        order: Sequence[handoffs.Order] = (Handoff.requested_at,),
    ) -> list[HandoffView]:
        async with self._database.reading() as session:
            return await handoffs.list_handoffs(session, *conditions, limit=limit, order=order)
