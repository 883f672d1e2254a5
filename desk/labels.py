"""Labels that staff put on talks; those who write canned answers say which there are."""

import re

from sqlalchemy import delete, select

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from desk.accounts import Accounts
from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from desk.tables import TalkLabel
from desk.talk_access import TalkAccess, require_talker
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.upserts import insert_into

LABEL_MAX = 8
_LABEL = re.compile(rf"[\w·/-]{{1,{LABEL_MAX}}}")  # without spaces: the list is narrowed by them (queue_filter.html)
FORBIDDEN = "您的角色不能修改标签"


class Labels:
    """The labels there are, and those of talks. RequestError 403 without permission, 422 for no such label."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock = read_clock) -> None:
        self._database = database
        self._handoffs = Handoffs(clock)
        self._access = TalkAccess(HandoffQueries(database, clock), accounts)
        self._clock = clock

    async def list_all(self) -> list[str]:
        """Their names, in the order in which they were made."""
        return [name for (name,) in await self._database.fetch(select(TalkLabel.name).order_by(TalkLabel.made_at))]

    async def add(self, staff: StaffView, name: str) -> None:
        """Makes one; again: nothing."""
        require(staff.role, "answers", FORBIDDEN)
        name = name.strip()
        if not _LABEL.fullmatch(name):
            raise RequestError(422, "invalid_label", f"标签最多{LABEL_MAX}个字，不能有空格和标点")
        now = self._clock()
        async with self._database.transaction() as session:
            added = insert_into(session, TalkLabel).values(name=name, made_at=now).on_conflict_do_nothing()
            if await session.scalar(added.returning(TalkLabel.name)):
                await record(session, now, staff.id, "label_added", name)

    async def remove(self, staff: StaffView, name: str) -> None:
        """Takes one away; talks that have it keep it."""
        require(staff.role, "answers", FORBIDDEN)
        async with self._database.transaction() as session:
            removal = delete(TalkLabel).where(TalkLabel.name == name).returning(TalkLabel.name)
            if await session.scalar(removal):
                await record(session, self._clock(), staff.id, "label_removed", name)

    async def set(self, staff: StaffView, handoff_id: str, name: str, *, is_on: bool) -> HandoffView:
        """Puts one on a talk that they may see, or takes it off."""
        require_talker(staff)
        await self._access.get_visible(staff, handoff_id)
        if is_on and name not in await self.list_all():
            raise RequestError(422, "unknown_label", "没有这个标签")
        async with self._database.transaction() as session:
            return await self._handoffs.set_label(session, handoff_id, name, is_on=is_on)
