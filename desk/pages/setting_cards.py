"""Settings as cards, one a key: what is in force, the draft that waits, and the form that makes one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from desk.office_drafts import SettingDrafts
from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS, RevisionViews, Wording
from desk.pages.widgets import add_button, open_form, show_fact, show_heading
from kit.clock import write_day
from kit.errors import RequestError
from revisions import rules
from revisions.schemas import Content, RevisionNoteView, RevisionView

# Makes the form's fields of a key, by the names in its content.
MakeFields = Callable[[str, Content], Mapping[str, Any]]
_Card = tuple[str, Sequence[RevisionView], Sequence[RevisionNoteView]]


class SettingCards:
    """Shows and changes the settings of one topic; `describe` gives each key's name, and more about it or nothing."""

    def __init__(
        self,
        page: OpenPage,
        drafts: SettingDrafts,
        wording: Wording,
        describe: Callable[[str], tuple[str, str]],
        make_fields: MakeFields,
        *,
        level: int = 3,
    ) -> None:
        """`level` is that of the headings."""
        self._page = page
        self._drafts = drafts
        self._wording = wording
        self._describe = describe
        self._make_fields = make_fields
        self._level = level
        self._views = RevisionViews(page, drafts, wording, self.load)
        self._cards = CardList(self._draw, "")

    async def start(self) -> None:
        """Shows them, and then at once what colleagues do."""
        await self.load()
        self._views.follow()

    async def load(self) -> None:
        """Reads them anew."""
        if not await self._page.check():
            return
        await self._views.load()
        found, notes = await self._drafts.list_revisions(self._page.staff), self._views.notes
        self._cards.show({key: (key, revisions, notes.get(key, ())) for key, revisions in found.items()})

    def _draw(self, card: _Card) -> None:
        key, revisions, _ = card
        today = self._drafts.read_today()
        effective, draft = rules.find_effective(revisions, today), rules.find_draft(revisions)
        name, more = self._describe(key)
        with ui.row().classes("card-head"):
            show_heading(name, self._level)
            for each in rules.list_scheduled(revisions, today):
                ui.label(f"{write_day(each.effective_from)}起有新内容").classes("chip")
        if more:
            ui.label(more).classes("soft")
        for label, words in self._wording.list_facts(effective.content if effective else self._drafts.first[key]):
            show_fact(label, words)
        if draft:
            self._views.draw_draft(draft, revisions, partial(self._open, key, draft))
        elif revisions and revisions[-1].state == "refused":
            self._views.show_refusal(revisions[-1])
        with ui.row().classes("card-foot"):
            if not draft:
                base = rules.find_changeable(revisions, today) if revisions else None
                add_button("修改", partial(self._open, key, base))
            if revisions:
                add_button("历史", partial(self._views.open_history, revisions))

    def _open(self, key: str, base: RevisionView | None) -> None:
        async def save() -> bool:
            content = {field: element.value for field, element in fields.items()}
            draft = partial(self._drafts.save, self._page.staff, key, content, day.value or "", base)
            return await self._page.attempt(draft, WAITS, self.load, mark)

        def mark(error: RequestError | None) -> None:
            problems = error.problems if error else {}
            for field, element in {**fields, "effective_from": day}.items():
                element.error = problems.get(field)

        today = self._drafts.read_today()
        with open_form(f"修改“{self._describe(key)[0]}”", save, "提交审核"):
            fields = self._make_fields(key, base.content if base else self._drafts.first[key])
            since = max(base.effective_from, today) if base else today
            day = ui.input("从哪天起生效", value=since.isoformat()).props("type=date stack-label")
            for element in (*fields.values(), day):
                element.classes("whole").props("outlined dense")
