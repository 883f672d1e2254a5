"""Products imported from a table: each row that changes something becomes a draft, for a second person to approve."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import record
from desk.drafts import INVALID, Problems, RevisionsByKey, find_base, read_day
from desk.product_drafts import PRODUCTS, find_outer_problems
from desk.schemas import StaffView
from imports.plan import PlannedRow
from imports.service import Progress
from kit.clock import CHINA, Clock, read_clock
from kit.errors import InvalidFields
from products.record import product_revisions
from products.rows import ROW_FIELDS, ProductRow, build_row
from products.schemas import build_product, find_problems
from revisions.rules import find_draft
from revisions.schemas import Content

DRAFT_OPEN = "已有一份草稿在改或等审核，请先处理那一份"


class ProductImport:
    """An import by one member of staff, for one day; RequestError 403 or 422 if they or the day will not do."""

    model = ProductRow
    key = "id"

    def __init__(self, staff: StaffView, effective_from: str, clock: Clock = read_clock) -> None:
        PRODUCTS.require(staff, "draft")
        self._staff = staff
        self._clock = clock
        self._today = clock().astimezone(CHINA).date()
        problems: Problems = {}
        day = read_day(effective_from, self._today, problems)
        if day is None or problems:
            raise InvalidFields(INVALID, problems)
        self._day = day
        self._revisions: RevisionsByKey = {}

    async def load(self, session: AsyncSession) -> Mapping[str, ProductRow]:
        """The products as they are approved for the day."""
        self._revisions = await PRODUCTS.read_revisions(session)
        return {row.id: row for row in list_rows(self._revisions, self._day)}

    def check(self, row: ProductRow) -> Mapping[str, str] | None:
        """What a draft of these values would be refused for; None if there is one already."""
        content = row.to_content()
        problems = find_problems(row.id, content)
        if not problems:
            content = self._complete(row)
            draft = find_draft(self._revisions.get(row.id, []))
            if draft and (draft.content, draft.effective_from) == (content, self._day):
                return None
            problems = find_outer_problems(row.id, content, self._day, self._revisions)
            if draft:
                problems["id"] = DRAFT_OPEN
        return {ROW_FIELDS.get(field, field): reason for field, reason in problems.items()}

    async def apply(self, session: AsyncSession, rows: Sequence[PlannedRow[ProductRow]], progress: Progress) -> None:
        """Drafts the rows; each has its audit record, and so has the import."""
        now = self._clock()
        for done, row in enumerate((each.values for each in rows if each.values), 1):
            before = find_base(self._revisions.get(row.id, []), self._day)
            draft = await product_revisions.draft(
                session, row.id, self._complete(row), self._day, by=self._staff.id, now=now, today=self._today
            )
            await PRODUCTS.record(session, now, self._staff, "drafted", draft, before)
            progress.advance(done)
        await record(session, now, self._staff.id, "table_imported", "products", rows=len(rows))

    def _complete(self, row: ProductRow) -> Content:
        return build_product(row.id, 0, row.to_content()).dump_content()


def list_rows(revisions: RevisionsByKey, day: date) -> Iterable[ProductRow]:
    """The products of a day as rows."""
    for key, group in revisions.items():
        if content := find_base(group, day):
            yield build_row(build_product(key, 0, content))
