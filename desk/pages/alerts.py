"""Tells whoever has a page open of what is new for them: on the page, in its title, and by the browser when hidden."""

import json

from nicegui import ui

from conversations.schemas import HandoffView
from desk.pages.visit import Visit
from desk.wording import describe_reason, name_customer
from kit.news import Signal

LOOK_SECONDS = 3.0


class Alerts:
    """Every page of somebody who talks to customers has one; `here` is the page's own path."""

    def __init__(self, visit: Visit, here: str) -> None:
        self._visit = visit
        self._here = here
        self._known: dict[str, int] = {}  # what was told: an offer, or a talk's last message of its customer
        self._last_notice: int | None = None
        visit.follow(["desk"], self.hear, LOOK_SECONDS)

    async def hear(self, signals: list[Signal]) -> None:
        """Looks for offers, words and notices that were not there before."""
        desk, staff = self._visit.desk, self._visit.staff
        waiting: dict[str, int] = {}
        for handoff in await desk.handoffs.list_of_agent(staff.id):
            mark = 0 if handoff.state == "assigned" else await self._find_unanswered(handoff)
            if mark is None:
                continue
            waiting[handoff.id] = mark
            if self._known.get(handoff.id) != mark:
                who = name_customer(handoff.conversation_id, handoff.name or "")
                reason = describe_reason(handoff.reason, handoff.topic)
                words = f"{who}发来新消息" if mark else f"{who}等您接入：{reason}"
                self._tell(words, f"/talks/{handoff.id}")
        if waiting.keys() != self._known.keys():
            ui.run_javascript(f"window.desk?.badge({len(waiting)})")
        self._known = waiting
        for notice in await desk.notifier.list_notices(staff.id, self._last_notice):
            if self._last_notice is not None:
                self._tell(notice.text, notice.path)
            self._last_notice = notice.id
        self._last_notice = self._last_notice or 0

    async def _find_unanswered(self, handoff: HandoffView) -> int | None:
        last = await self._visit.desk.conversations.list_last_messages(handoff.conversation_id, 1)
        return last[0].id if last and last[0].sender == "customer" else None

    def _tell(self, text: str, path: str) -> None:
        ui.run_javascript(f"window.desk?.notify({json.dumps(text)}, {json.dumps(path)})")
        if path != self._here:  # one sees it there anyway
            ui.notify(text, type="info", position="top", multi_line=True, timeout=8000, close_button="知道了")
