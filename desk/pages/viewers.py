"""Who else has a conversation or an entry open. Pages signal this to each other; nothing is stored."""

import time
from collections.abc import Mapping

from nicegui import ui

from desk.pages.open_page import OpenPage
from kit.pubsub import Signal

TELL_SECONDS = 10.0
GONE_SECONDS = 25.0  # without a signal a page counts as closed


class Viewers:
    """Signals that this page is open, and remembers who else did so recently."""

    def __init__(self, page: OpenPage, subject: str, names: Mapping[str, str], doing: str = "也在看") -> None:
        """`subject` of the signals: the conversation's id. `names` of staff by id."""
        self._page = page
        self._names = names
        self._doing = doing
        self.subject = subject
        self._seen: dict[str, float] = {}
        self._told_at = 0.0
        self.label = ""
        ui.context.client.on_delete(self.leave)

    async def handle(self, signals: list[Signal]) -> None:
        """Records other viewers; signals at once to a new one."""
        now = time.monotonic()
        me = self._page.staff.id
        has_newcomer = False
        for signal in signals:
            if signal.kind == "looking" and signal.by != me:
                has_newcomer |= signal.by not in self._seen
                self._seen[signal.by] = now
            elif signal.kind == "left":
                self._seen.pop(signal.by, None)
        self._seen = {key: at for key, at in self._seen.items() if now - at < GONE_SECONDS}
        names = sorted(self._names.get(key, "同事") for key in self._seen)
        self.label = f"{'、'.join(names)}{self._doing}" if names else ""
        if has_newcomer or now - self._told_at > TELL_SECONDS:
            self._told_at = now
            await self._tell("looking")

    async def leave(self) -> None:
        """Signals that it is open no more."""
        await self._tell("left")

    async def _tell(self, kind: str) -> None:
        await self._page.desk.pubsub.publish(Signal(self.subject, kind, self._page.staff.id))
