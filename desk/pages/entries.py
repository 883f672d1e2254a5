"""The page of knowledge: what is published, drafts that wait, and history; writing, publishing and taking back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from nicegui import ui

from desk.drafts import RevisionsByKey
from desk.entry_drafts import TrialFailed
from desk.entry_edits import EditView
from desk.manual_rows import find_category_by, write_manual_table
from desk.pages.card_list import CardList
from desk.pages.entry_fields import list_facts, name_field, write_value
from desk.pages.entry_form import GIVE_UP, GO_ON, open_entry_form, open_left_edit
from desk.pages.hit_test import draw_trial, open_hit_test
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS, RevisionViews, Wording
from desk.pages.table_import import FileKind
from desk.pages.topic_table import add_table_menu
from desk.pages.widgets import add_button, add_style, confirm, open_form, open_sheet, show_all, show_heading
from desk.wording import format_time
from kit.clock import write_day
from kit.errors import RequestError
from knowledge.character_pairs import simplify
from knowledge.entry_fields import CATEGORY_NAMES, read_moment
from knowledge.rows import READERS
from knowledge.trials import DRAFTS_MAX
from products.variables import fill_variables
from revisions import rules
from revisions.schemas import RevisionView

SHOWN, SHOWN_MORE = 30, 60
ALL = ""
STATES = {
    ALL: "全部",
    "draft": "等审核",
    "published": "在用",
    "scheduled": "还没生效",
    "expiring": "30天内到期",
    "ended": "已到期或下架",
}
EXPIRING_DAYS = 30
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


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry's revisions, with the one to show: in force, or else the next, or else the last."""

    revisions: Sequence[RevisionView]
    today: date

    @property
    def key(self) -> str:
        return self.revisions[0].key

    @property
    def draft(self) -> RevisionView | None:
        return rules.find_draft(self.revisions)

    @property
    def current(self) -> RevisionView | None:
        return rules.find_effective(self.revisions, self.today)

    @property
    def scheduled(self) -> list[RevisionView]:
        return rules.list_scheduled(self.revisions, self.today)

    @property
    def shown(self) -> RevisionView:
        return rules.find_shown(self.revisions, self.today)

    @property
    def expires_in(self) -> int | None:
        expires = read_moment(self.shown.content.get("expires_at"))
        return (expires - self.today).days if expires else None

    @property
    def state(self) -> str:
        if self.current is None:
            return "scheduled" if self.scheduled else ""
        has_ended = self.shown.content.get("is_retired") or (self.expires_in is not None and self.expires_in <= 0)
        return "ended" if has_ended else "published"

    def is_in(self, state: str) -> bool:
        if state == "draft":
            return self.draft is not None
        if state == "scheduled":
            return bool(self.scheduled)
        if state == "expiring":
            days = self.expires_in
            return self.state == "published" and days is not None and days <= EXPIRING_DAYS
        return state in (ALL, self.state)

    def says(self, words: str) -> bool:
        content = (self.draft or self.shown).content
        texts = (content["question"], *content["similar_questions"], content["answer"])
        return not words or any(words in simplify(text) for text in texts)


class _Entries:
    """A card an entry; those with a draft first."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._drafts = page.desk.entry_drafts
        self._found: RevisionsByKey = {}
        self._shown = SHOWN
        self._waiting: list[RevisionView] = []
        self.views = RevisionViews(
            page, self._drafts, WORDING, self.load, _explain, partial(open_hit_test, page, self._drafts)
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
        with ui.row().classes("bar filters"):
            self._words = ui.input("搜索问题、问法和答案").props("outlined dense clearable debounce=300 type=search")
            self._topic = ui.select({ALL: "全部主题", **CATEGORY_NAMES}, value=ALL).props('aria-label="主题"')
            self._state = ui.select(STATES, value=ALL).props('aria-label="状态"')
            for choice in (self._topic, self._state):
                choice.props("outlined dense")
            for field in (self._words, self._topic, self._state):
                field.on_value_change(self._filter)
        with ui.row().classes("bar"):
            self._count = ui.label().classes("soft").props("role=status")
            self._approve_all = add_button("", self._approve)
        self._left = ui.element("div").classes("stacked")
        self._cards = CardList(self._draw, "没有这样的知识")
        self._more = add_button("更多", self._show_more).classes("more")

    async def load(self) -> None:
        """Reads the entries anew."""
        if not await self._page.check():
            return
        self.views.names = {staff.id: staff.name for staff in await self._page.desk.accounts.list_staff()}
        self._found = await self._drafts.list_all(self._page.staff)
        if self._page.may("draft_entries"):
            edits = await self._page.desk.entry_edits.list_own(self._page.staff)
            show_all(self._left, edits, self._draw_edit)
        self._show()

    async def _approve(self) -> None:
        await self.views.approve_all(self._waiting)

    def _filter(self) -> None:
        self._shown = SHOWN
        self._show()

    def _show_more(self) -> None:
        self._shown += SHOWN_MORE
        self._show()

    def _show(self) -> None:
        today, words = self._drafts.read_today(), simplify(self._words.value or "")
        entries = [_Entry(revisions, today) for revisions in self._found.values()]
        found = [
            entry
            for entry in entries
            if entry.is_in(self._state.value)
            and self._topic.value in (ALL, entry.shown.content["category"])
            and entry.says(words)
        ]
        found.sort(key=lambda entry: entry.draft is None)
        self._count.set_text(f"{len(found)}条")
        # What is approved together was looked through together.
        self._waiting = self.views.list_for_me(entry.draft for entry in found[: min(self._shown, DRAFTS_MAX)])
        self._approve_all.set_text(f"通过这{len(self._waiting)}份")
        self._approve_all.set_visibility(self._state.value == "draft" and len(self._waiting) > 1)
        self._cards.show({entry.key: entry for entry in found[: self._shown]})
        self._more.set_visibility(len(found) > self._shown)

    def _draw(self, entry: _Entry) -> None:
        content, draft = entry.shown.content, entry.draft
        with ui.row().classes("card-head"):
            show_heading(content["question"], 2)
            ui.label(write_value("category", content["category"])).classes("soft")
            if content.get("is_internal"):
                ui.label(READERS[True]).classes("chip")
            if name := STATES.get(entry.state) if entry.state else None:
                ui.label(name).classes("chip")
            for each in entry.scheduled if entry.current else ():
                ui.label(f"{write_day(each.effective_from)}起有新内容").classes("chip")
            if entry.is_in("expiring"):
                ui.label(f"{entry.expires_in}天后到期").classes("chip urgent")
        if not content.get("is_retired"):
            ui.label(fill_variables(content["answer"])).classes("words")
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


def _explain(error: RequestError | None) -> None:
    """Shows the golden questions that would go wrong."""
    if isinstance(error, TrialFailed):
        with open_sheet(error.reason):
            draw_trial(error.trial)
