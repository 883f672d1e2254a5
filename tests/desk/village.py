"""A small village: account managers, and customers who talk, ask for a human and apply."""

import uuid
from collections import Counter
from typing import Any

from sqlalchemy import select, update

from applications.schemas import ApplicationIn, ApplicationView
from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.tables import Customer, Handoff, Message
from core_banking.interface import CoreBanking
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.customer_loans import CustomerLoans
from desk.customers import ManagedCustomers
from desk.ownership import Ownership
from desk.roles import Role
from desk.schemas import StaffView
from desk.tables import Notification
from kit.database import Database
from kit.search_keys import list_search_keys
from kit.working_time import OfficeHours
from tests.applications.making import make_applications
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
PHONE = "13812345678"
PRODUCTS = ("farmer_loan", "trader_loan", "firm_loan")


class Village:
    """Fills the record; every event is a minute after the one before."""

    def __init__(
        self, database: Database, accounts: Accounts, clock: FixedClock, core: CoreBanking | None = None
    ) -> None:
        self.database = database
        self.accounts = accounts
        self.clock = clock
        self.applied: Counter[str] = Counter()
        self.calendar = OfficeCalendar(database, OfficeHours.parse("08:30-17:30"), clock)
        self.customers = ManagedCustomers(database, self.calendar, CustomerLoans(core, database), clock)
        self.ownership = Ownership(database, clock)
        self.conversations = Conversations(database, clock)

    async def hire(self, login: str, role: Role = "account_manager", *villages: str) -> StaffView:
        return await self.accounts.add_staff(login, f"{login}的名", role, PASSWORD, villages=villages)

    async def hire_everybody(self) -> dict[str, StaffView]:
        """Somebody of each role, and of those who serve customers another: the manager is for 柳河镇."""
        return {
            "their manager": await self.hire("zhang", "account_manager", "柳河镇"),
            "another manager": await self.hire("li"),
            "an agent who serves them": await self.hire("chen", "agent"),
            "another agent": await self.hire("zhou", "agent"),
            "a supervisor": await self.hire("wu", "supervisor"),
            "an editor": await self.hire("sun", "editor"),
            "an approver": await self.hire("ma", "approver"),
            "an admin": await self.hire("qian", "admin"),
        }

    async def meet(self, user: str, source: str | None = None, manager_id: str | None = None) -> Customer:
        """Somebody writes for the first time."""
        self.clock.move(minutes=1)
        opened = await self.conversations.open_conversation("wechat", user)
        async with self.database.transaction() as session:
            customer = await session.get_one(Customer, opened.customer_id)
            customer.source, customer.manager_id = source, manager_id
            said = {"conversation_id": opened.id, "direction": "inbound", "author": "customer", "text": "你好"}
            session.add(Message(**said, at=self.clock.now))
        return customer

    async def apply(self, user: str, name: str = "王秀英", **more: Any) -> ApplicationView:
        """Hands in a pre-application."""
        self.clock.move(minutes=1)
        form = {
            "conversation_id": (await self.conversations.open_conversation("wechat", user)).id,
            "product": PRODUCTS[self.applied[user] % len(PRODUCTS)],  # of each one may be in progress
            "amount": 100_000,
            "term": 12,
            "purpose": "买化肥",
            "region": "柳河镇",
            "name": name,
            "phone": PHONE,
            "details": {},
            "consent_version": "2026-07",
        }
        application = ApplicationIn.model_validate({**form, **more})
        self.applied[user] += 1
        return await make_applications(self.database, self.clock).submit(application, uuid.uuid4().hex)

    async def ask(self, user: str, state: str = "queued", slots: dict[str, Any] | None = None, **more: Any) -> str:
        """Asks for a human; the handoff's id."""
        self.clock.move(minutes=1)
        opened = await self.conversations.open_conversation("wechat", user)
        told = {key: value for key, value in (slots or {}).items() if isinstance(value, str)}
        values = {
            "reason": "account_manager",
            "slots": slots or {},
            "region": told.get("region"),
            "search_keys": list_search_keys(told.get("name"), more.get("callback_phone") or told.get("phone")),
            "requested_at": self.clock.now,
        } | more
        handoff = Handoff(id=str(uuid.uuid4()), conversation_id=opened.id, state=state, **values)
        async with self.database.transaction() as session:
            session.add(handoff)
        return handoff.id

    async def end_talks(self, user: str) -> None:
        """All that they asked for is over."""
        opened = await self.conversations.open_conversation("wechat", user)
        async with self.database.transaction() as session:
            theirs = update(Handoff).where(Handoff.conversation_id == opened.id)
            await session.execute(theirs.values(state="closed"))

    async def find_owner(self, customer_id: str) -> str | None:
        async with self.database.reading() as session:
            return await session.scalar(select(Customer.manager_id).where(Customer.id == customer_id))

    async def list_notifications(self) -> list[tuple[str, str, str]]:
        """Who is told what, and where to look."""
        async with self.database.reading() as session:
            found = await session.scalars(select(Notification).order_by(Notification.id))
            return [(notification.staff_id, notification.text, notification.path) for notification in found]

    async def list_audit(self, action: str) -> list[tuple[str | None, str, dict[str, Any]]]:
        """Who did it, to what, how; the newest first."""
        records = await AuditLog(self.database).list_records(50)
        return [(r.staff_id, r.subject, r.details) for r in records if r.action == action]
