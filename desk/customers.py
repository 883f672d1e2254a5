"""Customers and pre-applications in the hands of account managers: whose they are, how far they have come."""

from collections.abc import Awaitable, Callable, Collection

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository
from applications.schemas import ManagedApplication, Stage
from conversations.tables import Conversation, Customer
from desk import customer_cards
from desk.assignment import AccountManager, find_manager
from desk.audit import record
from desk.customer_cards import ApplicationCard, CustomerCard, CustomerGroup
from desk.notifications import notifier
from desk.roles import may
from desk.schemas import StaffView
from desk.tables import Staff
from desk.wording import VALUES
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.money import format_yuan

LOOK_SECONDS = 3.0
# How many of each that are nobody's are looked at each time, the newest ones.
LOOKED_AT_MAX = 200
LISTED_MAX = 200
PATH = "/customers"


class ManagedCustomers:
    """Steps raise RequestError: 403 for who may not, 404, 409 when somebody else was faster, 422 for bad input."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Gives what is new to its account manager, until cancelled; every desk process may."""
        await repeat(self.assign_new, seconds=LOOK_SECONDS)

    async def assign_new(self) -> None:
        """Pre-applications and customers that are nobody's go to who looks after them, if one person does.

        A pre-application goes to the customer's own account manager before anybody else, and its manager is told.
        """
        async with self._database.reading() as session:
            managers = await _list_managers(session)
            applications = await repository.list_unassigned(session, LOOKED_AT_MAX) if managers else []
            leads = await _list_leads(session) if managers else {}
        for application in applications:
            async with self._database.transaction() as session:
                await self._assign_application(session, application, managers)
        for customer_id, source in leads.items():
            owner = find_manager(None, source, managers)
            if owner:
                async with self._database.transaction() as session:
                    await _own(session, customer_id, owner)

    async def list_applications(
        self, manager_id: str | None, stages: Collection[Stage], search: str = "", limit: int = LISTED_MAX
    ) -> list[ApplicationCard]:
        """Those of one manager (None: everybody's) with a stage, what changed last first."""
        async with self._database.reading() as session:
            return await customer_cards.list_applications(session, manager_id, stages, search.strip(), limit)

    async def list_customers(
        self, manager_id: str | None, search: str = "", group: CustomerGroup | None = None, limit: int = LISTED_MAX
    ) -> list[CustomerCard]:
        """Those of one manager (None: everybody's), who was last in touch first; `search` in names, phones, places."""
        async with self._database.reading() as session:
            return await customer_cards.list_customers(session, manager_id, search.strip(), group, limit)

    async def list_managers(self) -> dict[str, str]:
        """Names of the account managers whom customers may be given to, by staff id."""
        async with self._database.reading() as session:
            return {manager.staff_id: manager.name for manager in await _list_managers(session)}

    async def move_application(
        self, staff: StaffView, application_id: str, stage: Stage, expected: Stage
    ) -> ManagedApplication:
        """To another stage from the one they saw; only the own manager or a supervisor."""
        now = self._clock()
        async with self._database.transaction() as session:
            seen = await repository.get_application(session, application_id, is_changed=True)
            _require_owner(staff, seen.manager_id)
            moved = await repository.move(session, application_id, stage, expected=expected, now=now)
            steps = {"from": expected, "to": stage}
            await record(session, now, staff.id, "application_moved", moved.number, **steps)
        return moved

    async def reassign(self, staff: StaffView, customer_id: str, manager_id: str) -> None:
        """A supervisor gives a customer, and all they applied for, to another account manager, who is told."""
        if not may(staff.role, "oversee"):
            raise RequestError(403, "forbidden", "只有主管可以更换客户经理")
        now = self._clock()
        async with self._database.transaction() as session:
            managers = {manager.staff_id: manager for manager in await _list_managers(session)}
            if manager_id not in managers:
                raise RequestError(422, "no_manager", "请选择一位在用的客户经理")
            customer = await _lock_customer(session, customer_id)
            before = customer.manager_id
            if before == manager_id:
                return
            customer.manager_id = manager_id
            for conversation_id in await _list_conversations(session, customer_id):
                await repository.set_manager_of_conversation(session, conversation_id, manager_id)
            changes = {"from": before, "to": manager_id}
            await record(session, now, staff.id, "customer_reassigned", customer_id, **changes)
            key = f"customer:{customer_id}:{now.isoformat()}"
            await notifier.add(session, manager_id, key, f"新客户\n{staff.name}把一位客户交给您", PATH, now=now)

    async def reveal_phone(self, staff: StaffView, customer_id: str) -> str:
        """Where a customer can be called, in full; written down before it is shown."""

        async def read(session: AsyncSession) -> tuple[str | None, str]:
            customer = await session.get(Customer, customer_id)
            if customer is None:
                raise RequestError(404, "no_such_customer", "没有这位客户")
            return customer.manager_id, await customer_cards.find_phone(session, customer_id)

        return await self._reveal(staff, customer_id, read)

    async def reveal_applicant_phone(self, staff: StaffView, application_id: str) -> str:
        """The number of a pre-application, in full; written down before it is shown."""

        async def read(session: AsyncSession) -> tuple[str | None, str]:
            application = await repository.get_application(session, application_id)
            return application.manager_id, application.phone

        return await self._reveal(staff, application_id, read)

    async def _reveal(
        self, staff: StaffView, subject: str, read: Callable[[AsyncSession], Awaitable[tuple[str | None, str]]]
    ) -> str:
        async with self._database.transaction() as session:
            owner, phone = await read(session)
            _require_owner(staff, owner)
            if not phone:
                raise RequestError(404, "no_phone", "客户还没有留电话")
            await record(session, self._clock(), staff.id, "unmasked", subject)
        return phone

    async def _assign_application(
        self, session: AsyncSession, application: ManagedApplication, managers: list[AccountManager]
    ) -> None:
        # The customer is locked first, here as when a supervisor gives them to somebody: whoever comes second sees it.
        of_conversation = select(Conversation.customer_id).where(Conversation.id == application.conversation_id)
        customer_id = await session.scalar(of_conversation)
        if customer_id is None:
            return
        customer = await _lock_customer(session, customer_id)
        is_known = customer.manager_id in {manager.staff_id for manager in managers}
        owner = customer.manager_id if is_known else find_manager(application.region, customer.source, managers)
        if owner is None or not await repository.set_manager(session, application.id, owner):
            return
        if not is_known:  # or known, but no longer here
            customer.manager_id = owner
        await notifier.add(
            session, owner, f"application:{application.id}", _announce(application), PATH, now=self._clock()
        )


