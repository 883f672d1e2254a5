"""Assigns new customers, applications and handoffs to the account manager of their place, reviews to reviewers."""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from applications.schemas import ManagedApplication
from conversations import customers
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.handoff.states import OPEN
from desk.assignment import find_manager
from desk.audit import record
from desk.notifications import notifier
from desk.reviews import assign_reviewers
from desk.roles import require
from desk.schemas import StaffView
from desk.tables import Staff
from desk.wording import CHANNELS, describe_application, name_reason
from kit.background import guard, repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from privacy.ledger import has_withdrawn
from privacy.purposes import SHARING

log = logging.getLogger(__name__)

BATCH = 200
CUSTOMERS_PATH = "/customers"


class Ownership:
    """Assigns account managers to customers, applications and handoffs, reviewers to applications; tells each once.

    Every desk process may run one.
    """

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 3.0) -> None:
        self._database = database
        self._queries = HandoffQueries(database, clock)
        self._handoffs = Handoffs(clock)
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.assign_new, seconds=self._poll_seconds)

    async def assign_new(self) -> None:
        """Assigns reviewers to applications under review, and an account manager to those without and to new customers.

        Of the managers it is the one who looks after their place, if there is one.
        """
        await assign_reviewers(self._database, self._clock)
        async with self._database.reading() as session:
            managers = await list_managers_in(session)
            if not managers:
                return
            unassigned = await applications.list_unassigned(session, BATCH)
            unowned = await customers.list_unowned(session, BATCH)
        for application in unassigned:
            async with self._database.transaction() as session:
                await self._assign_application(session, application, managers)
        for customer in unowned:
            if find_manager(None, customer.source, managers):
                async with self._database.transaction() as session:
                    await _find_owner(session, customer.id, None, managers)

    async def route_handoffs(self) -> None:
        """Fills new handoffs from the application and notifies the account manager, once each."""
        unrouted = await self._queries.list_unrouted(BATCH)
        if not unrouted:
            return
        async with self._database.reading() as session:
            managers = await list_managers_in(session)
        for handoff in unrouted:
            with guard(log, "handoff %s could not be routed", handoff.id):
                async with self._database.transaction() as session:
                    await self._route(session, handoff, managers)

    async def list_managers(self) -> dict[str, str]:
        """Names of the active account managers, by staff id."""
        async with self._database.reading() as session:
            return await list_manager_names(session)

    async def reassign(self, staff: StaffView, customer_id: str, manager_id: str) -> None:
        """Assigns a customer with all applications to another account manager, who is notified.

        RequestError 403 without permission, 404 for an unknown customer, 422 for somebody who is no account manager.
        """
        require(staff.role, "oversee", "只有主管可以更换客户经理")
        now = self._clock()
        async with self._database.transaction() as session:
            if manager_id not in {manager.id for manager in await list_managers_in(session)}:
                raise RequestError(422, "no_manager", "请选择一位在用的客户经理")
            customer = await customers.get_customer(session, customer_id, is_changed=True)
            if await has_withdrawn(session, customer_id, SHARING):
                raise RequestError(409, "not_shared", "客户撤回了同意，不能再交给客户经理")
            if customer.manager_id == manager_id:
                return
            await customers.set_manager(session, customer_id, manager_id)
            for conversation_id in await customers.list_conversation_ids(session, customer_id):
                await applications.set_manager_of_conversation(session, conversation_id, manager_id)
            changes = {"from": customer.manager_id, "to": manager_id}
            await record(session, now, staff.id, "customer_reassigned", customer_id, **changes)
            key = f"customer:{customer_id}:{now.isoformat()}"
            text = f"新客户\n{staff.name}把一位客户交给您"
            await notifier.add(session, manager_id, key, text, CUSTOMERS_PATH, now=now)

    async def _assign_application(
        self, session: AsyncSession, application: ManagedApplication, managers: Sequence[StaffView]
    ) -> None:
        customer_id = await customers.find_customer_id(session, application.conversation_id)
        if customer_id is None:
            return
        owner = await _find_owner(session, customer_id, application.region, managers)
        if owner and await applications.set_manager(session, application.id, owner):
            key, text = f"application:{application.id}", f"新的贷款申请\n{describe_application(application)}"
            await notifier.add(session, owner, key, text, CUSTOMERS_PATH, now=self._clock())

    async def _route(self, session: AsyncSession, handoff: HandoffView, managers: Sequence[StaffView]) -> None:
        handed_in = await applications.list_of_conversations(session, [handoff.conversation_id])
        # After submission the bot's slots are empty again.
        known = handed_in[0].model_dump(include={"name", "product", "region"}) if handed_in else {}
        await self._handoffs.mark_routed(session, handoff.id, **known)
        if handoff.state in OPEN:
            owner = await _find_owner(session, handoff.customer_id, handoff.region or known.get("region"), managers)
            if owner:
                what = name_reason(handoff.reason)
                text = f"您的客户在等人工\n{CHANNELS.get(handoff.channel, handoff.channel)}客户，{what}"
                key, path = f"handoff:{handoff.id}", f"/talks/{handoff.id}"
                await notifier.add(session, owner, key, text, path, now=self._clock())


async def list_manager_names(session: AsyncSession) -> dict[str, str]:
    """Names of the active account managers, by staff id."""
    return {manager.id: manager.name for manager in await list_managers_in(session)}


async def announce_withdrawal(session: AsyncSession, application: ManagedApplication) -> None:
    """Notifies the account manager, if the application has one, that its customer withdrew it."""
    if application.manager_id:
        key, text = f"withdrawal:{application.id}", f"客户撤回了申请\n{describe_application(application)}"
        await notifier.add(session, application.manager_id, key, text, CUSTOMERS_PATH, now=application.changed_at)


async def announce_refusal(session: AsyncSession, application: ManagedApplication) -> None:
    """Notifies the account manager, if the application has one, that the core did not take it."""
    if application.manager_id:
        key, text = f"core:{application.id}", f"核心系统没有受理，请联系客户\n{describe_application(application)}"
        await notifier.add(session, application.manager_id, key, text, CUSTOMERS_PATH, now=application.changed_at)


async def _find_owner(
    session: AsyncSession, customer_id: str, region: str | None, managers: Sequence[StaffView]
) -> str | None:
    """The customer's account manager; if there is none or they left, assigns whoever looks after the place. None once
    the customer took back the consent to be handed to one.

    The customer is locked, so that of two processes the second sees what the first decided.
    """
    customer = await customers.get_customer(session, customer_id, is_changed=True)
    if await has_withdrawn(session, customer_id, SHARING):
        return None
    if customer.manager_id in {manager.id for manager in managers}:
        return customer.manager_id
    owner = find_manager(region, customer.source, managers)
    if owner:
        await customers.set_manager(session, customer_id, owner)
    return owner


async def list_managers_in(session: AsyncSession) -> list[StaffView]:
    """The active account managers."""
    is_one = Staff.role == "account_manager", Staff.is_active
    found = await session.scalars(select(Staff).where(*is_one).order_by(Staff.login))
    return [StaffView.model_validate(manager) for manager in found]
