"""Putting a talk aside until later: it stands last in its agent's list, and comes back at its time or with a word."""

from datetime import datetime, timedelta

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.office_calendar import OfficeCalendar
from desk.schemas import StaffView
from desk.talk_access import find_required_agent
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import find_waking

MINUTES = (15, 60, 180)
NEXT_MORNING = 0  # in place of minutes


class Snoozing:
    """Puts talks aside. RequestError 403 without permission, 409 when the talk has moved on, 422 for no such time."""

    def __init__(self, database: Database, calendar: OfficeCalendar, clock: Clock = read_clock) -> None:
        self._database = database
        self._calendar = calendar
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)
        self._clock = clock

    async def list_times(self) -> dict[int, datetime]:
        """Until when, by the minutes from now, not at night; NEXT_MORNING is when the next day of work begins."""
        now, hours = self._clock(), await self._calendar.read_hours()
        times = {minutes: now + timedelta(minutes=minutes) for minutes in MINUTES}
        return {minutes: until for minutes, until in times.items() if find_waking(until) == until} | {
            NEXT_MORNING: find_waking(hours.find_morning(now))
        }

    async def snooze(self, staff: StaffView, handoff_id: str, minutes: int) -> HandoffView:
        """Puts it aside for so many minutes."""
        until = (await self.list_times()).get(minutes)
        if until is None:
            raise RequestError(422, "no_such_time", "请选择什么时候再看")
        return await self._set(staff, handoff_id, until)

    async def wake(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Takes it up again."""
        return await self._set(staff, handoff_id, None)

    async def _set(self, staff: StaffView, handoff_id: str, until: datetime | None) -> HandoffView:
        only_of = find_required_agent(staff)
        async with self._database.transaction() as session:
            return await self._handoffs.snooze(session, handoff_id, until, only_of=only_of)


def is_snoozed(handoff: HandoffView, last_at: datetime | None, now: datetime) -> bool:
    """Whether it is put aside: its time has not come, and its customer's last message, if any, came before."""
    if handoff.snoozed_at is None or handoff.snoozed_until is None or handoff.snoozed_until <= now:
        return False
    return last_at is None or last_at <= handoff.snoozed_at
