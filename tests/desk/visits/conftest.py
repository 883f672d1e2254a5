"""A village whose customers book visits, and its clock."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from conversations.office_calendar import OfficeCalendar
from conversations.tables import Conversation, Message
from desk.accounts import Accounts
from desk.my_day import MyDay
from desk.ownership import list_manager_names
from desk.schemas import StaffView
from desk.visit_notices import VisitNotices, announce_visit
from kit.clock import CHINA
from kit.database import Database
from kit.working_time import OfficeHours
from tests.desk.village import Village
from tests.fakes import FixedClock
from visits.schemas import VisitIn
from visits.service import Visits
from visits.slots import VisitHours

HOURS = VisitHours.parse("09:00-12:00,14:00-17:30", minutes=90, days=14)
NOW = datetime(2026, 7, 1, 10, 0, tzinfo=CHINA)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=CHINA)


class Visited(Village):
    """A village whose customers book visits."""

    def __init__(self, database: Database, accounts: Accounts, clock: FixedClock) -> None:
        super().__init__(database, accounts, clock)
        calendar = OfficeCalendar(database, OfficeHours.parse("08:30-17:30"), clock)
        self.visits = Visits(database, calendar, HOURS, list_manager_names, clock, announce=announce_visit)
        self.my_day = MyDay(database, clock)
        self.notices = VisitNotices(database, clock)

    async def book(self, user: str, manager: StaffView, time: str = "02 09:00", **application: Any) -> str:
        """A customer of a manager applies and books a visit; its id."""
        await self.meet(user, manager_id=manager.id)
        conversation = (await self.apply(user, **application)).conversation_id
        visit = VisitIn(conversation_id=conversation, starts_at=at(time), place="柳河镇王家村3组")
        return (await self.visits.book(visit, f"key-{user}-{time}")).id

    async def list_names(self, staff: StaffView) -> list[str]:
        """The customers of the visits that somebody sees."""
        return [card.name for card in await self.my_day.list_visits(staff)]

    async def open_window(self, user: str, left: int = 5) -> None:
        """WeChat lets us write."""
        opened = await self.conversations.open_conversation("wechat", user)
        window = {"window_until": at("30 10:00"), "window_left": left}
        async with self.database.transaction() as session:
            await session.execute(update(Conversation).where(Conversation.id == opened.id).values(**window))

    async def list_said(self, user: str) -> list[str]:
        """What we said by ourselves."""
        opened = await self.conversations.open_conversation("wechat", user)
        ours = Message.conversation_id == opened.id, Message.direction == "outbound"
        async with self.database.reading() as session:
            return list(await session.scalars(select(Message.text).where(*ours).order_by(Message.id)))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Visited:
    return Visited(database, accounts, clock)
