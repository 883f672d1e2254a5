"""Runs the retention once a day, in one of the processes that try."""

import logging
from datetime import datetime, time, timedelta

from sqlalchemy import select

from kit.background import repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.upserts import insert_into
from privacy.rights.expiry import RetentionRunner
from privacy.schemas import RetentionRunView
from privacy.tables import RetentionRun

log = logging.getLogger(__name__)

NOT_BEFORE = time(3)  # in China, when the fewest customers write
# A run that has not ended by then is taken up by another process.
STALLED_AFTER = timedelta(hours=1)


class DailyRetention:
    """Looks now and then whether today's run is still to be done; every desk process may have one."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 600.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.look, seconds=self._poll_seconds)

    async def look(self) -> None:
        """Does today's run if its hour has come and nobody else does it."""
        now = self._clock()
        if now.astimezone(CHINA).time() >= NOT_BEFORE and await self._claim(now):
            counts = await RetentionRunner(self._database).run(now)
            async with self._database.transaction() as session:
                run = await session.get_one(RetentionRun, _name_day(now))
                run.finished_at, run.counts = self._clock(), counts
            log.info("retention: %s", counts)

    async def list_runs(self, limit: int = 7) -> list[RetentionRunView]:
        """The last runs, the newest first."""
        async with self._database.reading() as session:
            query = select(RetentionRun).order_by(RetentionRun.day.desc()).limit(limit)
            return [RetentionRunView.model_validate(row) for row in await session.scalars(query)]

    async def _claim(self, now: datetime) -> bool:
        async with self._database.transaction() as session:
            row = {"day": _name_day(now), "started_at": now, "counts": {}}
            is_stalled = RetentionRun.started_at < now - STALLED_AFTER
            claimed = (
                insert_into(session, RetentionRun)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["day"],
                    set_={"started_at": now},
                    where=RetentionRun.finished_at.is_(None) & is_stalled,
                )
                .returning(RetentionRun.day)
            )
            return await session.scalar(claimed) is not None


def _name_day(now: datetime) -> str:
    return now.astimezone(CHINA).date().isoformat()
