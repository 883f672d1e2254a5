"""Moves handoffs by the clock: offers them to who is there, takes them back from who is gone, keeps promises."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from conversations.handoff_words import WAITING_BUTTONS
from conversations.handoffs import Handoffs
from conversations.schemas import HandoffView, Reply
from desk.accounts import Accounts
from desk.assignment import Agent, Assignment, Waiting, assign
from desk.owners import Owners
from desk.presence import PRESENT_TIME, is_present, is_seen
from desk.reminders import Reminders
from desk.schemas import StaffView
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.news import News
from kit.settings import Settings
from kit.working_time import describe_moment

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 0.05  # what comes at the same moment is looked at together
WAIT_NOTICE = timedelta(minutes=3)
STILL_WAITING = Reply(
    text="让您久等了，同事还在忙，您的排队位置不变。不方便等，可以留电话，我们打给您。", buttons=WAITING_BUTTONS
)
LOST_AT_NIGHT = Reply(text="刚才的同事那边断线了，您说的都已记下。")
LOST = Reply(text="刚才的同事那边断线了，正在为您安排另一位，前面的对话不用重复。")


class Dispatcher:
    """Every desk process runs one: each step is taken once, whoever is first."""

    def __init__(
        self,
        database: Database,
        handoffs: Handoffs,
        accounts: Accounts,
        news: News,
        settings: Settings,
        clock: Clock = read_clock,
    ) -> None:
        self._owners = Owners(database, clock)
        self._reminders = Reminders(database, clock)
        self._handoffs = handoffs
        self._accounts = accounts
        self._news = news
        self._hours = settings.hours
        self._accept_time = timedelta(seconds=settings.accept_seconds)
        self._grace = timedelta(seconds=settings.agent_grace_seconds)
        self._present_time = min(PRESENT_TIME, self._grace)  # nobody is offered what would be taken back at once
        self._promise = timedelta(hours=settings.promise_hours)
        self._clock = clock

    async def run(self) -> None:
        """Works until cancelled; a new handoff is looked at at once."""
        with self._news.listen("desk") as listener:

            async def work() -> None:
                await listener.wait(LOOK_SECONDS)  # first: what fails is tried again no sooner than that
                await self.dispatch()

            await repeat(work, seconds=PAUSE_SECONDS)

    async def dispatch(self) -> None:
        """Whatever is due now."""
        handoffs = await self._handoffs.list_open()
        if not handoffs:
            return
        staff = {member.id: member for member in await self._accounts.list_staff()}
        await self._owners.look_after(handoffs, staff.values())
        await self._reminders.remind(handoffs, staff.values())
        is_staffed = bool(self._list_present(staff.values()))
        for handoff in handoffs:
            try:
                await self._move_by_clock(handoff, staff.get(handoff.agent_id or ""), is_staffed=is_staffed)
            except RequestError as error:  # somebody else was faster
                log.info("handoff %s: %s", handoff.id, error.code)
            except Exception:  # the others are not to wait for it
                log.exception("handoff %s could not be moved", handoff.id)
        # Both are read again: who came at night stands in the queue now, and who did not answer is away.
        waiting = [handoff for handoff in await self._handoffs.list_open() if handoff.state == "queued"]
        if waiting and (present := self._list_present(await self._accounts.list_staff())):
            await self._assign(waiting, present)

    def _list_present(self, staff: Iterable[StaffView]) -> list[StaffView]:
        now = self._clock()
        return [member for member in staff if is_present(member, now, self._present_time)]

    async def _move_by_clock(self, handoff: HandoffView, agent: StaffView | None, *, is_staffed: bool) -> None:
        now = self._clock()
        is_open = self._hours.is_open(now)
        match handoff.state:
            case "requested" if is_open:
                await self._handoffs.move(handoff.id, "enqueue")
            case "queued" if not is_open and not is_staffed:
                due_at = self._hours.add(now, self._promise)
                if handoff.due_at and handoff.due_at > now:
                    due_at = min(due_at, handoff.due_at)  # an earlier promise stands
                reply = _defer(self._hours.find_opening(now), due_at, now)
                await self._handoffs.move(handoff.id, "defer", replies=[reply], due_at=due_at, told_to_wait_at=now)
            case "queued" if is_open and self._has_waited(handoff, now):
                await self._handoffs.tell(handoff, [STILL_WAITING])
            case "assigned" if handoff.assigned_at and now - handoff.assigned_at > self._accept_time:
                await self._handoffs.move(handoff.id, "decline", only_of=handoff.agent_id, note="没有应答")
                if agent:  # or the next one would be offered to an empty chair as well
                    await self._accounts.set_status(agent.id, "away")
            case "assigned" | "active" if not is_seen(agent, now, self._grace):
                lost = LOST if is_open or is_staffed else LOST_AT_NIGHT
                told: dict[str, Any] = {"replies": [lost], "told_to_wait_at": now} if handoff.state == "active" else {}
                await self._handoffs.move(handoff.id, "requeue", only_of=handoff.agent_id, note="坐席断线", **told)

    def _has_waited(self, handoff: HandoffView, now: datetime) -> bool:
        """So long in the queue, counted from the opening for who came at night, and told nothing since they asked."""
        is_told = handoff.told_to_wait_at is not None and handoff.told_to_wait_at > handoff.requested_at
        return not is_told and now - self._hours.find_opening(handoff.requested_at) > WAIT_NOTICE

    async def _assign(self, waiting: Sequence[HandoffView], present: Sequence[StaffView]) -> None:
        """Offers what waits in the queue; an agent who is full by now is refused by the record."""
        load = await self._handoffs.count_load()
        agents = [Agent(s.id, s.role, load.get(s.id, 0), s.capacity, s.branch, s.villages, s.products) for s in present]
        last_agents = await self._handoffs.list_last_agents([h.conversation_id for h in waiting])
        declined = await self._handoffs.list_declined([h.id for h in waiting])
        due = [
            Waiting(
                h.id,
                h.conversation_id,
                h.requested_at,
                h.reason,
                h.product,
                h.region,
                h.manager_id,
                last_agents.get(h.conversation_id),
                declined.get(h.id, frozenset()),
            )
            for h in waiting
        ]
        capacities = {s.id: s.capacity for s in present}
        for assignment in assign(due, agents):
            await self._offer(assignment, capacities[assignment.agent_id])

    async def _offer(self, assignment: Assignment, capacity: int) -> None:
        try:
            await self._handoffs.move(
                assignment.handoff_id,
                "assign",
                agent_id=assignment.agent_id,
                only_of="",
                capacity=capacity,
                note=assignment.why,
            )
        except RequestError as error:
            log.info("handoff %s was not offered: %s", assignment.handoff_id, error.code)


def _defer(opens_at: datetime, due_at: datetime, now: datetime) -> Reply:
    opens, due = describe_moment(opens_at, now), describe_moment(due_at, now)
    text = f"抱歉，同事已经下班，还没轮到您。{opens}上班先回复您，最晚{due}前；也可以留个电话，我们打给您。"
    return Reply(text=text, buttons=WAITING_BUTTONS)
