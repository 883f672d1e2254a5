"""Reminds staff of promised calls before the promise is broken."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from conversations.schemas import HandoffView
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.wording import format_time, name_customer
from kit.clock import Clock
from kit.database import Database

log = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(minutes=30)


class Reminders:
    """Each call is reminded of once, whatever process looks first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._reminded: set[str] = set()

    async def remind(self, handoffs: Sequence[HandoffView], staff: Iterable[StaffView]) -> None:
        """Tells who will make the call, else the account manager, else the supervisors."""
        now = self._clock()
        due = {h.id: h for h in handoffs if h.state == "callback" and h.due_at and h.due_at - now < REMIND_BEFORE}
        self._reminded &= due.keys()
        active = {member.id: member for member in staff if member.is_active}
        for key in due.keys() - self._reminded:
            try:
                await self._remind(due[key], active)
            except Exception:  # tried again; the others are not to wait for it
                log.exception("nobody could be reminded of callback %s", key)
                continue
            self._reminded.add(key)

    async def _remind(self, call: HandoffView, active: Mapping[str, StaffView]) -> None:
        now = self._clock()
        chosen = next((person for person in (call.agent_id, call.manager_id) if person in active), None)
        told = [chosen] if chosen else [member.id for member in active.values() if member.role == "supervisor"]
        who = name_customer(call.customer_id, call.name)
        text = f"有回电快到时间了\n{who}，应在{format_time(call.due_at or now, now)}前"
        async with self._database.transaction() as session:
            for member in told:
                await notifier.add(session, member, f"callback:{call.id}:{member}", text, f"/talks/{call.id}", now=now)
