"""Who is asked first when a customer wants a human for a reason: set by supervisors and admins."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import record
from desk.roles import PERMISSIONS, require
from desk.schemas import StaffView
from desk.tables import Skill, Staff
from desk.wording import CHANGED_MEANWHILE, REASONS
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.locks import lock_name

FORBIDDEN = "您的角色不能修改转人工先找谁"


class Skills:
    """Who has the skill for which reason. RequestError 403 without permission, 422 for somebody who takes no talks."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self) -> Mapping[str, frozenset[str]]:
        """The ids of staff by reason; no entry for a reason that is anybody's."""
        async with self._database.reading() as session:
            return await list_skills(session)

    async def set(self, staff: StaffView, reason: str, staff_ids: Collection[str], shown: Collection[str] = ()) -> None:
        """Says who is asked first for a reason, in place of those `shown`; nobody: it is anybody's again.

        RequestError 409 if others are by now.
        """
        require(staff.role, "office", FORBIDDEN)
        if reason not in REASONS:
            raise RequestError(422, "unknown_reason", "没有这个转人工原因")
        wanted = set(staff_ids)
        async with self._database.transaction() as session:
            await lock_name(session, "skills")
            before = (await list_skills(session)).get(reason, frozenset())
            if wanted == before:
                return
            is_able = Staff.id.in_(wanted | before), Staff.is_active, Staff.role.in_(PERMISSIONS["talk"])
            able = set(await session.scalars(select(Staff.id).where(*is_able)))
            if before & able != set(shown) & able:
                raise RequestError(409, "changed_meanwhile", CHANGED_MEANWHILE)
            if wanted - before - able:
                raise RequestError(422, "takes_no_talks", "请只选接待客户的同事")
            await session.execute(delete(Skill).where(Skill.reason == reason))
            session.add_all(Skill(reason=reason, staff_id=staff_id) for staff_id in sorted(wanted))
            changes = {"skills": [sorted(before), sorted(wanted)]}
            await record(session, self._clock(), staff.id, "skills_set", REASONS[reason], changes=changes)


async def list_skills(session: AsyncSession) -> Mapping[str, frozenset[str]]:
    """As Skills.list_all, in the caller's transaction."""
    able: dict[str, set[str]] = defaultdict(set)
    for row in await session.execute(select(Skill.reason, Skill.staff_id)):
        able[row.reason].add(row.staff_id)
    return {reason: frozenset(staff_ids) for reason, staff_ids in able.items()}
