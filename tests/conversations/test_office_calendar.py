"""Office hours without the days off that staff entered, and the year whose holidays nobody knows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conversations.office_calendar import OfficeCalendar
from conversations.office_settings import OFFICE_KEY, office_revisions, write_office
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours
from tests.fakes import FixedClock

OFFICE = OfficeHours.parse("08:30-17:30")
DAILY = OfficeHours.parse("08:30-17:30", is_daily=True)
THURSDAY = date(2026, 7, 2)


@pytest.fixture
def calendar(database: Database, clock: FixedClock) -> OfficeCalendar:
    """On Wednesday, the 1st of July 2026, 17:00."""
    return OfficeCalendar(database, OFFICE, clock)


async def add(database: Database, calendar: OfficeCalendar, day: date, name: str = "") -> None:
    async with database.transaction() as session:
        await calendar.add_day_off(session, day, name)


async def test_a_day_off_counts_at_once_in_every_process_and_not_once_removed(
    database: Database, clock: FixedClock, calendar: OfficeCalendar
) -> None:
    other = OfficeCalendar(database, OFFICE, clock)
    night = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    thursday, friday = datetime(2026, 7, 2, 0, 30, tzinfo=UTC), datetime(2026, 7, 3, 0, 30, tzinfo=UTC)
    assert (await other.read_hours()).find_opening(night) == thursday
    await add(database, calendar, THURSDAY, "行庆")
    assert (await other.read_hours()).find_opening(night) == friday
    assert not (await other.read_hours()).is_open(thursday)
    assert [(off.day, off.name) for off in await other.list_days_off()] == [(THURSDAY, "行庆")]
    async with database.transaction() as session:
        await calendar.remove_day_off(session, THURSDAY)
    assert (await other.read_hours()).find_opening(night) == thursday


async def approve(database: Database, day: date, **changes: Any) -> None:
    """A revision of the office hours that is in force from a day on."""
    content = write_office(OFFICE) | changes
    async with database.transaction() as session:
        number = len(await office_revisions.list_all(session, OFFICE_KEY)) + 1
        when: dict[str, Any] = {"now": datetime(2026, 7, 1, 9, tzinfo=UTC), "today": day}
        draft = await office_revisions.draft(session, OFFICE_KEY, content, day, by="an", **when)
        await office_revisions.approve(session, OFFICE_KEY, number, draft.version, by="bo", **when)


async def test_hours_that_staff_approved_replace_those_of_the_settings_from_their_day_on(
    database: Database, calendar: OfficeCalendar
) -> None:
    await approve(database, date(2026, 7, 1), hours="08:30-12:00,14:00-17:30", promise_hours=4.0)
    await approve(database, THURSDAY, hours="09:00-17:00")
    await add(database, calendar, date(2026, 7, 3))
    hours = await calendar.read_hours()
    assert hours.promise == timedelta(hours=4)
    noon = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
    assert hours.find_opening(noon) == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert hours.find_morning(noon) == datetime(2026, 7, 2, 1, 0, tzinfo=UTC)
    assert hours.find_opening(datetime(2026, 7, 2, 9, 0, tzinfo=UTC)) == datetime(2026, 7, 6, 1, 0, tzinfo=UTC)


async def test_a_draft_changes_nothing(database: Database, calendar: OfficeCalendar) -> None:
    today = date(2026, 7, 1)
    async with database.transaction() as session:
        content = write_office(DAILY)
        await office_revisions.draft(
            session, OFFICE_KEY, content, today, by="an", now=datetime(2026, 7, 1, 9, tzinfo=UTC), today=today
        )
    assert await calendar.read_hours() == OFFICE


async def test_also_of_an_office_that_is_open_daily(database: Database, clock: FixedClock) -> None:
    calendar = OfficeCalendar(database, DAILY, clock)
    await add(database, calendar, THURSDAY)
    assert not (await calendar.read_hours()).is_open(datetime(2026, 7, 2, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "name", "refusal"),
    [
        (date(2026, 6, 30), "", "422 past_day"),
        (THURSDAY, "长" * 21, "422 long_name"),
        (date(2026, 7, 3), "", "409 known_day_off"),
    ],
)
async def test_refusals(database: Database, calendar: OfficeCalendar, day: date, name: str, refusal: str) -> None:
    await add(database, calendar, date(2026, 7, 3))
    with pytest.raises(RequestError, match=refusal):
        await add(database, calendar, day, name)


async def test_what_is_no_day_off_cannot_be_removed(database: Database, calendar: OfficeCalendar) -> None:
    with pytest.raises(RequestError, match="404 no_such_day_off"):
        async with database.transaction() as session:
            await calendar.remove_day_off(session, THURSDAY)


async def test_a_year_nobody_knows_is_missed_a_month_before_until_staff_enter_its_holidays(
    database: Database, calendar: OfficeCalendar, clock: FixedClock
) -> None:
    assert await calendar.find_unknown_year() is None
    clock.now = datetime(2098, 11, 29, 4, 0, tzinfo=UTC)
    assert await calendar.find_unknown_year() is None  # no holiday that moves is still to come in 2098
    clock.now = datetime(2098, 12, 5, 4, 0, tzinfo=UTC)
    assert await calendar.find_unknown_year() == 2099
    assert await OfficeCalendar(database, DAILY, clock).find_unknown_year() is None
    days = {"行庆": (3, 2), "春节": (2, 2), "清明节": (4, 6), "端午": (5, 28)}
    for name, (month, day) in days.items():
        await add(database, calendar, date(2099, month, day), name)
        assert await calendar.find_unknown_year() == 2099, name
    await add(database, calendar, date(2099, 9, 29), "中秋节")
    assert await calendar.find_unknown_year() is None


async def test_a_year_that_has_begun_is_missed_for_what_is_still_to_come(
    database: Database, calendar: OfficeCalendar, clock: FixedClock
) -> None:
    clock.now = datetime(2098, 7, 1, 4, 0, tzinfo=UTC)
    assert await calendar.find_unknown_year() == 2098
    await add(database, calendar, date(2098, 9, 10), "中秋")
    assert await calendar.find_unknown_year() is None
