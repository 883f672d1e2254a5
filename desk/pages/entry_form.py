"""The form in which an entry is drafted, wherever it is opened from: it keeps what is typed until it is handed in."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from nicegui import ui

from desk.drafts import Overtaken
from desk.entry_drafts import EntryDrafts
from desk.entry_edits import EditView
from desk.pages.entry_fields import EntryFields, draw_merge
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS
from desk.pages.viewers import TELL_SECONDS, Viewers
from desk.pages.widgets import ask, open_form
from desk.wording import format_time
from kit.errors import RequestError
from kit.pubsub import Signal
from knowledge.entry_fields import clean_entry
from knowledge.schemas import Alike
from revisions import rules
from revisions.schemas import Content, RevisionView

Then = Callable[[str], Awaitable[None]]
QUESTIONS_FOUND = 5
GO_ON, GIVE_UP = "继续上次的编辑", "放弃"


@dataclass(frozen=True, slots=True)
class Start:
    """What a form begins with: content of an entry from a day on, written from a revision, of a new one without."""

    key: str
    content: Content
    day: str
    base: RevisionView | None


async def open_entry_form(
    page: OpenPage,
    drafts: EntryDrafts,
    then: Then,
    base: RevisionView | None = None,
    content: Content | None = None,
) -> None:
    """Opens it on the revision `base`, an open draft or what a new one changes, else on a new entry; with its content,
    or some other.

    If the member has left an edit of it, they are asked first. `then` is told the entry's id when it is saved.
    """
    today = drafts.read_today()
    key = base.key if base else f"entry-{uuid4().hex[:10]}"
    day = max(base.effective_from, today) if base else today
    start = Start(key, content or (base.content if base else {}), day.isoformat(), base)
    left = await page.desk.entry_edits.find(page.staff, key) if base else None
    if left is None:
        await _open(page, drafts, then, start)
        return
    told = f"您{format_time(left.saved_at)}改过这条知识，没有提交。"
    choice = await ask("有一份没提交的编辑", told, GIVE_UP, GO_ON)
    if choice == GIVE_UP:
        await page.desk.entry_edits.discard(page.staff, key)
        await _open(page, drafts, then, start)
    elif choice == GO_ON:
        await _open(page, drafts, then, start, left)


async def open_left_edit(
    page: OpenPage, drafts: EntryDrafts, then: Then, left: EditView, newest: RevisionView | None
) -> None:
    """Opens it on an edit that the member has left; `newest` is the revision that one starts from by now."""
    start = Start(left.key, newest.content if newest else {}, left.effective_from, newest)
    await _open(page, drafts, then, start, left)


async def _open(page: OpenPage, drafts: EntryDrafts, then: Then, start: Start, left: EditView | None = None) -> None:
    names = {staff.id: staff.name for staff in await page.desk.accounts.list_staff()}
    EntryForm(page, drafts, then, start, left, names)


class EntryForm:
    """An open form. It keeps what is typed, says who else has the entry open, and merges what a colleague has saved
    meanwhile into what was typed.
    """

    def __init__(
        self,
        page: OpenPage,
        drafts: EntryDrafts,
        then: Then,
        start: Start,
        left: EditView | None,
        names: dict[str, str],
    ) -> None:
        self._page = page
        self._drafts = drafts
        self._edits = page.desk.entry_edits
        self._then = then
        self._key = start.key
        self._base = start.base
        self._names = names
        self._is_over = False
        self._turn = asyncio.Lock()  # what is kept late must not come back after it was saved
        with open_form("修改知识" if start.base else "写新答案", self._save, "提交审核") as dialog:
            self._others = ui.label().classes("whole problem").props("role=status")
            self._others.set_visibility(False)
            self._merged = ui.element("div").classes("whole stacked").props("role=status")
            self._fields = EntryFields(
                start.content, start.day, self._find_alike, self._find_questions, self._keep, self._keep_picture
            )
            self._kept = ui.label().classes("whole soft").props("role=status")
        if left:
            self._fields.fill(left.content, left.effective_from)
            if start.base:
                self._merge(left.base.content if left.base else {}, start.content, start.base)
        viewers = Viewers(page, f"entry:{start.key}"[:64], names, "也在改这条知识")
        stop = page.follow([viewers.subject], partial(self._show_others, viewers), TELL_SECONDS)

        async def leave() -> None:
            stop()
            await viewers.leave()

        dialog.on_value_change(leave)  # it is closed once

    async def _save(self) -> bool:
        content, since = self._fields.read()

        async def save() -> None:
            async with self._turn:
                is_new = self._base is None
                await self._drafts.save(self._page.staff, self._key, content, since, self._base, is_new=is_new)
                self._is_over = True
                await self._edits.discard(self._page.staff, self._key)

        is_saved = await self._page.attempt(save, WAITS, partial(self._then, self._key), self._mark)
        if not is_saved:
            await self._keep()
        return is_saved

    async def _keep(self) -> None:
        async with self._turn:
            if self._is_over:
                return
            content, since = self._fields.read()
            await self._edits.keep(self._page.staff, self._key, content, since, self._base)
        self._kept.set_text("没提交的内容已自动保存，关掉页面也不会丢。")

    async def _find_alike(self, texts: Sequence[str]) -> Sequence[Alike]:
        return await self._drafts.find_alike(self._page.staff, texts, self._key)

    async def _find_questions(self, text: str) -> Sequence[str]:
        found = await self._drafts.find_by_meaning(self._page.staff, text)
        return [match.question for match in found if not match.is_internal][:QUESTIONS_FOUND]

    async def _keep_picture(self, content: bytes) -> str | None:
        names: list[str] = []

        async def keep() -> None:
            names.append(await self._page.desk.answer_pictures.add(self._page.staff, content))

        return names[0] if await self._page.attempt(keep) else None

    def _mark(self, error: RequestError | None) -> None:
        self._fields.mark(error)
        if isinstance(error, Overtaken) and self._base:
            before, self._base = self._base, error.now
            self._merge(before.content, error.now.content, error.now)

    def _merge(self, before: Content, theirs: Content, now: RevisionView) -> None:
        """Puts what was typed, from the content `before`, on top of `theirs`, and shows what `now` has changed."""
        mine, since = self._fields.read()
        merge = rules.merge(before, clean_entry(mine), theirs)
        self._fields.fill(merge.content, since)
        self._merged.clear()
        changed = rules.list_diffs(before, now.content)
        if not changed:
            return
        who = "、".join(self._names.get(writer, "同事") for writer in now.writers) or "同事"
        with self._merged:
            draw_merge(who, changed, merge, self._fields)
        ui.run_javascript(f'getHtmlElement({self._merged.id}).scrollIntoView({{block: "center"}})')

    async def _show_others(self, viewers: Viewers, signals: list[Signal]) -> None:
        await viewers.handle(signals)
        self._others.set_text(viewers.label)
        self._others.set_visibility(bool(viewers.label))
