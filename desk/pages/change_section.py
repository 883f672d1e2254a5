"""What a product's draft touches, and the drafts that are decided with it, on the page of products."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial

from nicegui import ui
from pydantic import ValidationError

from desk.changes import ChangeView
from desk.drafts import read_day
from desk.impact import EntryImpact, Impact, TextImpact
from desk.pages.entries import WORDING as ENTRY_WORDING
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS, Wording, draw_diffs, join_names
from desk.pages.widgets import add_button, show_fact
from desk.schemas import StaffView
from desk.topics import Problems
from desk.wording import format_time
from kit.clock import write_day
from revisions.schemas import Content, RevisionView

PAUSE_SECONDS = 0.6
SHOWN = 50  # of a kind; more would keep the page waiting
KEPT = "照常办，已填的内容不变。"
QUOTAS_KEPT = "已经告诉客户的结果不变；客户再来测，按新内容重算，并告诉他原来是多少。"


class ChangeSection:
    """Draws changes and decides them as they were shown; `wording` is that of products, `load` shows what became of
    them.
    """

    def __init__(self, page: OpenPage, wording: Wording, load: Callable[[], Awaitable[None]]) -> None:
        self._page = page
        self._wording = wording
        self._changes = page.desk.changes
        self._load = load
        self._shown: dict[str, ChangeView] = {}
        self.names: Mapping[str, str] = {}

    async def read(self, drafts: Iterable[RevisionView]) -> dict[str, ChangeView]:
        """The changes of the open drafts, by the product's id."""
        self._shown = {draft.key: await self._changes.read(self._page.staff, draft) for draft in drafts}
        return self._shown

    def draw(self, draft: RevisionView) -> None:
        """What a draft touches, and what is decided with it."""
        shown = self._shown[draft.key]
        may_draft = self._page.may("draft_products") and self._page.may("draft_entries")
        with ui.element("div").classes("impact"):
            draw_impact(shown.impact, self.names, partial(self._mend, draft) if may_draft else None)
            if len(shown.drafts) > 1:
                show_fact("一起生效", f"还有{len(shown.drafts) - 1}份草稿，一起审核")
            for place, (each, base) in enumerate(zip(shown.drafts, shown.bases, strict=True)):
                if place >= len(shown.products):
                    self._draw_other(f"知识“{each.content['question']}”", ENTRY_WORDING, each, base)
                elif each.key != draft.key:
                    self._draw_other(f"产品“{each.content['name']}”", self._wording, each, base)
            if shown.entries and self._page.may("entries"):
                ui.link(f"到“知识”页看这{len(shown.entries)}份草稿", "/entries").classes("soft")
        if may_draft:
            for other in self._list_apart(draft):
                words = f"和{other.content['name']}的草稿一起生效"
                add_button(words, partial(self._join, draft, other))

    def describe(self, draft: RevisionView) -> str:
        """What approving it does beside."""
        shown = self._shown[draft.key]
        touched = shown.impact.describe()
        together = f"这次改动的{len(shown.drafts)}份草稿一起通过。" if len(shown.drafts) > 1 else ""
        wrong = shown.impact.wrong
        warning = f"还有{wrong}处手写的旧数字没有改！" if wrong else ""
        return together + (f"会影响{touched}。" if touched else "") + warning

    async def approve(self, staff: StaffView, draft: RevisionView) -> None:
        """Approves the whole change."""
        await self._changes.approve(staff, self._shown[draft.key])

    async def refuse(self, staff: StaffView, draft: RevisionView, reason: str) -> None:
        """Refuses the whole change."""
        await self._changes.refuse(staff, self._shown[draft.key], reason)

    async def withdraw(self, staff: StaffView, draft: RevisionView) -> None:
        """Withdraws what they wrote of it."""
        await self._changes.withdraw(staff, self._shown[draft.key])

    async def roll_back(self, staff: StaffView, change: str) -> None:
        """Drafts what stood before."""
        await self._changes.roll_back(staff, change)

    def _draw_other(self, title: str, wording: Wording, draft: RevisionView, base: Content | None) -> None:
        """A draft that is decided with the one of the card."""
        with ui.element("section").classes("draft"):
            with ui.row().classes("card-head"):
                ui.label(title).classes("headline")
                ui.label(f"{join_names(self.names, draft.writers)}，{format_time(draft.written_at)}").classes("soft")
            draw_diffs(wording, base, draft.content)

    def _list_apart(self, draft: RevisionView) -> list[RevisionView]:
        open_ones = [each for shown in self._shown.values() for each in shown.products]
        known = {each.key: each for each in open_ones if each.key != draft.key}
        return [each for each in known.values() if draft.change is None or each.change != draft.change]

    async def _mend(self, draft: RevisionView, entries: list[EntryImpact]) -> None:
        keys = [entry.key for entry in entries]
        mend = partial(self._changes.draft_entries, self._page.staff, draft, keys)
        await self._page.attempt(mend, WAITS, self._load)

    async def _join(self, draft: RevisionView, other: RevisionView) -> None:
        await self._page.attempt(
            partial(self._changes.join, self._page.staff, draft, other), "已并成一次改动", self._load
        )


