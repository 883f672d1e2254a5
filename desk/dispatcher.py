"""Moves handoffs by the clock: assigns them to available agents, requeues those of agents who left, keeps promises."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.office_calendar import OfficeCalendar
from desk import customer_wording as wording
from desk import staff_repository
from desk.accounts import Accounts
from desk.assignment import assign
from desk.notifications import notifier
from desk.ownership import Ownership
from desk.presence import PRESENT_TIME, is_present, is_seen
from desk.reminders import Reminders
from desk.schemas import StaffView
from desk.skills import list_skills
from desk.wording import name_discreetly
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import PubSub
from kit.working_time import OfficeHours

log = logging.getLogger(__name__)
Values = ParamSpec("Values")

REASSURE_AFTER = timedelta(minutes=3)
BATCH = 200  # handoffs of one kind read at a time, the longest waiting first
SETTLE_SECONDS = 0.05  # signals within it are handled together
HELD_MAX = 5000  # more talks than agents can have at once
NO_ANSWER, BUSY, AGENT_LEFT = "到时间没有应答", "到时间没有应答，手头还有客户", "坐席断线"


class Dispatcher:
    """Moves handoffs by the clock. Every desk process runs one; each transition happens once.

    An agent has `accept_time` to accept an assigned handoff, and keeps talks for `grace` without any page open.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        ownership: Ownership,
        calendar: OfficeCalendar,
        pubsub: PubSub,
        *,
        accept_time: timedelta,
        grace: timedelta,
        clock: Clock = read_clock,
        poll_seconds: float = 1.0,
    ) -> None:
        """Runs at least every `poll_seconds`."""
        self._database = database
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)
        self._reminders = Reminders(database, accounts, clock)
        self._ownership = ownership
        self._accounts = accounts
        self._calendar = calendar
        self._pubsub = pubsub
        self._accept_time = accept_time
        self._grace = grace
        self._present_time = min(PRESENT_TIME, grace)  # so that nothing is assigned that would be requeued at once
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled; a new handoff is handled at once."""
        with self._pubsub.subscribe("desk") as subscription:

            async def work() -> None:
                await subscription.wait(self._poll_seconds)  # first, so that a failure is retried no sooner
                await self.dispatch()

            await repeat(work, seconds=SETTLE_SECONDS)

    async def dispatch(self) -> None:
        """Makes all transitions that are due now."""
        await self._ownership.route_handoffs()
        await self._reminders.remind()
        states = await self._queries.list_live_states()
        if not states:
            return
        # In this order, or an agent who signed in and took a talk just now would look like one who left.
        held = await self._queries.list_in_states("assigned", "active", limit=HELD_MAX)
        staff = {member.id: member for member in await self._accounts.list_staff()}
        hours, now = await self._calendar.read_hours(), self._clock()
        is_open, is_staffed = hours.is_open(now), bool(self._list_present(staff.values()))
        if "requested" in states and is_open:
            for handoff in await self._queries.list_in_states("requested", limit=BATCH):
                await self._attempt(handoff.id, self._handoffs.enqueue, handoff.id)
        for handoff in held:
            await self._check_agent(handoff, staff.get(handoff.agent_id or ""), has_others=is_open or is_staffed)
        if is_open:
            await self._reassure(hours, now)
        elif not is_staffed:
            for handoff in await self._queries.list_in_states("queued", limit=BATCH):
                await self._defer(handoff, hours, now)
        # Both are read again: night requests are queued now, and agents who did not accept are away.
        queue = await self._queries.list_queue(BATCH)
        if queue and (present := self._list_present(await self._accounts.list_staff())):
            await self._assign(queue, present)

    def _list_present(self, staff: Iterable[StaffView]) -> list[StaffView]:
        now = self._clock()
        return [member for member in staff if is_present(member, now, self._present_time)]

    async def _defer(self, handoff: HandoffView, hours: OfficeHours, now: datetime) -> None:
        due_at = hours.add(now, hours.promise)
        if handoff.due_at and handoff.due_at > now:
            due_at = min(due_at, handoff.due_at)  # an earlier promise is kept
        replies = [wording.defer(hours.find_opening(now), due_at, now)]
        await self._attempt(handoff.id, self._handoffs.defer, handoff.id, due_at, replies=replies)

    async def _reassure(self, hours: OfficeHours, now: datetime) -> None:
        """Reassures those who have waited long; the wait of night requests begins at the opening."""
        for handoff in await self._queries.list_not_reassured(now - REASSURE_AFTER, BATCH):
            if now - hours.find_opening(handoff.requested_at) > REASSURE_AFTER:
                await self._attempt(handoff.id, self._handoffs.reassure, handoff, [wording.STILL_WAITING])

    async def _check_agent(self, handoff: HandoffView, agent: StaffView | None, *, has_others: bool) -> None:
        """Requeues a handoff that was not accepted in time, or whose agent left."""
        now = self._clock()
        if handoff.state == "assigned" and handoff.assigned_at and now - handoff.assigned_at > self._accept_time:
            is_busy = agent is not None and await self._queries.has_talk(agent.id)
            giver = await self._find_giver(handoff)
            await self._attempt(handoff.id, self._withdraw, handoff, agent, giver, is_busy=is_busy)
        elif not is_seen(agent, now, self._grace):
            reply = wording.AGENT_LEFT if has_others else wording.AGENT_LEFT_OUT_OF_HOURS
            replies = [reply] if handoff.state == "active" else []
            requeue = self._handoffs.requeue
            await self._attempt(
                handoff.id, requeue, handoff.id, only_of=handoff.agent_id, note=AGENT_LEFT, replies=replies
            )

    def count_seconds_left(self, handoff: HandoffView) -> int:
        """How long its agent may still accept an assigned handoff."""
        passed = self._clock() - handoff.assigned_at if handoff.assigned_at else timedelta()
        return max(0, round((self._accept_time - passed).total_seconds()))

    async def _find_giver(self, handoff: HandoffView) -> str | None:
        """The colleague who gave it to the agent who has it now; None if it came by itself."""
        events = await self._queries.list_events(handoff.id)
        given = next((each for each in reversed(events) if each.event in ("assign", "transfer")), None)
        return given.staff_id if given else None

    async def _withdraw(
        self, session: AsyncSession, handoff: HandoffView, agent: StaffView | None, giver: str | None, *, is_busy: bool
    ) -> None:
        """Takes an unaccepted handoff back, and tells who gave it. An agent who is busy with others stays available.

        Any other does not: the next one would go to an absent agent too.
        """
        by, note = (handoff.agent_id, BUSY) if is_busy else (None, NO_ANSWER)
        if handoff.agent_id and not is_busy:  # before the handoff, in the order of desk/staff_changes.py
            await staff_repository.set_status(session, handoff.agent_id, "missed", self._clock())
        await self._handoffs.decline(session, handoff.id, by=by, only_of=handoff.agent_id, note=note)
        if giver and agent and handoff.assigned_at:
            key = f"unaccepted:{handoff.id}:{int(handoff.assigned_at.timestamp())}"
            text = f"{agent.name}没有接待，客户回到排队\n{name_discreetly(handoff.customer_id, handoff.name)}"
            await notifier.add(session, giver, key, text, f"/talks/{handoff.id}", now=self._clock())

    async def _assign(self, queue: Sequence[HandoffView], present: Sequence[StaffView]) -> None:
        """Assigns queued handoffs; the database refuses an agent who has become full."""
        load = await self._queries.count_load()
        if all(load.get(agent.id, 0) >= agent.capacity for agent in present):
            return
        last_agents = await self._queries.list_last_agents([h.conversation_id for h in queue])
        declined = await self._queries.list_declined([h.id for h in queue])
        async with self._database.reading() as session:
            skills = await list_skills(session)
        for handoff_id, agent, why in assign(queue, present, load, last_agents, declined, skills):
            act = self._handoffs.assign
            await self._attempt(handoff_id, act, handoff_id, agent.id, note=why, capacity=agent.capacity, only_of="")

    async def _attempt(
        self,
        handoff_id: str,
        act: Callable[Concatenate[AsyncSession, Values], Awaitable[object]],
        *values: Values.args,
        **more: Values.kwargs,
    ) -> None:
        """Makes one transition in a transaction; a failure must not hold up the others."""
        try:
            async with self._database.transaction() as session:
                await act(session, *values, **more)
        except RequestError as error:  # another process or agent was faster
            log.info("handoff %s: %s", handoff_id, error.code)
        except Exception:
            log.exception("the transition of handoff %s failed", handoff_id)
