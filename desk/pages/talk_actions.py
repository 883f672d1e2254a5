"""What can be done with a talk, above it: only what its state and the visitor's role allow is shown."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from conversations.handoff import STATE_NAMES
from desk.pages import talk_dialogs
from desk.wording import CHANNELS, describe_reason, describe_source, describe_window, name_customer

if TYPE_CHECKING:
    from desk.pages.talk import TalkPage


Action = tuple[str, Callable[[], Any]]


class Actions:
    """The head of the page."""

    def __init__(self, page: "TalkPage") -> None:
        self._page = page
        with ui.element("div").classes("talk-head"):
            ui.link("‹", "/").classes("back").props('aria-label="返回会话列表"')
            with ui.element("div").classes("talk-title"):
                self._name = ui.label().classes("name")
                self._facts = ui.label().classes("soft")
                self._viewers = ui.label().classes("viewers").props('role="status"')
            self._buttons = ui.element("div").classes("talk-buttons")

    def refresh(self) -> None:
        """Draws it anew."""
        page, handoff = self._page, self._page.handoff
        self._name.set_text(name_customer(handoff.customer_id, handoff.name))
        facts = [
            STATE_NAMES[handoff.state],
            CHANNELS.get(handoff.channel, handoff.channel),
            describe_reason(handoff.reason, handoff.topic),
            describe_source(handoff.source) if handoff.source else "",
            page.names.get(handoff.agent_id or "", ""),
            describe_window(handoff.window, page.desk.clock()) if handoff.window else "",
        ]
        self._facts.set_text(" · ".join(filter(None, facts)))
        self.show_viewers()
        self._buttons.clear()
        with self._buttons:
            self._show_buttons()

    def show_viewers(self) -> None:
        """Who else is looking."""
        self._viewers.set_text(self._page.viewers.label)

    def _show_buttons(self) -> None:
        page, handoff, visit = self._page, self._page.handoff, self._page.visit
        talks = page.desk.talks
        is_mine, oversees = handoff.agent_id == visit.staff.id, visit.may("oversee")
        first: list[Action] = []
        more: list[Action] = []
        if handoff.state in ("requested", "queued"):
            first.append(("接待", self._doing(lambda: talks.take(visit.staff, handoff.id))))
        if handoff.state == "assigned" and is_mine:
            first.append(("接入", self._doing(lambda: talks.accept(visit.staff, handoff.id))))
            more.append(("不接", self._doing(lambda: talks.decline(visit.staff, handoff.id))))
        if handoff.state in ("assigned", "active") and oversees and not is_mine:
            first.append(("接管", self._doing(lambda: talks.take_over(visit.staff, handoff.id))))
        if handoff.state in ("queued", "assigned") and oversees:
            more.append(("分派", lambda: talk_dialogs.ask_colleague(page, "分派给", talks.assign)))
        if handoff.state == "active" and (is_mine or oversees):
            first.append(("结束", lambda: talk_dialogs.ask_disposition(page)))
            more += [
                ("转给同事", lambda: talk_dialogs.ask_colleague(page, "转给同事", talks.transfer)),
                ("预约回电", lambda: talk_dialogs.ask_phone(page)),
                ("放回排队", self._doing(lambda: talks.requeue(visit.staff, handoff.id))),
                ("转回小禾", self._doing(lambda: talks.give_to_bot(visit.staff, handoff.id))),
            ]
        if handoff.state == "callback" and is_mine:
            first.append(("拨打", lambda: talk_dialogs.call(page)))
            more.append(("已回电，结束", lambda: talk_dialogs.ask_disposition(page)))
        elif handoff.state == "callback":
            first.append(("我来回电", self._doing(lambda: talks.claim_callback(visit.staff, handoff.id))))
        for title, act in first:
            ui.button(title, on_click=act).props("unelevated no-caps")
        if more:
            with ui.button("更多", color=None).props("unelevated no-caps").classes("secondary"), ui.menu():
                for title, act in more:
                    ui.menu_item(title, act)
        ui.button("资料", on_click=page.side.toggle, color=None).props("unelevated no-caps").classes(
            "secondary only-phone"
        )

    def _doing(self, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            with self._page.layer:  # the button may be gone before this is done
                await self._page.visit.attempt(work)
                await self._page.refresh()

        return act