class ImpactLine:
    """A line in the form of a product that says what its content, as it is typed, would touch.

    It is judged once nobody has typed for a moment, and never twice at a time: all entries are read for it.
    """

    def __init__(self, page: OpenPage, product_id: str | None, names: Mapping[str, str]) -> None:
        self._page = page
        self._product_id = product_id
        self._names = names
        self._place = ui.element("div").classes("whole impact").props("role=status")
        self._typed = 0
        self._turn = asyncio.Lock()

    async def show(self, content: Content, day: str) -> None:
        """Shows it for a content, unless another one is typed meanwhile; nothing while that is none yet."""
        self._typed += 1
        typed = self._typed
        await asyncio.sleep(PAUSE_SECONDS)
        async with self._turn:
            if typed != self._typed:
                return
            impact = await self._judge(content, day)
        if self._place.is_deleted:
            return
        self._place.clear()
        if impact:
            with self._place:
                draw_impact(impact, self._names)

    async def _judge(self, content: Content, day: str) -> Impact | None:
        problems: Problems = {}
        since = read_day(day, date.min, problems)
        if not self._product_id or since is None:
            return None
        try:
            return await self._page.desk.changes.preview(self._page.staff, self._product_id, content, since)
        except ValidationError:
            return None


def draw_impact(
    impact: Impact,
    names: Mapping[str, str],
    mend: Callable[[list[EntryImpact]], Awaitable[None]] | None = None,
) -> None:
    """What is touched, each kind to be opened; `mend` drafts entries without what was typed by hand."""
    if not impact.describe():
        ui.label("这次改动不影响现有的知识、常用语、表单、额度结果和申请。").classes("soft")
        return
    ui.label(f"这次改动会影响：{impact.describe()}").classes("soft")
    wrong = [entry for entry in impact.entries if entry.is_wrong]
    if impact.wrong:
        with ui.row().classes("card-head"):
            ui.label(f"{impact.wrong}处手写的旧数字会变错").classes("chip urgent")
            mendable = [entry for entry in wrong if entry.is_mendable]
            if mend and len(mendable) > 1:
                add_button(f"起草这{len(mendable)}条知识", partial(mend, mendable))
    for entry in wrong:
        _draw_wrong(entry, mend)
    for answer, text in impact.canned:
        if text.typed:
            ui.label(f"常用语“{answer.title}”：{_name_words(text)}").classes("problem")
            ui.link("去改常用语", "/answers").classes("soft")
    right = [entry for entry in impact.entries if not entry.is_wrong]
    if right:
        with _fold(f"{len(right)}条知识的数字自动跟着变"):
            for entry in right[:SHOWN]:
                ui.label(entry.question).classes("headline")
                for text in _draw_each(entry):
                    _draw_change(text.before, text.after)
            _draw_rest(len(right) - SHOWN, "条")
    if impact.forms:
        with _fold(f"{len(impact.forms)}处表单文字自动跟着变"):
            for place, before, after in impact.forms:
                ui.label(place).classes("headline")
                _draw_change(before, after)
    if impact.quotas and impact.quotas_until:
        with _fold(f"{impact.quotas}位客户有没过期的额度结果，最晚到{write_day(impact.quotas_until)}"):
            ui.label(QUOTAS_KEPT)
    if impact.applications:
        outside = sum(each.is_outside for each in impact.applications)
        told = f"，{outside}笔超出新范围" if outside else ""
        with _fold(f"{len(impact.applications)}笔申请在办理中{told}"):
            ui.label(KEPT)
            for each in sorted(impact.applications, key=lambda each: not each.is_outside)[:SHOWN]:
                manager = names.get(each.manager_id or "", "还没有客户经理")
                advice = "，超出新范围，请客户经理和客户商量" if each.is_outside else ""
                show_fact(manager, f"{each.number}{advice}")
            _draw_rest(len(impact.applications) - SHOWN, "笔")


def _draw_wrong(entry: EntryImpact, mend: Callable[[list[EntryImpact]], Awaitable[None]] | None) -> None:
    with ui.row().classes("card-head"):
        ui.label(entry.question).classes("headline")
        if entry.draft:
            ui.label("有草稿").classes("chip")
        if mend and entry.is_mendable:
            is_right = entry.mended == entry.content
            add_button("草稿一起生效" if is_right else "起草修改", partial(mend, [entry]))
    for text in _draw_each(entry):
        ui.label(text.before).classes("words")
        if text.typed:
            ui.label(_name_words(text)).classes("problem")


def _draw_each(entry: EntryImpact) -> Iterator[TextImpact]:
    """Its texts, each to be drawn where it is yielded; beside an open draft each is headed by where it stands."""
    for place, texts in (("在用的", entry.in_force), ("草稿里的", entry.drafted)):
        for text in texts:
            if entry.draft:
                ui.label(place).classes("soft")
            yield text


def _name_words(text: TextImpact) -> str:
    """Which words are wrong, and how sure that is."""
    doubts = "" if all(each.is_sure for each in text.typed) else "（可能，请看一下）"
    return f"手写的{'、'.join(text.words)}会变错{doubts}"


def _draw_rest(count: int, unit: str) -> None:
    if count > 0:
        ui.label(f"还有{count}{unit}").classes("soft")


def _draw_change(before: str, after: str) -> None:
    with ui.element("div").classes("change"):
        ui.label(before).classes("old")
        ui.label(after).classes("new")


@contextmanager
def _fold(title: str) -> Iterator[None]:
    with ui.expansion(title).classes("fold").props("dense"):
        yield
