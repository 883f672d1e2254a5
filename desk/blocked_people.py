"""The block list for supervisors and admins: one proposes, another confirms; each act audited, without the number."""

from applications import blocking
from applications.blocking import BlockedView
from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database

FORBIDDEN = "您的角色不能管理黑名单"


class BlockedPeople:
    """One method, one transaction. RequestError 403 without permission or for the second step by the same person."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self, staff: StaffView) -> list[BlockedView]:
        """Those to be confirmed first."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.reading() as session:
            return await blocking.list_blocks(session, self._clock())

    async def propose(self, staff: StaffView, number: str, reason: str, days: int) -> None:
        """See applications/blocking.py."""
        require(staff.role, "blocked_people", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            added = await blocking.propose_block(session, number, reason, days, by=staff.id, now=now)
            await record(session, now, staff.id, "block_proposed", added.id, reason=added.reason)

    async def confirm(self, staff: StaffView, block_id: str) -> None:
        """Puts it in force."""
        require(staff.role, "blocked_people", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            done = await blocking.confirm_block(session, block_id, by=staff.id, now=now)
            await record(session, now, staff.id, "block_confirmed", done.id, proposed_by=done.proposed_by)

    async def lift(self, staff: StaffView, block_id: str) -> None:
        """Takes it off, or refuses it."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.transaction() as session:
            gone = await blocking.lift_block(session, block_id)
            await record(session, self._clock(), staff.id, "block_lifted", gone.id, reason=gone.reason)
