"""Contents of a topic imported from a table: each row that changes something becomes a draft for a second person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import record
from desk.drafts import INVALID, find_base, read_day
from desk.schemas import StaffView
from desk.topics import Problems, RevisionsByKey, Topic
from imports.columns import KeyedRow
from imports.plan import Check, PlannedRow
from imports.service import Progress
from kit.clock import CHINA, Clock, read_clock
from kit.errors import InvalidFields
from revisions.rules import find_draft
from revisions.schemas import Content
from revisions.service import DRAFT_OPEN

ROWS_AT_ONCE = 500
RowT = TypeVar("RowT", bound=KeyedRow)


@dataclass(frozen=True, slots=True)
class TopicTable(Generic[RowT]):
    """How a topic's contents are rows of a table, told apart by their field `id`.

    `build_row` makes one of a key and its content, `build_content` the other way of a row that is right, and
    `make_check` says of a row what is not, by field, beside all rows of its file, on a day beside all revisions.
    `subject` names it in the audit log.
    """

    topic: Topic
    subject: str
    model: type[RowT]
    build_row: Callable[[str, Content], RowT]
    build_content: Callable[[RowT], Content]
    make_check: Callable[[Sequence[RowT], date, RevisionsByKey], Callable[[RowT], Problems]]

    def list_rows(self, revisions: RevisionsByKey, day: date) -> Iterator[tuple[str, RowT]]:
        """The contents of a day as rows, by key."""
        for key, group in revisions.items():
            if content := find_base(group, day):
                yield key, self.build_row(key, content)


class TopicImport(Generic[RowT]):
    """An import by one member of staff, for one day; RequestError 403 or 422 if they or the day will not do."""

    key = "id"

    def __init__(
        self, table: TopicTable[RowT], staff: StaffView, effective_from: str, clock: Clock = read_clock
    ) -> None:
        table.topic.require(staff, "draft")
        self.model = table.model
        self._table = table
        self._staff = staff
        self._clock = clock
        self._today = clock().astimezone(CHINA).date()
        problems: Problems = {}
        day = read_day(effective_from, self._today, problems)
        if day is None or problems:
            raise InvalidFields(INVALID, problems)
        self._day = day
        self._revisions: RevisionsByKey = {}

    async def load(self, session: AsyncSession) -> Mapping[str, RowT]:
        """The contents as they are approved for the day."""
        self._revisions = await self._table.topic.read_revisions(session)
        return dict(self._table.list_rows(self._revisions, self._day))

    def make_check(self, rows: Sequence[RowT]) -> Check[RowT]:
        """Says what a draft of a row's values would be refused for; None if there is one already."""
        find_problems = self._table.make_check(rows, self._day, self._revisions)

        def check(row: RowT) -> Mapping[str, str] | None:
            problems = find_problems(row)
            draft = find_draft(self._revisions.get(row.id, []))
            if draft and not problems:
                if (draft.content, draft.effective_from) == (self._table.build_content(row), self._day):
                    return None
                return {"id": DRAFT_OPEN}
            return problems

        return check

    async def apply(self, session: AsyncSession, rows: Sequence[PlannedRow[RowT]], progress: Progress) -> None:
        """Drafts the rows; each has its audit record, and so has the import."""
        now, topic = self._clock(), self._table.topic
        values = [each.values for each in rows if each.values]
        for start in range(0, len(values), ROWS_AT_ONCE):
            some = {row.id: row for row in values[start : start + ROWS_AT_ONCE]}
            contents = {key: self._table.build_content(row) for key, row in some.items()}
            drafts = await topic.revisions.draft_all(
                session, contents, self._day, by=self._staff.id, now=now, today=self._today
            )
            changed = [(draft, find_base(self._revisions.get(draft.key, []), self._day)) for draft in drafts]
            await topic.record_drafts(session, now, self._staff, changed)
            progress.advance(start + len(some))
        await record(session, now, self._staff.id, "table_imported", self._table.subject, rows=len(rows))