async def _list_managers(session: AsyncSession) -> list[AccountManager]:
    is_one = Staff.role == "account_manager", Staff.is_active
    found = await session.scalars(select(Staff).where(*is_one).order_by(Staff.login))
    return [AccountManager(s.id, s.login, s.name, s.branch, tuple(s.villages)) for s in found]


async def _list_leads(session: AsyncSession) -> dict[str, str | None]:
    """The newest customers who belong to nobody and came by a code that says whose they are; with that code."""
    by_code = or_(*(Customer.source.startswith(kind) for kind in ("manager:", "village:")))
    query = select(Customer.id, Customer.source).where(Customer.manager_id.is_(None), by_code)
    found = await session.execute(query.order_by(Customer.created_at.desc()).limit(LOOKED_AT_MAX))
    return {row.id: row.source for row in found}


async def _own(session: AsyncSession, customer_id: str, manager_id: str) -> None:
    is_free = Customer.id == customer_id, Customer.manager_id.is_(None)
    await session.execute(update(Customer).where(*is_free).values(manager_id=manager_id))


async def _lock_customer(session: AsyncSession, customer_id: str) -> Customer:
    customer = await session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if customer is None:
        raise RequestError(404, "no_such_customer", "没有这位客户")
    return customer


async def _list_conversations(session: AsyncSession, customer_id: str) -> list[str]:
    return list(await session.scalars(select(Conversation.id).where(Conversation.customer_id == customer_id)))


def _require_owner(staff: StaffView, manager_id: str | None) -> None:
    is_own = may(staff.role, "customers") and manager_id == staff.id
    if not is_own and not may(staff.role, "oversee"):
        raise RequestError(403, "not_yours", "这位客户不归您负责")


def _announce(application: ManagedApplication) -> str:
    what = f"{VALUES.get(application.product, application.product)} {format_yuan(application.amount)}"
    return f"新的贷款申请\n{application.name[:1]}** {what} {application.region}"
