"""An account manager's day: visits to report, visits to come, and what staff do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from conversations.customers import find_customer_id
from desk import customer_repository
from desk.audit import record
from desk.ownership import list_manager_names
from desk.roles import may, require
from desk.schemas import StaffView
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.masking import mask_personal_data
from kit.text import clean_text
from visits import by_staff, repository
from visits.schemas import ManagedVisit
from visits.tables import Visit

DAYS_AHEAD = 31
FORBIDDEN = "您的角色没有上门安排"


@dataclass(frozen=True, slots=True)
class VisitCard:
    """A visit to make, its customer's name and masked phone, and the number of their application if there is one.

    `clashes`: another visit of the same manager overlaps. `is_reachable`: the customer is told of changes at once.
    """

    visit: ManagedVisit
    customer_id: str
    name: str
    phone: str
    application: str
    manager: str
    clashes: bool
    is_reachable: bool


class MyDay:
    """Lists and changes visits. RequestError 403 for somebody else's, 404, 409 when it is over, 422."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_visits(self, staff: StaffView) -> list[VisitCard]:
        """In order those of earlier days that nobody reported, then all from this morning on.

        One's own, for supervisors everybody's.
        """
        require(staff.role, "customers", FORBIDDEN)
        now = self._clock()
        morning = datetime.combine(now.astimezone(CHINA).date(), time.min, CHINA)
        of = None if may(staff.role, "oversee") else staff.id
        async with self._database.reading() as session:
            unreported = await repository.list_unreported(session, of, morning)
            ahead = await repository.list_between(session, of, morning, morning + timedelta(days=DAYS_AHEAD))
            rows = [*unreported, *ahead]
            managers = await list_manager_names(session)
            return [await self._describe(session, row, rows, managers.get(row.manager_id or "", "")) for row in rows]

    async def report(self, staff: StaffView, visit_id: str, outcome: Literal["done", "missed"], note: str) -> None:
        """Records that the visit was made, or that nobody was there."""
        async with self._database.transaction() as session:
            visit = await self._require_own(session, staff, visit_id)
            now = self._clock()
            await by_staff.report(session, visit_id, outcome, clean_text(note), now)
            await self._record(session, staff, "visit_reported", visit, to=outcome)

    async def move(self, staff: StaffView, visit_id: str, day: str, at: str, note: str) -> None:
        """Moves it to a day such as 2027-02-06 and a time such as 14:30, and tells the customer."""
        try:
            starts_at = datetime.combine(datetime.fromisoformat(day).date(), time.fromisoformat(at), CHINA)
        except ValueError:
            raise RequestError(422, "no_time", "请选择日期和时间") from None
        async with self._database.transaction() as session:
            await repository.lock_times(session)
            visit = await self._require_own(session, staff, visit_id)
            now = self._clock()
            manager = (await list_manager_names(session)).get(visit.manager_id or "", "")
            await by_staff.move(session, visit_id, starts_at, clean_text(note), manager, now)
            change = {"from": write_moment(visit.starts_at), "to": write_moment(starts_at)}
            await self._record(session, staff, "visit_moved", visit, **change)

    async def cancel(self, staff: StaffView, visit_id: str, note: str) -> None:
        """Cancels it, and tells the customer."""
        async with self._database.transaction() as session:
            visit = await self._require_own(session, staff, visit_id)
            now = self._clock()
            await by_staff.cancel(session, visit_id, clean_text(note), now)
            await self._record(session, staff, "visit_cancelled", visit, **{"from": write_moment(visit.starts_at)})

    async def _record(
        self, session: AsyncSession, staff: StaffView, action: str, visit: ManagedVisit, **details: str
    ) -> None:
        subject = await find_customer_id(session, visit.conversation_id) or visit.id
        await record(session, self._clock(), staff.id, action, subject, **details)

    async def _require_own(self, session: AsyncSession, staff: StaffView, visit_id: str) -> ManagedVisit:
        visit = ManagedVisit.model_validate(await repository.lock_visit(session, visit_id))
        is_own = may(staff.role, "customers") and visit.manager_id == staff.id
        if not is_own and not may(staff.role, "oversee"):
            raise RequestError(403, "not_yours", "这次上门不归您负责")
        return visit

    async def _describe(self, session: AsyncSession, row: Visit, all_rows: Sequence[Visit], manager: str) -> VisitCard:
        visit = ManagedVisit.model_validate(row)
        customer_id = await find_customer_id(session, row.conversation_id) or ""
        names = await customer_repository.list_names(session, [customer_id])
        number = ""
        if row.application_id:
            filed = await applications.list_of_conversations(session, [row.conversation_id])
            number = next((each.number for each in filed if each.id == row.application_id), "")
        return VisitCard(
            visit,
            customer_id,
            names.get(customer_id, ""),
            mask_personal_data(await customer_repository.find_phone(session, customer_id)),
            number,
            manager,
            clashes=any(_clash(row, other) for other in all_rows if other is not row),
            is_reachable=await by_staff.is_reachable(session, row.conversation_id, self._clock()),
        )


def write_moment(moment: datetime) -> str:
    """A moment for the log, in China's time."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _clash(one: Visit, other: Visit) -> bool:
    is_same = one.manager_id == other.manager_id and one.manager_id and one.state == other.state == "booked"
    ends, others_end = (each.starts_at + timedelta(minutes=each.minutes) for each in (one, other))
    return bool(is_same) and one.starts_at < others_end and other.starts_at < ends
