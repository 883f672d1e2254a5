"""The page of knowledge: what is published, drafts that wait, and history; writing, publishing and taking back."""

from collections.abc import Sequence, Set
from functools import partial
from typing import NamedTuple

from nicegui import ui

from desk.entry_edits import EditView
from desk.entry_list import ALL, STATES, ListedEntry, find_listed
from desk.manual_rows import find_category_by, write_manual_table
from desk.pages.card_list import CardList
from desk.pages.entry_choice import EntryChoice
from desk.pages.entry_fields import list_facts, name_field, write_value
from desk.pages.entry_form import GIVE_UP, GO_ON, open_entry_form, open_left_edit
from desk.pages.hit_test import explain_trial, open_hit_test
from desk.pages.linked_text import show_linked
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS, RevisionViews, Wording
from desk.pages.table_files import FileKind
from desk.pages.topic_table import add_table_menu
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_all, show_heading
from desk.topics import RevisionsByKey
from desk.wording import format_time
from kit.clock import write_day
from kit.errors import RequestError
from kit.text import clean_text
from knowledge.character_pairs import simplify
from knowledge.entry_fields import CATEGORY_NAMES
from knowledge.links import write_answer
from knowledge.rows import READERS
from knowledge.trials import DRAFTS_MAX
from revisions import rules
from revisions.schemas import RevisionNoteView, RevisionView

SHOWN, SHOWN_MORE = 30, 60
SEED = "seed"
WORDING = Wording(
    title=lambda content: str(content["question"]),
    list_facts=list_facts,
    name_field=name_field,
    write_value=write_value,
    in_force="在用",
    consequence="所有渠道按它回答",
)


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    entries = _Entries(page)
    await entries.load()
    entries.views.follow()


class _Card(NamedTuple):
    """What a card shows, and when it has to be drawn anew; `is_chosen` is None for what cannot be chosen now."""

    entry: ListedEntry
    notes: Sequence[RevisionNoteView]
    is_alike: bool
    is_chosen: bool | None


