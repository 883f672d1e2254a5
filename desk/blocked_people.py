"""The block list for supervisors and admins: one proposes, another confirms; each act audited."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

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
            await _record(session, now, staff, "block_proposed", added)

    async def confirm(self, staff: StaffView, block_id: str) -> None:
        """Puts it in force."""
        require(staff.role, "blocked_people", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            done = await blocking.confirm_block(session, block_id, by=staff.id, now=now)
            await _record(session, now, staff, "block_confirmed", done, proposed_by=done.proposed_by)

    async def refuse(self, staff: StaffView, block_id: str) -> None:
        """Drops what was only proposed."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.transaction() as session:
            gone = await blocking.refuse_block(session, block_id)
            await _record(session, self._clock(), staff, "block_refused", gone, proposed_by=gone.proposed_by)

    async def propose_lift(self, staff: StaffView, block_id: str) -> None:
        """Proposes to take off what is in force."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.transaction() as session:
            entry = await blocking.propose_lift(session, block_id, by=staff.id)
            await _record(session, self._clock(), staff, "block_lift_proposed", entry)

    async def keep(self, staff: StaffView, block_id: str) -> None:
        """Leaves it on the list."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.transaction() as session:
            entry = await blocking.keep_block(session, block_id)
            await _record(session, self._clock(), staff, "block_kept", entry, proposed_by=entry.lift_proposed_by)

    async def lift(self, staff: StaffView, block_id: str) -> None:
        """Takes it off, as somebody else proposed."""
        require(staff.role, "blocked_people", FORBIDDEN)
        async with self._database.transaction() as session:
            gone = await blocking.lift_block(session, block_id, by=staff.id)
            await _record(session, self._clock(), staff, "block_lifted", gone, proposed_by=gone.lift_proposed_by)


async def _record(
    session: AsyncSession, now: datetime, staff: StaffView, action: str, entry: BlockedView, **details: str | None
) -> None:
    """With what the number looks like: once the entry is gone, nothing else says whose it was."""
    await record(session, now, staff.id, action, entry.id, number=entry.shown, reason=entry.reason, **details)
