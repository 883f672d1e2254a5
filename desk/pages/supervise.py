"""The supervisor's page: who is there, who waits for whom, what is late; many can be given away at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import events, ui

from applications.stages import STAGE_NAMES
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import STATE_NAMES
from desk.customers import is_late
from desk.oversight import RATED_DAYS, UNANSWERED_AFTER, Overview, group_waits
from desk.pages.card_list import CardList
from desk.pages.frame import STATUSES
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import render_metrics
from desk.pages.talk_dialogs import ask_colleague, list_colleagues
from desk.pages.toasts import show_toast
from desk.pages.widgets import add_button, add_style, confirm, open_sheet, show_fact, show_heading
from desk.reassignments import Refusal
from desk.roles import ROLE_NAMES
from desk.urgency import URGENT_REASONS
from desk.wording import (
    CHANNELS,
    describe_call,
    describe_reason,
    describe_wait,
    name_application,
    name_customer,
    name_reason,
)
from kit.masking import mask_personal_data
from kit.pubsub import Signal

POLL_SECONDS = 10.0
SETTLE_SECONDS = 0.3  # signals within it are shown together


@dataclass(frozen=True, slots=True)
class Row:
    """One line: who it is about and where that leads, what is known, and how long it has lasted."""

    id: str
    name: str
    path: str
    about: tuple[str, ...]
    lasting: str
    is_urgent: bool = False
    may_move: bool = False
    may_check: bool = False


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    for sheet in ("dashboard", "supervise"):
        ui.add_head_html(f'<link rel="stylesheet" href="/static/{sheet}.css">')
    supervision = _Supervision(page)
    await supervision.draw([])
    page.follow(["desk"], supervision.draw, POLL_SECONDS)


class _Supervision:
    """The page's sections, and what is ticked in them."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._ticked: set[str] = set()
        self._boxes: dict[str, ui.checkbox] = {}
        with ui.row().classes("bar"):
            show_heading("主管台")
        with ui.row().classes("ticked") as self._bar:
            self._count = ui.label().props("role=status")
            add_button("分给同事", self._give)
            add_button("放回排队", self._put_back)
            add_button("不选了", self._untick)
        self._bar.set_visibility(False)
        self._layer = ui.element("div")
        self._waits = ui.html(sanitize=False).classes("waits")
        minutes = UNANSWERED_AFTER.seconds // 60
        with ui.element("div").classes("panels"):
            self._waiting = self._add_section("在等人工", "没有客户在等")
            self._unanswered = self._add_section(f"等坐席回复超过{minutes}分钟", "没有客户在等回复")
            self._callbacks = self._add_section("超时或没人负责的回电", "回电都有人负责，没有超时")
            self._applications = self._add_section("超期或没有客户经理的申请", "申请都有人办，没有超期")
            with ui.element("section").classes("panel"):
                show_heading("同事", 2)
                self._colleagues = ui.html(sanitize=False)
            self._low_rated = self._add_section(f"近{RATED_DAYS}天的低分", "没有1到2分的评价")

    async def draw(self, signals: list[Signal]) -> None:
        """Shows everything as it is now."""
        if signals:
            await asyncio.sleep(SETTLE_SECONDS)
        await self._page.attempt(self._read)

    async def _read(self) -> None:
        overview = await self._page.desk.oversight.read(self._page.staff)
        names = {member.id: member.name for member in await self._page.desk.accounts.list_staff()}
        now = self._page.desk.clock()
        waits = {name_reason(reason): each for reason, each in group_waits(overview.waiting).items()}
        self._waits.set_content(render_metrics("supervise_waits.html", waits=waits))
        lists = (
            (self._waiting, [self._describe_waiting(each, names) for each in overview.waiting]),
            (
                self._unanswered,
                [_describe(e.handoff, names, describe_wait(e.since, now), may_move=True) for e in overview.unanswered],
            ),
            (self._callbacks, [self._describe_call(each, names) for each in overview.callbacks]),
            (self._low_rated, [_describe_rated(each, names) for each in overview.low_rated]),
            (self._applications, self._list_applications(overview, names)),
        )
        movable = {row.id for _, rows in lists for row in rows if row.may_move}
        self._ticked &= movable
        self._boxes = {key: box for key, box in self._boxes.items() if key in movable}
        for cards, rows in lists:
            cards.show({row.id: row for row in rows})
        self._show_ticked()
        colleagues = {"colleagues": overview.colleagues, "statuses": STATUSES, "roles": ROLE_NAMES}
        self._colleagues.set_content(render_metrics("supervise_colleagues.html", **colleagues))

    def _add_section(self, title: str, nothing: str) -> CardList[Row]:
        with ui.element("section").classes("panel rows"):
            show_heading(title, 2)
            return CardList(self._draw_row, nothing)

    def _draw_row(self, row: Row) -> None:
        if row.may_move:
            box = ui.checkbox(value=row.id in self._ticked, on_change=partial(self._tick, row.id))
            self._boxes[row.id] = box.props(f'dense aria-label="选{row.name}"')
        with ui.element("div").classes("what"):
            ui.link(row.name, row.path).classes("headline")
            for text in row.about:
                ui.label(text).classes("soft")
        ui.label(row.lasting).classes("problem lasting" if row.is_urgent else "soft lasting")
        if row.may_check:
            add_button("质检", partial(self._check, row.id))

    def _describe_waiting(self, handoff: HandoffView, names: Mapping[str, str]) -> Row:
        wait = describe_wait(handoff.requested_at, self._page.desk.clock())
        return _describe(handoff, names, wait, may_move=handoff.state != "requested")

    def _describe_call(self, handoff: HandoffView, names: Mapping[str, str]) -> Row:
        now = self._page.desk.clock()
        is_overdue = handoff.due_at is not None and handoff.due_at < now
        lasting = f"超时{describe_wait(handoff.due_at, now)}" if handoff.due_at and is_overdue else "没人负责"
        row = _describe(handoff, names, lasting, may_move=True, is_urgent=is_overdue)
        return _with_about(row, mask_personal_data(describe_call(handoff, now)))

    def _list_applications(self, overview: Overview, names: Mapping[str, str]) -> list[Row]:
        now = self._page.desk.clock()
        rows = []
        for each in overview.applications:
            manager = names.get(each.manager_id or "")
            late = f"超期{describe_wait(each.due_at, now)}" if each.due_at and is_late(each, now) else ""
            about = f"{name_application(each)} · {STAGE_NAMES[each.stage]} · {manager or '没有客户经理'}"
            rows.append(Row(each.id, each.name, "/customers", (about,), late or "没人负责", is_urgent=bool(late)))
        return rows

    def _tick(self, handoff_id: str, event: events.ValueChangeEventArguments[bool]) -> None:
        (self._ticked.add if event.value else self._ticked.discard)(handoff_id)
        self._show_ticked()

    def _untick(self) -> None:
        for box in list(self._boxes.values()):
            box.set_value(False)

    def _show_ticked(self) -> None:
        self._count.set_text(f"选了{len(self._ticked)}位客户")
        self._bar.set_visibility(bool(self._ticked))

    async def _give(self) -> None:
        ids = sorted(self._ticked)

        async def give(agent_id: str, note: str) -> bool:
            act, name = self._page.desk.reassignments.give, colleagues.get(agent_id, "同事").partition("（")[0]
            return await self._move(ids, lambda: act(self._page.staff, ids, agent_id, note), f"位客户已分给{name}")

        colleagues = await list_colleagues(self._page, self._page.staff.id)
        ask_colleague(self._layer, f"把{len(ids)}位客户分给", colleagues, give)

    async def _put_back(self) -> None:
        ids = sorted(self._ticked)
        what = "客户会听到正在安排别的同事。回电不能放回排队。"
        if await confirm(f"把{len(ids)}位客户放回排队？", what, "放回排队"):
            await self._move(
                ids, lambda: self._page.desk.reassignments.put_back(self._page.staff, ids), "位客户已放回排队"
            )

    async def _move(self, ids: Sequence[str], act: Callable[[], Awaitable[list[Refusal]]], done: str) -> bool:
        refused: list[Refusal] = []

        async def move() -> None:
            refused.extend(await act())

        if not await self._page.attempt(move):
            return False
        self._untick()
        await self._page.attempt(self._read)
        if moved := len(ids) - len(refused):
            show_toast(f"{moved}{done}", "positive", seconds=4)
        if refused:
            with open_sheet(f"{len(refused)}位没有动"):
                for each in refused:
                    show_fact(each.name or "客户", each.reason)
        return True

    async def _check(self, handoff_id: str) -> None:
        begun: list[str] = []

        async def begin() -> None:
            begun.append(await self._page.desk.quality_samples.begin(self._page.staff, handoff_id))

        if await self._page.attempt(begin):
            self._page.leave(f"/quality/{begun[0]}")


