"""Visits in a village: who can be visited, and who comes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.tables import Customer, Handoff
from kit.clock import CHINA
from kit.database import Database
from kit.working_time import OfficeHours
from tests.fakes import FixedClock
from tests.vaults import VAULT
from visits.schemas import ManagedVisit, VisitIn
from visits.service import Change, Visits
from visits.slots import VisitHours

HOURS = VisitHours.parse("09:00-12:00,14:00-17:30", minutes=90, days=14)
NOW = datetime(2026, 7, 1, 20, 0, tzinfo=CHINA)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=CHINA)


@dataclass
class Office:
    """One process with visits; remembers what it announced."""

    database: Database
    clock: FixedClock
    managers: dict[str, str] = field(default_factory=lambda: {"li": "李强"})
    announced: list[tuple[Change, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        calendar = OfficeCalendar(self.database, OfficeHours.parse("08:30-17:30"), self.clock)
        self.visits = Visits(self.database, calendar, HOURS, self._list, self.clock, announce=self._announce)

    async def meet(self, user: str, manager_id: str | None = "li", reason: str = "account_manager") -> str:
        """A customer who asked for a human; the conversation's id."""
        opened = await Conversations(self.database, self.clock).open_conversation("wechat", user)
        async with self.database.transaction() as session:
            customer = (await session.scalars(select(Customer).where(Customer.id == opened.customer_id))).one()
            customer.manager_id = manager_id
            asked = {"reason": reason, "state": "closed", "slots": {}, "requested_at": self.clock.now}
            session.add(Handoff(id=f"handoff-{user}", conversation_id=opened.id, region="柳河镇", **asked))
        return opened.id

    async def book(self, conversation_id: str, time: str = "02 09:00", key: str = "") -> str:
        """Books; the visit's id."""
        visit = VisitIn(conversation_id=conversation_id, starts_at=at(time), place="柳河镇王家村")
        return (await self.visits.book(visit, key or f"key-{conversation_id}-{time}")).id

    async def _list(self, session: AsyncSession) -> Mapping[str, str]:
        return self.managers

    async def _announce(self, session: AsyncSession, visit: ManagedVisit, change: Change) -> None:
        self.announced.append((change, visit.manager_id))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def office(database: Database, clock: FixedClock) -> Office:
    return Office(database, clock)


@pytest.fixture
async def elsewhere(database_url: str, clock: FixedClock) -> AsyncIterator[Office]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield Office(opened, clock)
    await opened.close()
