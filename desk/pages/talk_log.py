"""What was said, as bubbles; new ones are added below, and each tells when it has not reached its customer."""

from typing import TYPE_CHECKING

from nicegui import ui

from conversations.handoffs import KEY_PREFIX
from conversations.schemas import MessageView
from desk.pages.fragments import render
from desk.wording import DELIVERY_STATES, SENDERS
from kit.security import mask_personal_data

if TYPE_CHECKING:
    from desk.pages.talk import TalkPage

SHOWN_MAX = 200


class TalkLog:
    """The conversation's last messages; `last_words` is what the customer said last."""

    def __init__(self, page: "TalkPage") -> None:
        self._page = page
        self._bubbles: dict[int, tuple[MessageView, ui.html]] = {}
        self._troubles: dict[int, str] = {}
        self._is_unmasked = False
        self.last_words = ""
        self._area = ui.element("div").classes("talk-log").props('role="log" aria-label="对话记录" tabindex="0"')

    async def refresh(self) -> bool:
        """Adds what is new; whether something was."""
        desk, conversation_id = self._page.desk, self._page.handoff.conversation_id
        last_id = max(self._bubbles, default=0)
        if last_id:
            news = await desk.conversations.list_messages(conversation_id, after_id=last_id)
        else:
            news = await desk.conversations.list_last_messages(conversation_id, SHOWN_MAX)
        for message in news:
            self._add(message)
        if self._page.handoff.channel != "web":
            await self._refresh_troubles()
        return bool(news)

    def is_said(self, key: str) -> bool:
        """Whether an agent's message with this key is among the last ones."""
        return any(message.message_id == KEY_PREFIX + key for message, _ in self._bubbles.values())

    def show_numbers(self, *, is_unmasked: bool) -> None:
        """Whether personal numbers are shown in full."""
        self._is_unmasked = is_unmasked
        for key in self._bubbles:
            self._draw(key)

    def show(self, text: str) -> str:
        """A text as the visitor may see it now."""
        return text if self._is_unmasked else mask_personal_data(text)

    def _add(self, message: MessageView) -> None:
        if message.id in self._bubbles:
            return
        side = "theirs" if message.sender == "customer" else "ours"
        with self._area:
            bubble = ui.html("", sanitize=False).classes(f"bubble {side} {message.sender}")
        self._bubbles[message.id] = (message, bubble)
        self._draw(message.id)
        if message.sender == "customer":
            self.last_words = message.text

    def _draw(self, key: int) -> None:
        message, bubble = self._bubbles[key]
        who = SENDERS[message.sender]
        if message.sender == "agent":
            who = self._page.names.get(message.staff_id or "", who)
        content = render(
            "message.html", message=message, who=who, text=self.show(message.text), trouble=self._troubles.get(key, "")
        )
        bubble.set_content(content)

    async def _refresh_troubles(self) -> None:
        undelivered = await self._page.desk.outbox.list_undelivered(self._page.handoff.conversation_id)
        troubles = {
            key: "：".join(filter(None, (DELIVERY_STATES[state], problem)))
            for key, (state, problem) in undelivered.items()
            if key in self._bubbles
        }
        changed = {
            key for key in troubles.keys() | self._troubles.keys() if troubles.get(key) != self._troubles.get(key)
        }
        self._troubles = troubles
        for key in changed:
            self._draw(key)
