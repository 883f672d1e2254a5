"""Tells account managers of their visits: what customers book and change, who takes over, what stands today."""

import logging
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.customers import find_customer_id
from desk.customer_repository import list_discreet_names
from desk.notifications import notifier
from desk.ownership import list_manager_names
from kit.background import guard, repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.working_time import describe_moment
from visits import by_staff, repository
from visits.schemas import ManagedVisit
from visits.service import Change
from visits.tables import Visit

log = logging.getLogger(__name__)

DAY_PATH = "/my-day"
EVENING, MORNING = time(18), time(7, 30)  # of the day before, and of the day; China's time
AHEAD = timedelta(days=1, hours=6)
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
        async with self._database.reading() as session:
            due = await repository.list_to_remind(session, now, now + AHEAD, BATCH)
            managers = await list_manager_names(session)
        for row in due:
            with guard(log, "the reminder of visit %s failed", row.id):
                await self._remind(row, managers, now)

    async def _remind(self, seen: Visit, managers: Mapping[str, str], now: datetime) -> None:
        day = seen.starts_at.astimezone(CHINA).date()
        evening = datetime.combine(day - timedelta(days=1), EVENING, CHINA)
        morning = datetime.combine(day, MORNING, CHINA)
        if now < evening:
            return
        async with self._database.transaction() as session:
            row = await repository.lock_visit(session, seen.id)
            if row.state != "booked" or row.starts_at != seen.starts_at:
                return
            visit = ManagedVisit.model_validate(row)
            # Who booked for tomorrow this very evening knows it.
            is_known = row.changed_at >= evening
            name = managers.get(row.manager_id or "", "")
            if is_known:
                row.customer_reminded_at = row.customer_reminded_at or now
            elif not await by_staff.remind_customer(session, row.id, name, now) and row.manager_id:
                await _notify(session, visit, "call", "请打电话提醒客户上门时间，渠道里发不出去", now)
            if now >= morning and row.manager_reminded_at is None and row.manager_id:
                row.manager_reminded_at = now
                await _notify(session, visit, "today", "今天有上门", now)


async def _notify(session: AsyncSession, visit: ManagedVisit, what: str, headline: str, now: datetime) -> None:
    customer_id = await find_customer_id(session, visit.conversation_id) or ""
    name = (await list_discreet_names(session, [customer_id])).get(customer_id, "")
    text = f"{headline}\n{name}，{describe_moment(visit.starts_at, now)}"
    key = f"visit:{visit.id}:{what}:{visit.changed_at:%y%m%d%H%M%S}:{(visit.manager_id or '')[:8]}"
    await notifier.add(session, str(visit.manager_id), key, text, DAY_PATH, now=now)
