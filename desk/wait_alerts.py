"""Alerts supervisors when customers wait and no agent takes them."""

from datetime import datetime, timedelta

from conversations.handoff.queries import HandoffQueries
from conversations.office_calendar import OfficeCalendar
from desk.accounts import Accounts
from desk.notifications import notifier
from desk.presence import is_present
from desk.wording import describe_reason, describe_wait, name_discreetly
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database

# These cannot wait until the morning, nor for busy agents.
DANGER_TOPICS = frozenset({"life", "scam", "stolen_money", "lost_phone", "stolen_identity", "violence", "data_leak"})
WAITING_MAX = 2000


class WaitAlerts:
    """Queues alerts of customers who wait too long. Every desk process may run one: each alert is queued once.

    The first alert comes when somebody has waited for `alert_after`, each next one after twice as long, until a
    colleague takes the customer. Danger alerts even out of office hours and while colleagues are available.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        calendar: OfficeCalendar,
        alert_after: timedelta,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 5.0,
    ) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._accounts = accounts
        self._calendar = calendar
        self._alert_after = alert_after
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._queued: set[str] = set()  # keys, to avoid queueing the same alert at every poll

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.alert, seconds=self._poll_seconds)

    async def alert(self) -> None:
        """Queues the alerts that are due now."""
        now = self._clock()
        dangers = await self._handoffs.list_waiting_about(DANGER_TOPICS, WAITING_MAX)
        queued = await self._handoffs.list_in_states("queued", limit=WAITING_MAX)
        waiting = [*dangers, *queued]
        staff = await self._accounts.list_staff() if waiting else []
        hours = await self._calendar.read_hours()
        left_at = await self._handoffs.list_left_at([handoff.id for handoff in waiting if handoff.accepted_at])
        starts = {handoff.id: left_at.get(handoff.id, handoff.requested_at) for handoff in waiting}
        alerts = {}
        for handoff in dangers:
            start = starts[handoff.id]
            who, wait = name_discreetly(handoff.customer_id, handoff.name), describe_wait(start, now)
            text = f"紧急：{describe_reason(handoff.reason, handoff.topic)}，还没有人接待\n{who}，已等{wait}"
            key = make_key(handoff.id, start, now - start, self._alert_after)
            alerts[key] = text, f"/talks/{handoff.id}"
        unserved = [handoff for handoff in queued if handoff.topic not in DANGER_TOPICS]
        if unserved and hours.is_open(now) and not any(is_present(member, now) for member in staff):
            first = min(unserved, key=lambda handoff: starts[handoff.id])
            start = starts[first.id]
            text = f"{len(unserved)}位客户在等人工，没有同事在接待\n等得最久的已等{describe_wait(start, now)}"
            waited = now - hours.find_opening(start)
            alerts[make_key(first.id, start, waited, self._alert_after)] = text, "/"
        supervisors = [member.id for member in staff if member.is_active and member.role == "supervisor"]
        self._queued &= alerts.keys()
        for key in alerts.keys() - self._queued - {""}:
            async with self._database.transaction() as session:
                for member in supervisors:
                    await notifier.add(session, member, f"{key}:{member}", *alerts[key], now=now)
            self._queued.add(key)


def make_key(handoff_id: str, start: datetime, waited: timedelta, alert_after: timedelta) -> str:
    """The key of the newest alert that is due for the wait that began then; empty while none is."""
    count = count_alerts(waited, alert_after)
    return f"waiting:{handoff_id}:{start.timestamp():.0f}:{count}" if count else ""


def count_alerts(waited: timedelta, alert_after: timedelta) -> int:
    """How many alerts are due by now: the first after `alert_after`, each further one after twice as long."""
    return max(0, (waited // alert_after + 1).bit_length() - 1)
