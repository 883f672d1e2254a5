"""The head of a talk's page: the customer, how the talk stands, and a place for what may be done with it."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from conversations.handoff.schemas import HandoffEventView, HandoffView
from conversations.handoff.states import STATE_NAMES
from desk.pages.open_page import OpenPage
from desk.wording import (
    CHANNELS,
    describe_call,
    describe_note,
    describe_reason,
    describe_source,
    describe_window,
    format_time,
    name_customer,
)


class TalkHead:
    """The head."""

    def __init__(self, page: OpenPage, names: Mapping[str, str]) -> None:
        """`names` of staff by id."""
        self._page = page
        self._names = names
        with ui.element("div").classes("talk-head"):
            ui.link("‹", "/").classes("back").props('aria-label="返回会话列表"')
            with ui.element("div").classes("talk-title"):
                self._name = ui.label().classes("name")
                self._facts = ui.label().classes("soft")
                self._viewers = ui.label().classes("viewers").props('role="status"')
            self.acts = ui.element("div")
            self._note = ui.label().classes("handed-note")

    def refresh(self, handoff: HandoffView, events: Sequence[HandoffEventView]) -> None:
        """Updates it."""
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
        may_read = is_mine or handoff.state in ("requested", "queued")
        self._note.set_text(describe_note(events, self._names) if may_read else "")
        self._note.set_visibility(bool(self._note.text))

    def show_viewers(self, label: str) -> None:
        """Shows who else has the talk open."""
        self._viewers.set_text(label)
