"""Days off beside the public holidays: supervisors and admins enter and remove them."""

from datetime import date

from conversations.office_calendar import DayOffView, OfficeCalendar
from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.text import clean_text

FORBIDDEN = "您的角色不能修改休息日"


class DaysOff:
    """Manages days off; each change with its audit record in one transaction. RequestError 403 without permission."""

    def __init__(self, database: Database, calendar: OfficeCalendar, clock: Clock = read_clock) -> None:
        self._database = database
        self._calendar = calendar
        self._clock = clock

    async def list_days_off(self) -> list[DayOffView]:
        """From today on, in order."""
        return await self._calendar.list_days_off()

    async def add(self, staff: StaffView, day: str, name: str) -> None:
        """Adds a day off such as 2027-02-06. RequestError 409 or 422."""
        require(staff.role, "office", FORBIDDEN)
        try:
            parsed = date.fromisoformat(day)
        except ValueError:
            raise RequestError(422, "no_day", "请选择日期") from None
        async with self._database.transaction() as session:
            await self._calendar.add_day_off(session, parsed, clean_text(name))
            await record(session, self._clock(), staff.id, "day_off_added", parsed.isoformat(), name=clean_text(name))

    async def remove(self, staff: StaffView, day: date) -> None:
        """Removes a day off. RequestError 404."""
        require(staff.role, "office", FORBIDDEN)
        async with self._database.transaction() as session:
            name = await self._calendar.remove_day_off(session, day)
            await record(session, self._clock(), staff.id, "day_off_removed", day.isoformat(), name=name)
