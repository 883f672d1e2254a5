"""Whether humans answer now, as the chat page is told: by the hour, the day of the week and days off."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import httpx
import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from connectors.webchat.office import OfficeReader
from conversations.office_calendar import OfficeCalendar
from kit.clock import CHINA
from kit.database import Database
from kit.working_time import OfficeHours
from tests.fakes import FixedClock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PATH = "/webchat/office"
FRIDAY = datetime(2026, 11, 27, tzinfo=CHINA)
MONDAY = FRIDAY + timedelta(days=3)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(FRIDAY + timedelta(hours=9))


@pytest.fixture
async def web(database_url: str, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """A page of a gateway that lives by the clock."""
    settings = GatewaySettings(database_url=database_url)
    app = create_app(settings, channels=[WebChat(settings, now=clock)])
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://g") as client:
        yield client


@pytest.mark.parametrize(
    ("hours", "opens_at"),
    [
        (9, None),
        (8.5, None),
        (8.25, FRIDAY + timedelta(hours=8.5)),
        (17.4, None),
        (17.5, MONDAY + timedelta(hours=8.5)),
        (23, MONDAY + timedelta(hours=8.5)),
        (30, MONDAY + timedelta(hours=8.5)),
    ],
)
async def test_it_tells_the_next_opening_in_chinas_time(
    web: httpx.AsyncClient, clock: FixedClock, hours: float, opens_at: datetime | None
) -> None:
    clock.now = FRIDAY + timedelta(hours=hours)
    body = (await web.get(PATH)).json()
    assert body == {"is_open": opens_at is None, "opens_at": opens_at and opens_at.isoformat()}


async def test_it_changes_with_the_hour_though_the_hours_are_kept(web: httpx.AsyncClient, clock: FixedClock) -> None:
    clock.now = FRIDAY + timedelta(hours=17.5, seconds=-1)
    assert (await web.get(PATH)).json()["is_open"]
    clock.move(seconds=1)
    assert not (await web.get(PATH)).json()["is_open"]


async def test_a_new_day_off_counts_after_a_moment(database: Database, clock: FixedClock) -> None:
    calendar = OfficeCalendar(database, OfficeHours.parse("08:30-17:30"), clock)
    office = OfficeReader(calendar, clock)
    assert (await office.read()).is_open
    async with database.transaction() as session:
        await calendar.add_day_off(session, date(2026, 11, 27), "停电")
    clock.move(seconds=4)
    assert (await office.read()).is_open
    clock.move(seconds=1)
    view = await office.read()
    assert (view.is_open, view.opens_at) == (False, MONDAY + timedelta(hours=8.5))
