"""Audits what signed-in staff tried and were refused, no more often than a disk can bear."""

import logging

from desk.audit import record
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.limits import RateLimit
from kit.masking import mask_personal_data

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
AT_MOST = 10
SUBJECT_MAX = 64


class RefusalLog:
    """Of one act (a page and a reason) it keeps one record a minute for each person, and ten of all their acts."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock
        self._same = RateLimit(times=1, seconds=EVERY_SECONDS)
        self._all = RateLimit(times=AT_MOST, seconds=EVERY_SECONDS)

    async def add(self, staff_id: str, path: str, code: str) -> None:
        """Records a refusal on the page at a path, with the address it was tried from; a failure is only logged."""
        subject = mask_personal_data(path)[:SUBJECT_MAX]
        if not (self._same.allow(f"{staff_id} {code} {subject}") and self._all.allow(staff_id)):
            return
        try:
            async with self._database.transaction() as session:
                await record(session, self._clock(), staff_id, "refused", subject, code=code)
        except Exception:  # the refusal itself must stand
            log.exception("a refusal could not be audited")
