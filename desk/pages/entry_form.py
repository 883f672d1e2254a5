"""The form in which an entry is drafted, wherever it is opened from."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from uuid import uuid4

from desk.entry_drafts import EntryDrafts
from desk.pages.entry_fields import EntryFields
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS
from desk.pages.widgets import open_form
from knowledge.schemas import Alike
from revisions.schemas import Content, RevisionView


def open_entry_form(
    page: OpenPage,
    drafts: EntryDrafts,
    then: Callable[[str], Awaitable[None]],
    entry_id: str | None = None,
    content: Content | None = None,
    day: date | None = None,
    draft: RevisionView | None = None,
) -> None:
    """Opens it with some content: of a new entry without an id, else of that one, or of its draft.

    `then` is told the entry's id when it is saved.
    """
    key = entry_id or f"entry-{uuid4().hex[:10]}"

    async def save() -> bool:
        given, since = fields.read()
        return await page.attempt(
            lambda: drafts.save(page.staff, key, given, since, draft, is_new=entry_id is None),
            WAITS,
            lambda: then(key),
            fields.mark,
        )

    async def find_alike(texts: Sequence[str]) -> Sequence[Alike]:
        return await drafts.find_alike(page.staff, texts, entry_id)

    async def find_questions(text: str) -> Sequence[str]:
        return await drafts.find_questions(page.staff, text) if text else ()

    with open_form("修改知识" if entry_id else "写新答案", save, "提交审核"):
        fields = EntryFields(content or {}, (day or drafts.read_today()).isoformat(), find_alike, find_questions)
