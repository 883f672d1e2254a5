"""Tells account managers of their visits: what customers book and change, who takes over, what stands today."""

import logging
from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.customers import find_customer_id
from desk.customer_repository import list_discreet_names
from desk.notifications import notifier
from desk.ownership import list_manager_names
from kit.background import guard, repeat
from kit.clock import CHINA, Clock, read_clock, write_moment
from kit.database import Database
from kit.working_time import DAY
from visits import by_staff, repository
from visits.schemas import ManagedVisit
from visits.service import Change
from visits.tables import Visit

log = logging.getLogger(__name__)

DAY_PATH = "/my-day"
EVENING, MORNING = time(18), time(7, 30)  # of the day before, and of the day; China's time
BATCH = 100
HEADLINES: dict[Change, str] = {"booked": "客户约了上门", "moved": "客户改了上门时间", "cancelled": "客户取消了上门"}


async def announce_visit(session: AsyncSession, visit: ManagedVisit, change: Change) -> None:
    """Notifies the account manager, if the visit has one, of what its customer did."""
    if visit.manager_id:
        await _notify(session, visit, change, HEADLINES[change], visit.changed_at)


class VisitNotices:
    """Keeps visits with their customers' managers, and reminds both sides once; every desk process may run one."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 30.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Does all that is due now."""
        now = self._clock()
        async with self._database.transaction() as session:
            for row in await repository.follow_managers(session, now):
                if row.manager_id:
                    await _notify(session, ManagedVisit.model_validate(row), "taken", "上门转给您", now)
            for row in await repository.list_pointless(session, now):
                visit = await by_staff.cancel(session, row.id, "", now, is_pointless=True)
                if visit.manager_id:
                    await _notify(session, visit, "pointless", "申请结束，上门取消", now)
        customers_end, managers_end = find_ends(now)
        async with self._database.reading() as session:
            customers = await repository.list_unreminded_customers(session, now, customers_end, BATCH)
            managers = await repository.list_unreminded_managers(session, now, managers_end, BATCH)
            names = await list_manager_names(session)
        for row in customers:
            with guard(log, "the customer's reminder of visit %s failed", row.id):
                await self._remind_customer(row, names, now)
        for row in managers:
            with guard(log, "the manager's reminder of visit %s failed", row.id):
                await self._remind_manager(row, now)

    async def _remind_customer(self, seen: Visit, names: Mapping[str, str], now: datetime) -> None:
        async with self._database.transaction() as session:
            row = await repository.lock_visit(session, seen.id)
            if row.state != "booked" or row.starts_at != seen.starts_at:
                return
            day = row.starts_at.astimezone(CHINA).date()
            # Who booked for tomorrow this very evening knows it.
            if row.changed_at >= datetime.combine(day - DAY, EVENING, CHINA):
                row.customer_reminded_at = row.customer_reminded_at or now
                return
            visit, name = ManagedVisit.model_validate(row), names.get(row.manager_id or "", "")
            if not await by_staff.remind_customer(session, row.id, name, now) and row.manager_id:
                await _notify(session, visit, "call", "请打电话提醒客户上门时间，渠道里发不出去", now)

    async def _remind_manager(self, seen: Visit, now: datetime) -> None:
        async with self._database.transaction() as session:
            row = await repository.lock_visit(session, seen.id)
            is_as_seen = row.state == "booked" and row.starts_at == seen.starts_at
            if is_as_seen and row.manager_id and row.manager_reminded_at is None:
                row.manager_reminded_at = now
                await _notify(session, ManagedVisit.model_validate(row), "today", "今天有上门", now)


def find_ends(now: datetime) -> tuple[datetime, datetime]:
    """Before when visits begin of which customers are to be reminded by now, and managers.

    Customers from the evening before on, managers from the morning of the day on.
    """
    there = now.astimezone(CHINA)
    today = datetime.combine(there.date(), time.min, CHINA)
    days = 2 if there.time() >= EVENING else 1
    return today + days * DAY, today + DAY if there.time() >= MORNING else today


async def _notify(session: AsyncSession, visit: ManagedVisit, what: str, headline: str, now: datetime) -> None:
    customer_id = await find_customer_id(session, visit.conversation_id) or ""
    name = (await list_discreet_names(session, [customer_id])).get(customer_id, "")
    text = f"{headline}\n{name}，{write_moment(visit.starts_at)}"
    key = f"visit:{visit.id}:{what}:{visit.changed_at:%y%m%d%H%M%S}:{(visit.manager_id or '')[:8]}"
    await notifier.add(session, str(visit.manager_id), key, text, DAY_PATH, now=now)
