"""Who else has a conversation open. Pages signal this to each other; nothing is stored."""

import time
from collections.abc import Mapping

from nicegui import ui

from desk.pages.open_page import OpenPage
from kit.pubsub import Signal


class Viewers:
    """Signals that this page is open, and remembers who else did so recently."""

    def __init__(
        self, page: OpenPage, conversation_id: str, names: Mapping[str, str], *, tell_seconds: float = 10.0
    ) -> None:
        """`names` of staff by id. A page without a signal for 2.5 times `tell_seconds` counts as closed."""
        self._tell_seconds = tell_seconds
        self._page = page
        self._names = names
        self._conversation_id = conversation_id
        self._seen: dict[str, float] = {}
        self._told_at = 0.0
        self.label = ""
        ui.context.client.on_delete(self._leave)

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
        self._seen = {key: at for key, at in self._seen.items() if now - at < 2.5 * self._tell_seconds}
        names = sorted(self._names.get(key, "同事") for key in self._seen)
        self.label = f"{'、'.join(names)}也在看" if names else ""
        if has_newcomer or now - self._told_at > self._tell_seconds:
            self._told_at = now
            await self._tell("looking")

    async def _leave(self) -> None:
        await self._tell("left")

    async def _tell(self, kind: str) -> None:
        await self._page.desk.pubsub.publish(Signal(self._conversation_id, kind, self._page.staff.id))
