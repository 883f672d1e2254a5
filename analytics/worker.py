"""Counts the days of the record in the background, each by one of the processes that try."""

import logging
from datetime import date, datetime, timedelta

from analytics import repository
from analytics.counting import MetricsBuilder
from analytics.days import find_day, find_end, find_start
from conversations.turn_view import FOLLOWS_WITHIN
from conversations.turns import Turns
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.pubsub import Signal, publish

log = logging.getLogger(__name__)

SUBJECT = "counted_days"  # of the signals
DAY = timedelta(days=1)
# Two periods of 90 days are compared.
HISTORY_DAYS = 180
POLL_SECONDS = 300.0
PAUSE = timedelta(minutes=4)  # between two counts of a day
# What is asked shortly before midnight is answered, and settled, by then.
SETTLED_AFTER = timedelta(hours=1)
# Whoever has counted for that long does so no more.
STALLED_AFTER = timedelta(minutes=15)
CONVERSATIONS_AT_ONCE = 100


class CountingWorker:
    """Counts today, days that were not counted yet, and those of which something became known since they were.

    Every desk process may have one.
    """

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._turns = Turns(database)
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.look, seconds=self._poll_seconds)

    async def look(self) -> None:
        """Counts what is due, the oldest day first, and signals it to open pages."""
        counted = [day for day in await self._list_due(self._clock()) if await self._count_once(day)]
        if counted:
            async with self._database.transaction() as session:
                await publish(session, Signal(SUBJECT, "counted"))

    async def _count_once(self, day: date) -> bool:
        """Counts a day unless another process does."""
        now = self._clock()
        async with self._database.transaction() as session:
            is_claimed = await repository.claim_day(session, day, now, PAUSE, STALLED_AFTER)
        if is_claimed:
            await self._count(day, now)
        return is_claimed

    async def _list_due(self, now: datetime) -> list[date]:
        async with self._database.reading() as session:
            counted = await repository.list_counted(session)
        first, today = await self._turns.find_first(), find_day(now)
        day = max(find_day(first), today - HISTORY_DAYS * DAY) if first else today
        due = set()
        while day <= today:
            at = counted.get(day)
            if at is None or at < find_end(day) + SETTLED_AFTER:
                due.add(day)
            day += DAY
        # Looks that are still under way may have counted the day before a thumb.
        last = max(filter(None, counted.values()), default=now) - DAY
        for answered_at, thumbed_at in await self._turns.list_thumbed(last):
            at = counted.get(day := find_day(answered_at))
            if at is not None and at <= thumbed_at:
                due.add(day)
        return sorted(due)

    async def _count(self, day: date, now: datetime) -> None:
        since, until = find_start(day), find_end(day)
        counting = MetricsBuilder(since, until, now)
        ids = await self._turns.list_writers(since, until)
        for start in range(0, len(ids), CONVERSATIONS_AT_ONCE):
            some = ids[start : start + CONVERSATIONS_AT_ONCE]
            found = await self._turns.list_between(some, since - FOLLOWS_WITHIN, until + FOLLOWS_WITHIN)
            answers = await self._turns.list_answers(some, since)
            for turns in found:
                counting.add(turns, answers)
        async with self._database.transaction() as session:
            await repository.keep_day(session, day, counting.total, counting.entries, now)
        log.info("counted %s: %d questions", day, counting.total.asked)
