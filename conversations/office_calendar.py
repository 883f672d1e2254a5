"""The actual office hours: those in force, without the days off that staff entered."""

from dataclasses import replace
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.office_settings import OFFICE_KEY, office_revisions, read_office
from conversations.schemas import Value
from conversations.tables import DayOff
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours, list_coming_holidays, list_unknown_years
from revisions import rules

NAME_LENGTH_MAX = 20


class DayOffView(Value):
    """A day on which the office is closed, and why: 春节."""

    day: date
    name: str


class OfficeCalendar:
    """The office hours and days off. Reads the database at each call, so that a change counts at once everywhere.

    `hours` are those of the settings, which count until staff change them for the first time.
    """

    def __init__(self, database: Database, hours: OfficeHours, clock: Clock = read_clock) -> None:
        self._database = database
        self._hours = hours
        self._clock = clock

    async def read_hours(self) -> OfficeHours:
        """The office hours in force, with those that are approved for later, and all future days off."""
        today = self._find_today()
        async with self._database.reading() as session:
            revisions = await office_revisions.list_all(session, OFFICE_KEY)
            days_off = await self._list_days_off(session)
        current = rules.find_effective(revisions, today)
        later = rules.list_scheduled(revisions, today)
        return replace(
            read_office(current.content) if current else self._hours,
            days_off=frozenset(off.day for off in days_off),
            later=tuple((each.effective_from, read_office(each.content)) for each in later),
        )

    async def list_days_off(self) -> list[DayOffView]:
        """From today on, in order."""
        async with self._database.reading() as session:
            return await self._list_days_off(session)

    async def add_day_off(self, session: AsyncSession, day: date, name: str) -> None:
        """Adds a day off. RequestError 422 for a past day or a long name, 409 for one that exists."""
        if day < self._find_today():
            raise RequestError(422, "past_day", "请选择今天或以后的日期")
        if len(name) > NAME_LENGTH_MAX:
            raise RequestError(422, "long_name", f"说明最多{NAME_LENGTH_MAX}个字")
        if await session.get(DayOff, day):
            raise RequestError(409, "known_day_off", "这一天已经是休息日")
        session.add(DayOff(day=day, name=name))
        await session.flush()

    async def remove_day_off(self, session: AsyncSession, day: date) -> str:
        """Removes a day off, and returns its name. RequestError 404."""
        name: str | None = await session.scalar(delete(DayOff).where(DayOff.day == day).returning(DayOff.name))
        if name is None:
            raise RequestError(404, "no_such_day_off", "这一天不是添加的休息日")
        return name

    async def find_unknown_year(self) -> int | None:
        """A year, begun or soon to begin, of which the calendar package knows no holidays and staff entered not all.

        All are entered when each of the holidays still to come that move is in the name of a day off.
        """
        today, hours = self._find_today(), await self.read_hours()
        for year in [] if hours.is_daily else list_unknown_years(today):
            names = select(DayOff.name).where(DayOff.day >= date(year, 1, 1), DayOff.day <= date(year, 12, 31))
            entered = " ".join(name for (name,) in await self._database.fetch(names))
            if any(holiday not in entered for holiday in list_coming_holidays(year, today)):
                return year
        return None

    async def _list_days_off(self, session: AsyncSession) -> list[DayOffView]:
        query = select(DayOff).where(DayOff.day >= self._find_today()).order_by(DayOff.day)
        return [DayOffView.model_validate(row) for row in await session.scalars(query)]

    def _find_today(self) -> date:
        return self._clock().astimezone(CHINA).date()
