"""What staff call the reasons of a handoff: a bank's own names in place of ours, known to every desk process."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import list_changes, record
from desk.roles import require
from desk.schemas import StaffView
from desk.tables import ReasonName
from desk.wording import CHANGED_MEANWHILE, REASONS, replace_reason_names
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.text import clean_text

NAME_MAX = 12
FORBIDDEN = "您的角色不能修改转人工原因"


class ReasonNames:
    """The names. RequestError 403 without permission, 409 if a colleague was faster, 422 for one that will not do."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 3.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Follows what colleagues change at other processes, until cancelled."""
        await repeat(self.refresh, seconds=self._poll_seconds)

    async def refresh(self) -> None:
        """Reads them anew."""
        async with self._database.reading() as session:
            replace_reason_names(await _read_own(session))

    async def set(self, staff: StaffView, reason: str, name: str, shown: str) -> None:
        """Names a reason, in place of the name that was `shown`; without a name it is called as it was at first."""
        require(staff.role, "office", FORBIDDEN)
        if reason not in REASONS:
            raise RequestError(422, "unknown_reason", "没有这个转人工原因")
        name = clean_text(name) or REASONS[reason]
        if len(name) > NAME_MAX:
            raise RequestError(422, "invalid_name", f"名称最多{NAME_MAX}字")
        async with self._database.transaction() as session:
            row = await session.get(ReasonName, reason, with_for_update=True)
            before = row.name if row else REASONS[reason]
            if before != shown:
                raise RequestError(409, "changed_meanwhile", CHANGED_MEANWHILE)
            if name == before:
                return
            own = await _read_own(session)
            if name in {own.get(other, called) for other, called in REASONS.items() if other != reason}:
                raise RequestError(422, "name_taken", "已有叫这个名字的原因")
            await session.execute(delete(ReasonName).where(ReasonName.reason == reason))
            if name != REASONS[reason]:
                session.add(ReasonName(reason=reason, name=name))
            changes = list_changes(session, {"title": before}, {"title": name})
            await record(session, self._clock(), staff.id, "reason_named", REASONS[reason], changes=changes)
        await self.refresh()


async def _read_own(session: AsyncSession) -> dict[str, str]:
    return {row.reason: row.name for row in await session.scalars(select(ReasonName))}
