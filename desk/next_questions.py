"""Learns what customers ask after an answer, so that it can be offered under it."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from conversations.answered import count_asked_next, list_answered
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from knowledge.next_questions import keep_asked_next

PERIOD = timedelta(days=90)
# Fewer customers say little, and might be recognised.
CUSTOMERS_MIN = 5
POLL_SECONDS = 3600.0


class NextQuestions:
    """Counts now and then; every desk process may have one. The knowledge service takes it in once a day."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.count, seconds=self._poll_seconds)

    async def count(self) -> None:
        """Counts what was asked in the last 90 days."""
        async with self._database.reading() as session:
            counts = count_asked_next(await list_answered(session, self._clock() - PERIOD))
        often = {pair: customers for pair, customers in counts.items() if customers >= CUSTOMERS_MIN}
        with suppress(IntegrityError):  # another process has just kept the same
            async with self._database.transaction() as session:
                await keep_asked_next(session, often)
