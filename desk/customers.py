"""An account manager's customers and pre-applications: lists, progress, phone numbers."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from applications import notices
from applications import repository as applications
from applications.moves import move
from applications.schemas import ManagedApplication, Move, StepView
from applications.stages import REVIEWED_STAGES, Actor, Stage
from conversations.customers import get_customer, list_conversation_ids
from conversations.office_calendar import OfficeCalendar
from desk import customer_repository, staff_repository
from desk.audit import record
from desk.customer_access import is_managed_by, require_manager
from desk.customer_loans import CustomerLoans
from desk.customer_repository import ApplicationCard, CustomerCard, CustomerGroup
from desk.portrait_reader import read_tags
from desk.reviews import assign_reviewer
from desk.roles import Role, may
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.text import clean_text
from verification.repository import list_verified
from visits import repository as visits

LISTED_MAX = 200
NOT_SERVED = "这位客户现在不由您接待：先接管会话，或把客户转给客户经理，再打电话"


class CustomerPhone(NamedTuple):
    """A customer's number, and whether a code that was sent to it came back."""

    number: str
    is_verified: bool


class ManagedCustomers:
    """Lists and actions of account managers. RequestError 403, 404, 409 when somebody else was faster, 422."""

    def __init__(
        self, database: Database, calendar: OfficeCalendar, loans: CustomerLoans, clock: Clock = read_clock
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._loans = loans
        self._clock = clock

    async def list_applications(
        self, manager_id: str | None, stages: Collection[Stage], search: str = "", limit: int = LISTED_MAX
    ) -> list[ApplicationCard]:
        """Applications of one manager (None: all) in a stage, the last changed first."""
        async with self._database.reading() as session:
            cards = await customer_repository.list_applications(session, manager_id, stages, clean_text(search), limit)
        return [replace(card, is_late=is_late(card.application, self._clock())) for card in cards]

    async def list_customers(
        self, manager_id: str | None, search: str = "", group: CustomerGroup | None = None, limit: int = LISTED_MAX
    ) -> list[CustomerCard]:
        """Customers of one manager (None: all), those to contact on a day by that day, then the last in touch first.

        `search` is in names, phones and places.
        """
        async with self._database.reading() as session:
            cards = await customer_repository.list_customers(session, manager_id, clean_text(search), group, limit)
        loans = await self._loans.list_loans([card.customer_id for card in cards])
        async with self._database.reading() as session:
            tags = await read_tags(session, cards, loans, self._clock())
        return [replace(card, tags=tuple(tags[card.customer_id])) for card in cards]

    async def move_application(self, staff: StaffView, application_id: str, change: Move) -> ManagedApplication:
        """Moves it from the stage the caller saw to another; only its manager or a supervisor may."""
        now, hours = self._clock(), await self._calendar.read_hours()
        async with self._database.transaction() as session:
            if change.stage in REVIEWED_STAGES:  # before the application, as assign_reviewer wants it
                await staff_repository.lock_active(session, "supervisor")
            seen = await applications.get_application(session, application_id, is_changed=True)
            require_manager(staff, seen.manager_id)
            await move(session, application_id, change, list_actors(staff.role), now=now, hours=hours, by=staff.id)
            if change.stage == "visit":  # which the customer may have booked before
                await visits.await_booked(session, application_id, now)
            moved = await applications.get_application(session, application_id)
            assigned = await assign_reviewer(session, moved, self._clock)
            stages = {"from": change.expected, "to": change.stage}
            await record(session, now, staff.id, "application_moved", seen.number, **stages)
            return assigned

    async def mark_told(self, staff: StaffView, application_id: str) -> None:
        """The customer was told by phone where it stands; only by its manager or a supervisor."""
        async with self._database.transaction() as session:
            seen = await applications.get_application(session, application_id)
            require_manager(staff, seen.manager_id)
            await notices.mark_called(session, application_id)
            await record(session, self._clock(), staff.id, "application_told", seen.number)

    async def list_steps(self, staff: StaffView, application_id: str) -> list[StepView]:
        """What happened to an application, the oldest first; only for its manager or a supervisor."""
        async with self._database.reading() as session:
            seen = await applications.get_application(session, application_id)
            require_manager(staff, seen.manager_id)
            return await applications.list_steps(session, application_id)

    async def reveal_phone(self, staff: StaffView, customer_id: str) -> CustomerPhone:
        """The customer's full phone number, to call it; audited before it is shown."""
        async with self._database.transaction() as session:
            customer = await get_customer(session, customer_id)
            phone = await customer_repository.find_phone(session, customer_id)
            theirs = await list_conversation_ids(session, customer_id)
            await self._reveal(session, staff, customer_id, customer.manager_id, theirs, phone)
            called = [each.id for each in await applications.list_of_conversations(session, theirs)]
            await applications.mark_called(session, called, self._clock())
            verified = await list_verified(session, theirs)
        return CustomerPhone(phone, is_verified=any(phone in phones for phones in verified.values()))

    async def reveal_applicant_phone(self, staff: StaffView, application_id: str) -> CustomerPhone:
        """The applicant's full phone number, to call it; audited before it is shown. 409 once they have withdrawn."""
        async with self._database.transaction() as session:
            application = await applications.get_application(session, application_id, is_changed=True)
            where = [application.conversation_id]
            await self._reveal(session, staff, application_id, application.manager_id, where, application.phone)
            if application.stage == "withdrawn":
                raise RequestError(409, "application_moved_on", "客户已经撤回这笔申请，不用再打电话了")
            await applications.mark_called(session, [application_id], self._clock())
            verified = await list_verified(session, where)
        return CustomerPhone(application.phone, application.phone in verified[application.conversation_id])

    async def _reveal(
        self,
        session: AsyncSession,
        staff: StaffView,
        subject: str,
        manager_id: str | None,
        conversation_ids: Collection[str],
        phone: str,
    ) -> None:
        """Numbers are for who serves the customer; seeing everything is no reason to call them."""
        if not is_managed_by(staff, manager_id):
            require_manager(staff, manager_id)
            if not await customer_repository.is_served(session, conversation_ids, staff.id):
                raise RequestError(403, "not_served", NOT_SERVED)
        if not phone:
            raise RequestError(404, "no_phone", "客户还没有留电话")
        await record(session, self._clock(), staff.id, "unmasked", subject)


def is_late(application: ManagedApplication, now: datetime) -> bool:
    """Whether whoever is responsible has not acted in time."""
    return application.due_at is not None and now > application.due_at


def list_actors(role: Role) -> tuple[Actor, ...]:
    """As whom staff move applications: supervisors also decide, as the credit department."""
    return ("credit_department", "account_manager") if may(role, "oversee") else ("account_manager",)
