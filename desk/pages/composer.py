"""The reply box of a talk, with suggested answers and the platform's limits."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from nicegui import events, ui
from nicegui.element import Element

from conversations.channels import describe_limit
from conversations.handoff.schemas import HandoffView
from desk.pages.open_page import OpenPage
from desk.pages.suggestions import Suggestions, choose_answer
from desk.talks import WORDS_MAX
from kit.errors import RequestError

_KEY = re.compile(r"[0-9a-f]{32}")


class ReplyBox(Element, component="../static/composer.js"):
    """The text box. Its text belongs to the browser: the server never holds it and never writes it back."""

    def __init__(self, staff_id: str, handoff_id: str) -> None:
        super().__init__()
        self._props |= {
            "staff": staff_id,
            "talk": handoff_id,
            "length-max": WORDS_MAX,
            "label": "回复客户",
            "placeholder": "回复客户，回车发送，Shift+回车换行",
        }

    def insert(self, text: str) -> None:
        """Inserts text at the cursor."""
        self.run_method("insert", text)

    def settle(self, key: str, *, is_sent: bool) -> None:
        """Tells the browser whether a message was sent."""
        self.run_method("settle", key, is_sent)


class Composer:
    """The reply box with the hint and the suggestions above it."""

    def __init__(
        self,
        page: OpenPage,
        handoff: HandoffView,
        names: Mapping[str, str],
        layer: ui.element,
        is_said: Callable[[str], bool],
        show_said: Callable[[], Awaitable[object]],
    ) -> None:
        """`is_said` says whether a message with this key is in the log, `show_said` refreshes the log."""
        self._page = page
        self._handoff = handoff
        self._names = names
        self._is_said = is_said
        self._show_said = show_said
        self._sending = asyncio.Lock()  # keeps the order in which they were written
        desk = page.desk
        with ui.element("div").classes("talk-foot") as self._foot:
            self._hint = ui.label().classes("hint").props('role="status"')
            self._suggestions = Suggestions(desk.knowledge, handoff.channel, lambda text: self._box.insert(text))
            with ReplyBox(page.staff.id, handoff.id) as self._box:
                ui.button(
                    icon="quickreply",
                    on_click=lambda: choose_answer(
                        desk.canned, desk.knowledge, handoff.channel, layer, self._box.insert
                    ),
                    color=None,
                ).props('flat round aria-label="常用语和知识库"').classes("quiet")
        self._box.on("send", self._send).on("check", self._check).on("typing", self.tell_typing, args=[])

    def refresh(self, handoff: HandoffView, last_words: str) -> None:
        """Updates who may write, the platform's limits, and suggestions for the customer's last message."""
        self._handoff = handoff
        staff = self._page.staff
        may_write = handoff.state == "active" and (handoff.agent_id == staff.id or self._page.may("oversee"))
        self._foot.set_visibility(may_write)
        hint = describe_limit(handoff.channel, handoff.window, self._page.desk.clock())
        if not hint and handoff.agent_id != staff.id:
            hint = f"您正在加入{self._names.get(handoff.agent_id or '', '同事')}的会话。"
        self._hint.set_text(hint)
        if may_write:
            self._suggestions.suggest(last_words)

    async def tell_typing(self) -> None:
        """Tells the customer that the agent is typing."""
        if await self._page.check():
            with suppress(RequestError):  # a colleague has the talk now, as the page will show
                await self._page.desk.talks.tell_typing(self._page.staff, self._handoff.id)

    async def _send(self, event: events.GenericEventArguments) -> None:
        text, key = str(event.args.get("text", "")), str(event.args.get("key", ""))
        if not _KEY.fullmatch(key):
            return
        async with self._sending:
            talks, staff = self._page.desk.talks, self._page.staff
            is_sent = await self._page.attempt(lambda: talks.say(staff, self._handoff.id, text, key))
        if is_sent:
            await self._show_said()
        self._box.settle(key, is_sent=is_sent)

    def _check(self, event: events.GenericEventArguments) -> None:
        """Handles the question of a reloaded page whether a message was sent."""
        for key in map(str, event.args):
            self._box.settle(key, is_sent=self._is_said(key))
