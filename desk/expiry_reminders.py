"""Reminds whoever wrote an entry, or all editors, that it is about to expire: customers will not find it any more."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from desk.accounts import Accounts
from desk.notifications import notifier
from desk.roles import may
from desk.schemas import StaffView
from kit.background import guard, repeat
from kit.clock import CHINA, Clock, read_clock, write_day
from kit.database import Database
from knowledge.entry_fields import read_moment
from knowledge.record import entry_revisions
from revisions import rules
from revisions.schemas import RevisionView

log = logging.getLogger(__name__)

DAYS_BEFORE = (1, 14)
MORNING = time(9)  # China's time
KEY_DIGITS = 16


class ExpiryReminders:
    """Every desk process may run one: each reminder is queued once.

    What is already to be changed, so that it expires later or is retired, needs none.
    """

    def __init__(
        self, database: Database, accounts: Accounts, clock: Clock = read_clock, *, poll_seconds: float = 600.0
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Queues the reminders that are due now."""
        now = self._clock()
        if now.astimezone(CHINA).time() < MORNING:
            return
        today = now.astimezone(CHINA).date()
        async with self._database.reading() as session:
            effective = await entry_revisions.list_effective(session, today)
        expiring = [revision for revision in effective if find_due(revision, today)]
        editors = [
            staff
            for staff in (await self._accounts.list_staff() if expiring else ())
            if staff.is_active and may(staff.role, "draft_entries")
        ]
        for revision in expiring:
            with guard(log, "the reminder of the expiry of %s failed", revision.key):
                async with self._database.transaction() as session:
                    await self._remind(session, revision, editors, now)

    async def _remind(
        self, session: AsyncSession, revision: RevisionView, editors: Sequence[StaffView], now: datetime
    ) -> None:
        today = now.astimezone(CHINA).date()
        changed = rules.find_changeable(await entry_revisions.list_all(session, revision.key), today)
        due = find_due(revision, today)
        if due is None or find_due(changed, today) is None:
            return
        days, expires = due
        question = revision.content["question"]
        text = f"知识快到期了\n《{question}》{write_day(expires)}零点到期，之后客户查不到；请续期或下架"
        digest = hashlib.sha256(f"{revision.key}@{revision.number}".encode()).hexdigest()[:KEY_DIGITS]
        for staff in choose_told(revision, editors):
            await notifier.add(session, staff.id, f"expiry:{digest}:{days}:{staff.id}", text, "/entries", now=now)


def find_due(revision: RevisionView, today: date) -> tuple[int, date] | None:
    """Which of DAYS_BEFORE has come of an entry that still answers, and the day on which it expires."""
    expires = read_moment(revision.content.get("expires_at"))
    if expires is None or expires <= today or revision.content.get("is_retired"):
        return None
    return next(((days, expires) for days in DAYS_BEFORE if (expires - today).days <= days), None)


def choose_told(revision: RevisionView, editors: Sequence[StaffView]) -> Sequence[StaffView]:
    """Its last writer who is still an editor; else all editors."""
    by_id = {staff.id: staff for staff in editors}
    owner = next((by_id[writer] for writer in reversed(revision.writers) if writer in by_id), None)
    return [owner] if owner else editors