class _Entries:
    """A card an entry; those with a draft first."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._drafts = page.desk.entry_drafts
        self._found: RevisionsByKey = {}
        self._shown = SHOWN
        self._only = page.query.get("entry", "")  # until something else is looked for
        self._waiting: list[RevisionView] = []
        self.views = RevisionViews(
            page, self._drafts, WORDING, self.load, explain_trial, partial(open_hit_test, page, self._drafts)
        )
        find_category = find_category_by(page.desk.knowledge)
        with ui.row().classes("bar"):
            show_heading("知识")
            add_button("试一试", partial(open_hit_test, page, self._drafts))
            manual = FileKind("docx或txt", ".docx,.txt,.md", partial(write_manual_table, find_category=find_category))
            add_table_menu(page, "知识", self._drafts.table, self._drafts, self.load, {"按手册起草": manual})
            if page.may("draft_entries"):
                ui.button("写新答案", icon="add", on_click=self._open).props("unelevated no-caps")
        ui.label("由一人起草、另一人审核；发布前先试答必测题，有一道变错就不发布。").classes("soft advice")
        self._alike: Sequence[str] = ()
        self._dead: Set[str] | None = None
        self._draw_filters()
        with ui.row().classes("bar"):
            self._count = ui.label().classes("soft").props("role=status")
            self._approve_all = add_button("", self._approve)
            self._approve_all.set_visibility(False)  # it has no name yet
            self._choice = EntryChoice(page, self._show, self.load)
        self._choice.add_bar()
        self._left = ui.element("div").classes("stacked")
        self._cards = CardList(self._draw, "没有这样的知识")
        self._more = add_button("更多", self._show_more).classes("more")

    def _draw_filters(self) -> None:
        with ui.row().classes("bar filters"):
            self._words = ui.input("搜索问题、问法和答案").props("outlined dense clearable debounce=300 type=search")
            self._topic = ui.select({ALL: "全部主题", **CATEGORY_NAMES}, value=ALL).props('aria-label="主题"')
            self._state = ui.select(STATES, value=ALL).props('aria-label="状态"')
            self._owner = ui.select({ALL: "全部同事"}, value=ALL).props('aria-label="谁起草的"')
            for choice in (self._topic, self._state, self._owner):
                choice.props("outlined dense")
            for field in (self._words, self._topic, self._state, self._owner):
                field.on_value_change(self._filter)

    async def load(self) -> None:
        """Reads the entries anew."""
        if not await self._page.check():
            return
        await self.views.load()
        self._found = await self._drafts.list_all(self._page.staff)
        if self._page.may("draft_entries"):
            edits = await self._page.desk.entry_edits.list_own(self._page.staff)
            show_all(self._left, edits, self._draw_edit)
        self._show()

    async def _approve(self) -> None:
        await self.views.approve_all(self._waiting)

    async def _filter(self) -> None:
        """Shows at once what says the words, and then also what means them."""
        words, state = self._words.value or "", self._state.value
        self._shown, self._only, self._alike = SHOWN, "", ()
        if state == "dead" and self._dead is None:
            self._dead = await self._page.desk.knowledge_reports.list_dead(self._page.staff)
        self._show()
        if not clean_text(words):
            return
        alike = [match.entry_id for match in await self._drafts.find_by_meaning(self._page.staff, words)]
        if words == (self._words.value or ""):  # nobody typed on meanwhile
            self._alike = alike
            self._show()

    def _show_more(self) -> None:
        self._shown += SHOWN_MORE
        self._show()

    def _show(self) -> None:
        today = self._drafts.read_today()
        entries = [ListedEntry(revisions, today) for revisions in self._found.values()]
        owners = {entry.owner or SEED for entry in entries}
        names = {staff_id: self.views.name([staff_id] if staff_id != SEED else []) for staff_id in sorted(owners)}
        options = {ALL: "全部同事", **names}
        if options != self._owner.options:
            self._owner.set_options(options, value=self._owner.value if self._owner.value in options else ALL)
        wanted = [
            entry
            for entry in entries
            if self._only in ("", entry.key)
            and entry.is_in(self._state.value, self._dead or ())
            and self._topic.value in (ALL, entry.shown.content["category"])
            and self._owner.value in (ALL, entry.owner or SEED)
        ]
        found = find_listed(wanted, self._words.value or "", self._alike)
        self._count.set_text(f"{len(found)}条")
        # What is approved together was looked through together.
        self._waiting = self.views.list_for_me(entry.draft for entry in found[: min(self._shown, DRAFTS_MAX)])
        self._approve_all.set_text(f"通过这{len(self._waiting)}份")
        self._approve_all.set_visibility(self._state.value == "draft" and len(self._waiting) > 1)
        listed = found[: self._shown]
        self._choice.list_for(listed)
        words = simplify(self._words.value or "")
        cards = (
            _Card(
                entry,
                self.views.notes.get(entry.key, ()),
                is_alike=bool(words) and not entry.says(words),
                is_chosen=self._choice.is_chosen(entry),
            )
            for entry in listed
        )
        self._cards.show({card.entry.key: card for card in cards})
        self._more.set_visibility(len(found) > self._shown)

    def _draw(self, card: _Card) -> None:
        entry, is_chosen = card.entry, card.is_chosen
        content, draft = entry.shown.content, entry.draft
        with ui.row().classes("card-head"):
            if is_chosen is not None:
                box = ui.checkbox(value=is_chosen).props(f'dense aria-label="选中{content["question"]}"')
                box.on_value_change(lambda event: self._choice.choose(entry.key, is_chosen=bool(event.value)))
            show_heading(content["question"], 2)
            ui.label(write_value("category", content["category"])).classes("soft")
            if content.get("is_internal"):
                ui.label(READERS[True]).classes("chip")
            if name := STATES.get(entry.state) if entry.state else None:
                ui.label(name).classes("chip")
            for each in entry.scheduled if entry.current else ():
                ui.label(f"{write_day(each.effective_from)}起有新内容").classes("chip")
            if card.is_alike:
                ui.label("意思相近").classes("chip")
            if entry.is_in("expiring"):
                ui.label(f"{entry.expires_in}天后到期").classes("chip urgent")
        if not content.get("is_retired"):
            show_linked(write_answer(content["answer"])).classes("words")
            ui.label(f"{len(content['similar_questions'])}条相似问法").classes("soft")
        if draft:
            change = self._open_retirement if draft.content.get("is_retired") else self._open
            self.views.draw_draft(draft, entry.revisions, partial(change, draft))
        elif (last := entry.revisions[-1]).state == "refused":
            self.views.show_refusal(last)
        with ui.row().classes("card-foot"):
            if self._page.may("draft_entries") and not draft:
                base = rules.find_changeable(entry.revisions, entry.today)
                add_button("修改", partial(self._open, base))
                if not base.content.get("is_retired"):
                    add_button("下架", partial(self._open_retirement, base))
            add_button("历史", partial(self.views.open_history, entry.revisions))

    def _draw_edit(self, edit: EditView) -> None:
        """An edit that the member has left."""
        with ui.row().classes("bar left-edit"):
            question = edit.content.get("question") or "新答案"
            ui.label(f"没提交的编辑：{question}（{format_time(edit.saved_at)}）")
            add_button(GO_ON, partial(self._go_on, edit))
            add_button(GIVE_UP, partial(self._give_up, edit))

    async def _go_on(self, edit: EditView) -> None:
        revisions = self._found.get(edit.key)
        newest = rules.find_newest(revisions, self._drafts.read_today()) if revisions else None
        await open_left_edit(self._page, self._drafts, self._reload, edit, newest)

    async def _give_up(self, edit: EditView) -> None:
        discard = partial(self._page.desk.entry_edits.discard, self._page.staff, edit.key)
        if await confirm("放弃这份编辑？", "写了没提交的内容会删掉，已提交的不受影响。", GIVE_UP):
            await self._page.attempt(discard, "已放弃", self.load)

    async def _reload(self, entry_id: str) -> None:
        await self.load()

    async def _open(self, base: RevisionView | None = None) -> None:
        await open_entry_form(self._page, self._drafts, self._reload, base)

    def _open_retirement(self, base: RevisionView) -> None:
        def mark(error: RequestError | None) -> None:
            since.error = error.problems.get("effective_from") if error else None

        async def save() -> bool:
            retired = {**base.content, "is_retired": True}
            drafted = partial(self._drafts.save, self._page.staff, base.key, retired, since.value or "", base)
            return await self._page.attempt(drafted, WAITS, self.load, mark)

        day = max(base.effective_from, self._drafts.read_today())
        with open_form(f"下架“{base.content['question']}”", save, "提交审核"):
            since = ui.input("从哪天起下架", value=day.isoformat()).props("type=date stack-label outlined dense")
