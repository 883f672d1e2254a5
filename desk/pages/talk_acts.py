"""What this staff member may do with a talk: buttons, a menu and keys, and the dialogs behind them."""

import inspect
import json
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import OVER
from desk.macros import MacroView, write_reply
from desk.pages import talk_dialogs
from desk.pages.explanation import open_explanations
from desk.pages.open_page import OpenPage
from desk.pages.toasts import show_toast
from desk.pages.widgets import confirm
from desk.wording import describe_call, describe_verified, format_time, name_customer
from kit.masking import mask_personal_data

CONSEQUENCES = {
    "接管": "同事会失去这个会话，客户会看到换成您接待。",
    "转回小禾": "人工服务到此结束，客户接着和小禾说话，并会被请求评价。",
}
KEYS = {  # with Alt; the letters that agents know from other desks
    "接待": "A",
    "我来回电": "A",
    "结束": "E",
    "已回电，结束": "E",
    "转接": "T",
    "快捷处理": "K",
    "稍后再看": "M",
    "现在就看": "M",
}
Act = Callable[[], Any]
Work = Callable[[], Awaitable[Any]]


class TalkActs:
    """The acts; only those that the talk's state and the role allow."""

    def __init__(
        self,
        page: OpenPage,
        layer: ui.element,
        refresh_talk: Callable[..., Awaitable[None]],
        toggle_side: Callable[[], None],
        go_on: Callable[[], None],
    ) -> None:
        """Dialogs open in `layer`; `refresh_talk(is_told=…)` is called after each act, true if it has failed.

        `go_on` is called once the talk is closed.
        """
        self._shown: tuple[list[str], list[str]] | None = None
        self._acts: dict[str, Act] = {}  # by title
        self._is_pressed = False
        self._dialog: ui.dialog | None = None  # that one of them opened
        self.is_acting = False
        self._page = page
        self._layer = layer
        self._refresh_talk = refresh_talk
        self._toggle_side = toggle_side
        self._go_on = go_on
        self._buttons = ui.element("div").classes("talk-buttons")

    def refresh(self, handoff: HandoffView) -> None:
        """Updates them."""
        self._handoff, is_mine = handoff, handoff.agent_id == self._page.staff.id
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
            more.append(("分派", self._ask_colleague))
        if handoff.state == "active" and (is_mine or oversees):
            first.append(("结束", self._ask_disposition))
            more += [
                ("快捷处理", self._ask_macro),
                ("转接", self._ask_receiver),
                ("预约回电", self._ask_call),
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
            more += [("改时间", self._ask_other_time), ("已回电，结束", self._ask_disposition)]
        elif handoff.state == "callback":
            first.append(("我来回电", self._doing(desk.callbacks.claim)))
        if handoff.state in OVER and (is_mine or oversees):
            first.append(("再接待", self._reopen))
        if self._page.may("entries"):
            more.append(("为什么这么答", lambda: open_explanations(self._page, handoff.conversation_id)))
        self._acts = dict(first + more)
        titles = [title for title, _ in first], [title for title, _ in more]
        if titles == self._shown:
            return  # a click on a button that is being replaced would be lost
        self._shown = titles
        self._buttons.clear()
        with self._buttons:
            for title, _ in first:
                button = ui.button(title, on_click=partial(self._press, title)).props("unelevated no-caps")
                if key := KEYS.get(title):
                    button.props(f"aria-keyshortcuts=Alt+{key}").tooltip(f"Alt+{key}")
            if more:
                with ui.button("更多", color=None).props("unelevated no-caps").classes("secondary"), ui.menu():
                    for title, _ in more:
                        with ui.menu_item(title, partial(self._press, title)) as item:
                            if key := KEYS.get(title):
                                item.props(f"aria-keyshortcuts=Alt+{key}")
                                ui.label(f"Alt+{key}").classes("key").props("aria-hidden=true")
            ui.button("资料", on_click=self._toggle_side, color=None).props("unelevated no-caps").classes(
                "secondary only-narrow"
            )

    async def press_key(self, key: str) -> None:
        """Does what Alt and a letter stand for, if the talk's state and the role allow it."""
        title = next((title for title in self._acts if KEYS.get(title) == key), None)
        if title:
            await self._press(title)

    async def _press(self, title: str) -> None:
        """Does something, unless another act is under way or its dialog is open: of two clicks one counts."""
        act = self._acts.get(title)
        if act is None or self._is_pressed or (self._dialog and self._dialog.value):
            return
        self._is_pressed = True
        try:
            done = act()
            if inspect.isawaitable(done):
                done = await done
            self._dialog = done if isinstance(done, ui.dialog) else None
        finally:
            self._is_pressed = False

    async def _do(self, work: Work) -> bool:
        with self._layer:  # the button may be gone by then
            self.is_acting = True
            try:
                is_done = await self._page.attempt(work)
                self._is_pressed = False
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

    async def _ask_disposition(self) -> ui.dialog:
        desk, handoff_id = self._page.desk, self._handoff.id
        close, draft = desk.talks.close, await desk.talk_drafts.draft_summary(self._handoff)

        async def finish(*answers: str) -> bool:
            is_closed = await self._do(lambda: close(self._page.staff, handoff_id, *answers))
            if is_closed:
                self._go_on()
            return is_closed

        return talk_dialogs.ask_disposition(self._layer, draft, finish)

    async def _ask_call(self) -> ui.dialog:
        desk, handoff_id = self._page.desk, self._handoff.id
        book, booked = desk.callbacks.book, await desk.handoffs.find_callback(self._handoff.conversation_id)
        known = await desk.callbacks.find_number(self._handoff)
        return talk_dialogs.ask_call(
            self._layer,
            mask_personal_data(known or ""),
            describe_call(booked, desk.clock()) if booked else "",
            lambda *answers: self._do(lambda: book(self._page.staff, handoff_id, *answers)),
        )

    def _ask_other_time(self) -> ui.dialog:
        move, handoff_id = self._page.desk.callbacks.move, self._handoff.id
        return talk_dialogs.ask_other_time(
            self._layer, lambda wished: self._do(lambda: move(self._page.staff, handoff_id, wished))
        )

    async def _ask_next_try(self) -> ui.dialog:
        callbacks, handoff_id = self._page.desk.callbacks, self._handoff.id
        now = self._page.desk.clock()
        tries = {minutes: f"{format_time(at, now)}前" for minutes, at in (await callbacks.list_next_tries()).items()}
        return talk_dialogs.ask_next_try(
            self._layer, tries, lambda minutes: self._do(lambda: callbacks.miss(self._page.staff, handoff_id, minutes))
        )

    async def _snooze(self) -> ui.dialog:
        snoozing, handoff_id, now = self._page.desk.snoozing, self._handoff.id, self._page.desk.clock()
        times = {minutes: format_time(until, now) for minutes, until in (await snoozing.list_times()).items()}
        return talk_dialogs.ask_time(
            self._layer, times, lambda minutes: self._do(lambda: snoozing.snooze(self._page.staff, handoff_id, minutes))
        )

    async def _ask_macro(self) -> ui.dialog:
        macros, handoff_id, key = self._page.desk.macros, self._handoff.id, uuid.uuid4().hex
        known = await macros.list_all()

        async def run(macro: MacroView) -> bool:
            is_done = await self._do(lambda: macros.run(self._page.staff, handoff_id, macro.id, key))
            if is_done and macro.disposition:
                self._go_on()
            return is_done

        name = self._handoff.name
        return talk_dialogs.ask_macro(self._layer, known, lambda macro: write_reply(macro, name), run)

    async def _ask_colleague(self) -> ui.dialog:
        staff, handoff, assign = self._page.staff, self._handoff, self._page.desk.talks.assign
        colleagues = await talk_dialogs.list_colleagues(self._page, handoff.agent_id, staff.id)
        return talk_dialogs.ask_colleague(
            self._layer, "分派给", colleagues, lambda *answers: self._do(lambda: assign(staff, handoff.id, *answers))
        )

    async def _ask_receiver(self) -> ui.dialog:
        staff, handoff, talks = self._page.staff, self._handoff, self._page.desk.talks
        return talk_dialogs.ask_receiver(
            self._layer,
            await talk_dialogs.list_colleagues(self._page, handoff.agent_id, staff.id),
            await talk_dialogs.list_skills(self._page, handoff.agent_id),
            lambda *answers: self._do(lambda: talks.transfer(staff, handoff.id, *answers)),
            lambda *answers: self._do(lambda: talks.requeue(staff, handoff.id, *answers)),
        )

    async def _call(self) -> None:
        """Dials the number, shown in full and audited."""
        handoff = self._handoff
        if await self._page.attempt(lambda: self._page.desk.talks.record_unmasking(self._page.staff, handoff.id)):
            number = handoff.callback_phone or ""
            verified = await self._page.desk.list_verified_phones(handoff.conversation_id)
            show_toast(f"客户电话 {number}（{describe_verified(number in verified)}）", seconds=60)
            ui.run_javascript(f"window.desk?.call({number!r})")
