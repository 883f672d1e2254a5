"""Whether the office is open, for the chat pages: hours and days off are read at most every five seconds."""

from datetime import datetime, timedelta

from connectors.webchat.schemas import OfficeView
from conversations.office_calendar import OfficeCalendar
from kit.clock import Clock, read_clock
from kit.working_time import OfficeHours

KEPT = timedelta(seconds=5)


class OfficeReader:
    """Answers from what it read last; a change counts when that is too old."""

    def __init__(self, calendar: OfficeCalendar, clock: Clock = read_clock, kept: timedelta = KEPT) -> None:
        self._calendar = calendar
        self._clock = clock
        self._kept = kept
        self._last: tuple[datetime, OfficeHours] | None = None

    async def read(self) -> OfficeView:
        """The office as of now."""
        now = self._clock()
        if self._last is None or now - self._last[0] >= self._kept:
            self._last = now, await self._calendar.read_hours()
        opens_at = self._last[1].find_opening(now)
        return OfficeView(is_open=opens_at == now, opens_at=None if opens_at == now else opens_at)
