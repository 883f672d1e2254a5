"""Drafts and histories of what is changed under revision, as they are shown, approved, refused and rolled back."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from nicegui import ui

from desk.drafts import REASON_MAX, TopicDrafts, find_base
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, confirm, open_form, open_sheet, show_fact, show_heading
from desk.revision_notes import NOTE_MAX, RevisionNotes
from desk.schemas import OPERATOR, StaffView
from desk.wording import format_time
from kit.clock import write_day
from kit.errors import RequestError
from kit.pubsub import Signal
from revisions import rules
from revisions.schemas import Content, RevisionNoteView, RevisionView, State

POLL_SECONDS = 60.0
WAITS = "已提交，等另一位同事审核"
STATES: dict[State, str] = {"draft": "等审核", "approved": "已通过", "refused": "已退回", "withdrawn": "已撤回"}


@dataclass(frozen=True, slots=True)
class Wording:
    """How a topic's content is put into words: its title, all of it as facts, and one field's name and value.

    `in_force` says that a revision is: 在办. `consequence` ends “从5月1日零点起，…”.
    """

    title: Callable[[Content], str]
    list_facts: Callable[[Content], list[tuple[str, str]]]
    name_field: Callable[[str], str]
    write_value: Callable[[str, Any], str]
    in_force: str
    consequence: str


class Group(Protocol):
    """Decides drafts with others that belong to the same change, and shows these."""

    def draw(self, draft: RevisionView) -> None: ...
    def describe(self, draft: RevisionView) -> str: ...
    async def approve(self, staff: StaffView, draft: RevisionView) -> None: ...
    async def refuse(self, staff: StaffView, draft: RevisionView, reason: str) -> None: ...
    async def withdraw(self, staff: StaffView, draft: RevisionView) -> None: ...
    async def roll_back(self, staff: StaffView, change: str) -> None: ...


class RevisionViews:
    """Shows and decides the drafts of one topic on an open page; `load` shows what became of them.

    `names` are those of the staff by id, `notes` those about open drafts by key. `explain` may show more of an approval
    that failed, `test` what a draft would do. A `group` decides drafts with those of the same change; without one they
    are shown only.
    """

    def __init__(
        self,
        page: OpenPage,
        drafts: TopicDrafts,
        wording: Wording,
        load: Callable[[], Awaitable[None]],
        explain: Callable[[RequestError | None], None] | None = None,
        test: Callable[[RevisionView], None] | None = None,
        group: Group | None = None,
    ) -> None:
        self._page = page
        self._drafts = drafts
        self._wording = wording
        self._load = load
        self._explain = explain
        self._test = test
        self._group = group
        self._deciding = group or drafts
        self._notes = RevisionNotes(drafts.topic, page.desk.database, page.desk.clock)
        self.names: dict[str, str] = {}
        self.notes: Mapping[str, Sequence[RevisionNoteView]] = {}

    async def load(self) -> None:
        """Reads names and notes anew."""
        self.names = {staff.id: staff.name for staff in await self._page.desk.accounts.list_staff()}
        self.notes = await self._notes.list_on_drafts(self._page.staff)

    def follow(self, *more: str) -> None:
        """Shows at once what colleagues do, also with `more` subjects."""

        async def look(signals: Sequence[Signal]) -> None:
            await self._load()

        self._page.follow([self._drafts.topic.name, *more], look, POLL_SECONDS)

    def draw_draft(
        self, draft: RevisionView, revisions: Sequence[RevisionView], edit: Callable[[], object] | None = None
    ) -> None:
        """A draft that waits, with what its readers may do; without `edit` nobody writes it by hand."""
        me = self._page.staff.id
        with ui.element("section").classes("draft"):
            with ui.row().classes("card-head"):
                ui.label("草稿等审核").classes("chip urgent")
                ui.label(f"{self.name(draft.writers)}，{format_time(draft.written_at)}").classes("soft")
            self._draw_what(draft, revisions)
            self._draw_notes(self.notes.get(draft.key, ()))
            is_elsewhere = bool(draft.change) and self._group is None
            if is_elsewhere:
                ui.link("和产品的改动一起生效，在“产品”页审核", "/products").classes("soft")
            elif me in draft.writers:
                ui.label("由另一位同事审核").classes("soft")
            if self._group:
                self._group.draw(draft)
            with ui.row().classes("card-foot"):
                if self._test:
                    add_button("试一试", partial(self._test, draft))
                add_button("写备注", partial(self._write_note, draft))
                if self._drafts.may(self._page.staff, "draft"):
                    if edit:
                        add_button("改草稿", edit)
                    if me in draft.writers:
                        add_button("撤回", lambda: self._withdraw(draft))
                if self._drafts.may(self._page.staff, "approve") and me not in draft.writers and not is_elsewhere:
                    add_button("退回", lambda: self._refuse(draft))
                    add_button("通过", lambda: self._approve(draft))

    def list_for_me(self, drafts: Iterable[RevisionView | None]) -> list[RevisionView]:
        """Those that the page's member may approve."""
        me, may = self._page.staff.id, self._drafts.may(self._page.staff, "approve")
        return [draft for draft in drafts if draft and may and me not in draft.writers and not draft.change]

    async def approve_all(self, drafts: Sequence[RevisionView]) -> None:
        """Approves several at once, all or none."""
        what = f"一起试答必测题；有一道变错，就一份都不通过。通过后各从生效日零点起，{self._wording.consequence}。"
        if await confirm(f"通过这{len(drafts)}份草稿？", what, "通过"):
            approve = partial(self._drafts.approve, self._page.staff, *drafts)
            await self._page.attempt(approve, f"已通过{len(drafts)}份", self._load, self._explain)

    def show_refusal(self, revision: RevisionView) -> None:
        """That the last draft was refused: its writer may not have seen it."""
        show_fact("上次退回", f"{revision.reason}（{self.name([revision.decided_by or ''])}）")

    async def open_history(self, revisions: Sequence[RevisionView]) -> None:
        """All revisions, the newest first."""
        notes = await self._notes.list_of(self._page.staff, revisions[0].key)
        current = rules.find_effective(revisions, self._drafts.read_today())
        with open_sheet(f"{self._wording.title(revisions[0].content)}的历史") as dialog:
            for revision in reversed(revisions):
                with ui.element("section").classes("draft"):
                    with ui.row().classes("card-head"):
                        show_heading(f"第{revision.number}版", 3)
                        state = self._wording.in_force if revision == current else STATES[revision.state]
                        ui.label(state).classes("chip")
                    show_fact("起草", f"{self.name(revision.writers)}，{format_time(revision.written_at)}")
                    if revision.decided_by and revision.decided_at:
                        who = self.name([revision.decided_by])
                        show_fact("处理", f"{who}，{format_time(revision.decided_at)}")
                    if revision.reason:
                        show_fact("原因", revision.reason)
                    self._draw_what(revision, revisions)
                    self._draw_notes([note for note in notes if note.number == revision.number])
                    is_old = revision.state == "approved" and revision != current
                    may_draft = self._drafts.may(self._page.staff, "draft")
                    if is_old and may_draft and not rules.find_draft(revisions):
                        with ui.row().classes("card-foot"):
                            add_button("恢复到这一版", partial(self._roll_back, revision, dialog))
                    is_last = revision == rules.find_changeable(revisions, self._drafts.read_today())
                    if is_last and revision.change and self._group and may_draft and not rules.find_draft(revisions):
                        with ui.row().classes("card-foot"):
                            add_button("整个改动恢复到之前", partial(self._roll_back_change, revision.change, dialog))

    def name(self, staff_ids: Sequence[str]) -> str:
        """Colleagues by name."""
        return join_names(self.names, staff_ids)

    def _draw_what(self, revision: RevisionView, revisions: Sequence[RevisionView]) -> None:
        show_fact("生效", write_day(revision.effective_from))
        if revision.rolls_back:
            show_fact("恢复", f"到第{revision.rolls_back}版")
        before = [each for each in revisions if each.number != revision.number]
        if revision.state == "approved":  # compared with what it replaced
            before = [each for each in before if _is_older(each, revision)]
        draw_diffs(self._wording, find_base(before, revision.effective_from), revision.content)

    def _draw_notes(self, notes: Sequence[RevisionNoteView]) -> None:
        for note in notes:
            with ui.element("div").classes("note"):
                ui.label(f"{self.name([note.staff_id])}，{format_time(note.at)}").classes("soft")
                ui.label(note.text).classes("words")

    def _write_note(self, draft: RevisionView) -> None:
        title = self._wording.title(draft.content)

        def mark(error: RequestError | None) -> None:
            words.error = error.problems.get("note") if error else None

        async def save() -> bool:
            add = partial(self._notes.add, self._page.staff, draft, title, words.value or "")
            return await self._page.attempt(add, "已记下", self._load, mark)

        with open_form(f"{title}：写备注", save, "记下"):
            words = ui.textarea("写给起草和审核的同事").classes("whole")
            words.props(f"outlined dense autofocus autogrow counter maxlength={NOTE_MAX}")

    async def _approve(self, draft: RevisionView) -> None:
        title, day = self._wording.title(draft.content), write_day(draft.effective_from)
        more = self._group.describe(draft) if self._group else ""
        what = f"{self.name(draft.writers)}起草。通过后从{day}零点起，{self._wording.consequence}。{more}"
        if await confirm(f"通过{title}的草稿？", what, "通过"):
            approve = partial(self._deciding.approve, self._page.staff, draft)
            await self._page.attempt(approve, f"已通过，{day}起生效", self._load, self._explain)

    def _refuse(self, draft: RevisionView) -> None:
        def mark(error: RequestError | None) -> None:
            reason.error = error.problems.get("reason") if error else None

        async def save() -> bool:
            refuse = self._deciding.refuse
            return await self._page.attempt(
                lambda: refuse(self._page.staff, draft, reason.value or ""), "已退回", self._load, mark
            )

        with open_form(f"退回{self._wording.title(draft.content)}的草稿", save, "退回"):
            reason = ui.input("原因").classes("whole").props(f"outlined dense autofocus counter maxlength={REASON_MAX}")

    async def _withdraw(self, draft: RevisionView) -> None:
        if await confirm("撤回这份草稿？", "撤回后要重新起草。", "撤回"):
            withdraw = self._deciding.withdraw
            await self._page.attempt(lambda: withdraw(self._page.staff, draft), "已撤回", self._load)

    async def _roll_back(self, revision: RevisionView, dialog: ui.dialog) -> None:
        what = "会起草一份同样内容的新版，从今天起生效，由另一位同事审核；日期可以在草稿里改。"
        if await confirm(f"恢复到第{revision.number}版？", what, "起草"):
            roll_back = partial(self._drafts.roll_back, self._page.staff, revision.key, revision.number)
            if await self._page.attempt(roll_back, WAITS, self._load):
                dialog.close()

    async def _roll_back_change(self, change: str, dialog: ui.dialog) -> None:
        what = "会给这次改动里的每个产品和每条知识起草改动前的内容，由另一位同事一起审核。"
        if self._group and await confirm("整个改动恢复到之前？", what, "起草"):
            roll_back = partial(self._group.roll_back, self._page.staff, change)
            if await self._page.attempt(roll_back, WAITS, self._load):
                dialog.close()


def join_names(names: Mapping[str, str], staff_ids: Sequence[str]) -> str:
    """Colleagues by name, by their ids."""
    known = {OPERATOR.id: OPERATOR.name, **names}
    return "、".join(known.get(staff_id, "未知") for staff_id in staff_ids) or "系统初始"


def draw_diffs(wording: Wording, old: Content | None, new: Content) -> None:
    """What differs between two contents; all of the new one where there was none before."""
    if old is None:
        ui.label("第一版").classes("soft")
        for name, value in wording.list_facts(new):
            show_fact(name, value)
        return
    for diff in rules.list_diffs(old, new):
        with ui.element("div").classes("diff"):
            ui.label(wording.name_field(diff.field)).classes("soft")
            ui.label(wording.write_value(diff.field, diff.old)).classes("old")
            ui.label(wording.write_value(diff.field, diff.new)).classes("new")


def _is_older(one: RevisionView, other: RevisionView) -> bool:
    """Whether one was approved before the other."""
    if one.decided_at is None or other.decided_at is None:
        return False
    return (one.decided_at, one.number) < (other.decided_at, other.number)
