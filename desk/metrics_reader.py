"""Reads the supervisor's metrics: the current state and a period."""

import asyncio
from datetime import datetime

from conversations.handoff.states import WAITING
from conversations.handoff.statistics import HandoffStatistics
from desk.accounts import Accounts
from desk.metrics import CurrentMetrics, DashboardMetrics, compute_metrics, find_day, list_days
from kit.clock import Clock, read_clock
from kit.database import Database


class MetricsReader:
    """Reads metrics with concurrent queries, which may differ by a moment."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock = read_clock) -> None:
        self._statistics = HandoffStatistics(database)
        self._accounts = accounts
        self._clock = clock

    async def read(self, since: datetime, until: datetime, *, channel: str | None = None) -> DashboardMetrics:
        """Metrics of requests and messages from `since` until before `until`, on one channel or (None) all."""
        statistics = self._statistics
        now, handoffs, talks, daily, staff = await asyncio.gather(
            self._read_now(channel),
            statistics.list_facts(since, until, channel),
            statistics.count_writers(since, until, channel),
            statistics.count_daily_writers(since, until, channel),
            self._accounts.list_staff(),
        )
        return compute_metrics(
            now,
            handoffs,
            talks,
            {find_day(start): count for start, count in daily},
            list_days(since, until),
            {member.id: member.name for member in staff},
        )

    async def _read_now(self, channel: str | None) -> CurrentMetrics:
        rows, overdue = (
            await self._statistics.count_open(channel),
            await self._statistics.count_overdue(self._clock(), channel),
        )
        counts = {state: count for state, count, _ in rows}
        return CurrentMetrics(
            waiting={state: counts[state] for state in sorted(WAITING) if state in counts},
            waiting_since=min((since for state, _, since in rows if state in WAITING), default=None),
            active=counts.get("active", 0),
            callbacks=counts.get("callback", 0),
            overdue=overdue,
        )
