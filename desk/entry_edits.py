"""What editors typed of knowledge entries and did not hand in: kept until saved, given up or too old (privacy/)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from desk.roles import require
from desk.schemas import StaffView
from desk.tables import EntryEdit
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.upserts import insert_into
from privacy.retention import load_retention
from revisions.schemas import Content, RevisionView

DAY_LENGTH = 10


@dataclass(frozen=True, slots=True)
class EditView:
    """The content that somebody has typed, of a new entry where `base` is None, and the day it is to begin.

    Neither has been checked.
    """

    key: str
    content: Content
    effective_from: str
    base: RevisionView | None
    saved_at: datetime


class EntryEdits:
    """Each member's own, one an entry; RequestError 403 without the right to draft."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(
        self, staff: StaffView, key: str, content: Content, effective_from: str, base: RevisionView | None
    ) -> None:
        """Keeps what they have typed, in place of what they had."""
        _require(staff)
        values = {
            "content": content,
            "effective_from": effective_from[:DAY_LENGTH],
            "base": base.model_dump(mode="json") if base else None,
            "saved_at": self._clock(),
        }
        async with self._database.transaction() as session:
            added = insert_into(session, EntryEdit).values(staff_id=staff.id, key=key, **values)
            await session.execute(added.on_conflict_do_update(index_elements=["staff_id", "key"], set_=values))

    async def list_own(self, staff: StaffView) -> list[EditView]:
        """Theirs, the newest first; not those that the next retention run deletes."""
        _require(staff)
        kept_since = self._clock() - load_retention().find_time("edit")
        is_theirs = EntryEdit.staff_id == staff.id, EntryEdit.saved_at >= kept_since
        async with self._database.reading() as session:
            rows = await session.scalars(select(EntryEdit).where(*is_theirs).order_by(EntryEdit.saved_at.desc()))
            return [_view(row) for row in rows]

    async def find(self, staff: StaffView, key: str) -> EditView | None:
        """Theirs of an entry."""
        return next((edit for edit in await self.list_own(staff) if edit.key == key), None)

    async def discard(self, staff: StaffView, key: str) -> None:
        """Deletes theirs of an entry."""
        _require(staff)
        async with self._database.transaction() as session:
            await session.execute(delete(EntryEdit).where(EntryEdit.staff_id == staff.id, EntryEdit.key == key))


def _require(staff: StaffView) -> None:
    require(staff.role, "draft_entries", "您的角色不能修改知识")


def _view(row: EntryEdit) -> EditView:
    base = RevisionView.model_validate(row.base) if row.base else None
    return EditView(row.key, row.content, row.effective_from, base, row.saved_at)
