"""Audits failed sign-ins and codes, the first ones each, and no more often than a disk can bear."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import record
from kit.clock import Clock, read_clock
from kit.limits import RateLimit, group_address

QUARTER = 900.0  # seconds
AT_ADDRESS, OF_LOGIN, OF_ALL = 5, 20, 100


class FailureLog:
    """Keeps in a quarter of an hour 5 records of a login at one address, 20 of a login, and 100 of all.

    Each process counts its own. What was left out is counted in the next record, as audit records are never deleted.
    """

    def __init__(self, clock: Clock = read_clock) -> None:
        self._clock = clock
        self._limits = [
            RateLimit(times, QUARTER, lambda: clock().timestamp()) for times in (AT_ADDRESS, OF_LOGIN, OF_ALL)
        ]
        self._left_out = 0

    async def add(
        self, session: AsyncSession, staff_id: str | None, action: str, login: str, address: str, **details: str
    ) -> None:
        """Adds a record to the caller's transaction, if there is room for one."""
        keys = (f"{login} {group_address(address)}", login, "")
        if not all(limit.allow(key) for limit, key in zip(self._limits, keys, strict=True)):
            self._left_out += 1
            return
        more: Mapping[str, int] = {"left_out": self._left_out} if self._left_out else {}
        self._left_out = 0
        await record(session, self._clock(), staff_id, action, login, address=address, **details, **more)
