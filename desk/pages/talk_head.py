"""The head of a talk's page: the customer, and the actions available to this staff member."""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from conversations.handoff.schemas import HandoffEventView, HandoffView
from conversations.handoff.states import OVER, STATE_NAMES
from desk.macros import MacroView
from desk.pages import talk_dialogs
from desk.pages.explanation import open_explanations
from desk.pages.open_page import OpenPage
from desk.pages.toasts import show_toast
from desk.pages.widgets import confirm
from desk.wording import (
    CHANNELS,
    describe_call,
    describe_reason,
    describe_source,
    describe_verified,
    describe_window,
    format_time,
    name_customer,
)
from kit.masking import mask_personal_data

CONSEQUENCES = {
    "接管": "同事会失去这个会话，客户会看到换成您接待。",
    "放回排队": "您不再接待这位客户，客户会重新排队，由别的同事接待。",
    "转回小禾": "人工服务到此结束，客户接着和小禾说话，并会被请求评价。",
}
Act = Callable[[], Any]
Work = Callable[[], Awaitable[Any]]


class TalkHead:
    """The head; shows only actions that the talk's state and the role allow."""

    def __init__(
        self,
        page: OpenPage,
        names: Mapping[str, str],
        layer: ui.element,
        refresh_talk: Callable[..., Awaitable[None]],
        toggle_side: Callable[[], None],
        go_on: Callable[[], None],
    ) -> None:
        """Dialogs open in `layer`; `refresh_talk(is_told=…)` is called after each action, true if it has failed.

        `go_on` is called once the talk is closed.
        """
        self._shown: tuple[list[str], list[str]] | None = None
        self.is_acting = False
        self._page = page
        self._names = names
        self._layer = layer
        self._refresh_talk = refresh_talk
        self._toggle_side = toggle_side
        self._go_on = go_on
        with ui.element("div").classes("talk-head"):
            ui.link("‹", "/").classes("back").props('aria-label="返回会话列表"')
            with ui.element("div").classes("talk-title"):
                self._name = ui.label().classes("name")
                self._facts = ui.label().classes("soft")
                self._viewers = ui.label().classes("viewers").props('role="status"')
            self._buttons = ui.element("div").classes("talk-buttons")
            self._note = ui.label().classes("handed-note")

    def refresh(self, handoff: HandoffView, events: Sequence[HandoffEventView]) -> None:
        """Updates it."""
        self._handoff = handoff
        self._name.set_text(name_customer(handoff.customer_id, handoff.name))
        facts = [
            STATE_NAMES[handoff.state],
            CHANNELS.get(handoff.channel, handoff.channel),
            describe_reason(handoff.reason, handoff.topic),
            describe_source(handoff.source) if handoff.source else "",
            self._names.get(handoff.agent_id or "", ""),
            describe_window(handoff.window, self._page.desk.clock()) if handoff.window else "",
            describe_call(handoff, self._page.desk.clock()) if handoff.state == "callback" else "",
            f"{format_time(handoff.snoozed_until, self._page.desk.clock())}再看" if handoff.snoozed_until else "",
        ]
        self._facts.set_text(" · ".join(filter(None, facts)))
        is_mine = handoff.agent_id == self._page.staff.id
        self._note.set_text(describe_note(events, self._names) if is_mine else "")
        self._note.set_visibility(bool(self._note.text))
        self._show_buttons(is_mine=is_mine)

    def show_viewers(self, label: str) -> None:
        """Shows who else has the talk open."""
        self._viewers.set_text(label)

    def _show_buttons(self, *, is_mine: bool) -> None:
        handoff = self._handoff
        desk, oversees = self._page.desk, self._page.may("oversee")
        talks = desk.talks
        first: list[tuple[str, Act]] = []
        more: list[tuple[str, Act]] = []
        if handoff.state in ("requested", "queued"):
            first.append(("接待", self._doing(talks.take)))
        if handoff.state == "assigned" and is_mine:
            first.append(("接待", self._doing(talks.accept)))
            more.append(("不接", self._doing(talks.decline)))
        if handoff.state in ("assigned", "active") and oversees and not is_mine:
            first.append(("接管", self._asking("接管", talks.take_over)))
        if handoff.state in ("queued", "assigned") and oversees:
            more.append(("分派", lambda: self._ask_colleague("分派给", talks.assign)))
        if handoff.state == "active" and (is_mine or oversees):
            first.append(("结束", self._ask_disposition))
            more += [
                ("快捷处理", self._ask_macro),
                ("转给同事", lambda: self._ask_colleague("转给同事", talks.transfer)),
                ("预约回电", self._ask_call),
                ("放回排队", self._asking("放回排队", talks.requeue)),
                ("转回小禾", self._asking("转回小禾", talks.return_to_bot)),
            ]
        if handoff.state in ("active", "callback") and is_mine:
            more.append(
                ("现在就看", self._doing(desk.snoozing.wake)) if handoff.snoozed_until else ("稍后再看", self._snooze)
            )
        if handoff.state == "callback" and is_mine:
            first.append(("拨打", self._call))
            first.append(("没打通", self._ask_next_try))
            first.append(("发消息", self._reopen))
            more.append(("已回电，结束", self._ask_disposition))
        elif handoff.state == "callback":
            first.append(("我来回电", self._doing(desk.callbacks.claim)))
        if handoff.state in OVER and (is_mine or oversees):
            first.append(("再接待", self._reopen))
        if self._page.may("entries"):
            more.append(("为什么这么答", lambda: open_explanations(self._page, handoff.conversation_id)))
        titles = [title for title, _ in first], [title for title, _ in more]
        if titles == self._shown:
            return  # a click on a button that is being replaced would be lost
        self._shown = titles
        self._buttons.clear()
        with self._buttons:
            for title, act in first:
                ui.button(title, on_click=act).props("unelevated no-caps")
            if more:
                with ui.button("更多", color=None).props("unelevated no-caps").classes("secondary"), ui.menu():
                    for title, act in more:
                        ui.menu_item(title, act)
            ui.button("资料", on_click=self._toggle_side, color=None).props("unelevated no-caps").classes(
                "secondary only-narrow"
            )

    async def _do(self, work: Work) -> bool:
        with self._layer:  # the button may be gone by then
            self.is_acting = True
            try:
                is_done = await self._page.attempt(work)
                await self._refresh_talk(is_told=not is_done)
            finally:
                self.is_acting = False
        return is_done

    def _doing(self, act: Callable[..., Awaitable[Any]]) -> Act:
        return lambda: self._do(lambda: act(self._page.staff, self._handoff.id))

    def _asking(self, action: str, act: Callable[..., Awaitable[Any]]) -> Act:
        """As `_doing`, but asks first: the customer and a colleague notice it, and it cannot be undone."""

        async def ask() -> None:
            name = name_customer(self._handoff.customer_id, self._handoff.name)
            if await confirm(f"{action}：{name}？", CONSEQUENCES[action], action):
                await self._doing(act)()

        return ask

    async def _reopen(self) -> None:
        reopened: list[str] = []

        async def reopen() -> None:
            reopened.append((await self._page.desk.talks.reopen(self._page.staff, self._handoff.id)).id)

        if await self._do(reopen):
            told = json.dumps([self._page.staff.id, self._handoff.id, reopened[0]])
            ui.run_javascript(f"window.workplace?.goOnWith(...{told})")

    async def _ask_disposition(self) -> None:
        desk, handoff_id = self._page.desk, self._handoff.id
        close, draft = desk.talks.close, await desk.talk_drafts.draft_summary(self._handoff)

        async def finish(*answers: str) -> bool:
            is_closed = await self._do(lambda: close(self._page.staff, handoff_id, *answers))
            if is_closed:
                self._go_on()
            return is_closed

        talk_dialogs.ask_disposition(self._layer, draft, finish)

    def _ask_call(self) -> None:
        book, handoff_id = self._page.desk.callbacks.book, self._handoff.id
        talk_dialogs.ask_call(
            self._layer,
            self._handoff.callback_phone or "",
            lambda *answers: self._do(lambda: book(self._page.staff, handoff_id, *answers)),
        )

    async def _ask_next_try(self) -> None:
        callbacks, handoff_id = self._page.desk.callbacks, self._handoff.id
        now = self._page.desk.clock()
        tries = {minutes: f"{format_time(at, now)}前" for minutes, at in (await callbacks.list_next_tries()).items()}
        talk_dialogs.ask_next_try(
            self._layer, tries, lambda minutes: self._do(lambda: callbacks.miss(self._page.staff, handoff_id, minutes))
        )

    async def _snooze(self) -> None:
        snoozing, handoff_id, now = self._page.desk.snoozing, self._handoff.id, self._page.desk.clock()
        times = {minutes: format_time(until, now) for minutes, until in (await snoozing.list_times()).items()}
        talk_dialogs.ask_time(
            self._layer, times, lambda minutes: self._do(lambda: snoozing.snooze(self._page.staff, handoff_id, minutes))
        )

    async def _ask_macro(self) -> None:
        macros, handoff_id, key = self._page.desk.macros, self._handoff.id, uuid.uuid4().hex
        known = await macros.list_all()

        async def run(macro: MacroView) -> bool:
            is_done = await self._do(lambda: macros.run(self._page.staff, handoff_id, macro.id, key))
            if is_done and macro.disposition:
                self._go_on()
            return is_done

        talk_dialogs.ask_macro(self._layer, known, run)

    async def _ask_colleague(self, title: str, give: Callable[..., Awaitable[Any]]) -> None:
        """Lists available colleagues, the least busy first."""
        staff, handoff = self._page.staff, self._handoff
        colleagues = await talk_dialogs.list_colleagues(self._page, handoff.agent_id, staff.id)
        talk_dialogs.ask_colleague(
            self._layer, title, colleagues, lambda *answers: self._do(lambda: give(staff, handoff.id, *answers))
        )

    async def _call(self) -> None:
        """Dials the number, shown in full and audited."""
        handoff = self._handoff
        if await self._page.attempt(lambda: self._page.desk.talks.record_unmasking(self._page.staff, handoff.id)):
            number = handoff.callback_phone or ""
            verified = await self._page.desk.list_verified_phones(handoff.conversation_id)
            show_toast(f"客户电话 {number}（{describe_verified(number in verified)}）", seconds=60)
            ui.run_javascript(f"window.desk?.call({number!r})")


def describe_note(events: Sequence[HandoffEventView], names: Mapping[str, str]) -> str:
    """The note of the colleague who last passed the handoff on: 赵丽留言：老客户，急用钱.

    Numbers in it are masked; the side panel shows them once that was audited.
    """
    given = next((event for event in reversed(events) if event.event in ("assign", "transfer")), None)
    if given is None or given.staff_id is None or not given.note:  # the dispatcher's notes are codes
        return ""
    return f"{names.get(given.staff_id, '同事')}留言：{mask_personal_data(given.note)}"
