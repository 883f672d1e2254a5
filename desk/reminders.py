"""Reminds staff of promised calls before the promise is broken, and tells them of those that are off."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from desk.accounts import Accounts
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.wording import format_time, name_discreetly
from kit.background import guard
from kit.clock import Clock
from kit.database import Database

log = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(minutes=30)
BATCH = 100


class Reminders:
    """Reminds once of each call and each cancellation, from whichever process is first."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._queries = HandoffQueries(database, clock)
        self._handoffs = Handoffs(clock)
        self._clock = clock

    async def remind(self) -> None:
        """Notifies the agent of the call, else the account manager; of a call that is due else the supervisors."""
        calls = await self._queries.list_calls_to_remind_of(self._clock() + REMIND_BEFORE, BATCH)
        if not calls:
            return
        active = {member.id: member for member in await self._accounts.list_staff() if member.is_active}
        for call in calls:
            with guard(log, "the reminder of callback %s failed", call.id):
                await self._remind(call, active)

    async def _remind(self, call: HandoffView, active: Mapping[str, StaffView]) -> None:
        now = self._clock()
        told = [person for person in (call.agent_id, call.manager_id) if person and person in active][:1]
        who = name_discreetly(call.customer_id, call.name)
        if call.state == "callback":
            told = told or [member.id for member in active.values() if member.role == "supervisor"]
            kind, text = "callback", f"有回电快到时间了\n{who}，应在{format_time(call.due_at or now, now)}前"
        else:
            event = (await self._queries.list_events(call.id))[-1].event
            why = "已经另约了回电" if event == "rebook_callback" else "客户取消了回电"
            kind, text = "cancelled", f"{why}，这个不用再打\n{who}"
        async with self._database.transaction() as session:
            if await self._handoffs.mark_reminded(session, call):
                for member in told:
                    await notifier.add(
                        session, member, f"{kind}:{call.id}:{member}", text, f"/talks/{call.id}", now=now
                    )