def _describe(
    handoff: HandoffView, names: Mapping[str, str], lasting: str, *, may_move: bool = False, is_urgent: bool = False
) -> Row:
    reason = describe_reason(handoff.reason, handoff.topic)
    who = names.get(handoff.agent_id or "", "") if handoff.state not in ("requested", "queued") else ""
    parts = (reason, CHANNELS.get(handoff.channel, handoff.channel), STATE_NAMES[handoff.state], who)
    return Row(
        id=handoff.id,
        name=name_customer(handoff.customer_id, handoff.name),
        path=f"/talks/{handoff.id}",
        about=(" · ".join(filter(None, parts)),),
        lasting=lasting,
        is_urgent=is_urgent or handoff.reason in URGENT_REASONS,
        may_move=may_move,
    )


def _describe_rated(handoff: HandoffView, names: Mapping[str, str]) -> Row:
    row = _describe(handoff, names, f"{handoff.rating}分")
    said = f"客户说：{mask_personal_data(handoff.comment)}" if handoff.comment else ""
    more = filter(None, [said, mask_personal_data(handoff.summary or "")])
    return Row(row.id, row.name, row.path, (*row.about, *more), row.lasting, may_check=True)


def _with_about(row: Row, more: str) -> Row:
    return Row(row.id, row.name, row.path, (*row.about, more), row.lasting, row.is_urgent, row.may_move)
