"""The messages of a talk as bubbles; undelivered ones are marked."""

from collections.abc import Mapping

from nicegui import ui

from conversations.handoff.service import KEY_PREFIX
from conversations.schemas import MessageView
from desk.pages.templates import render
from desk.services import DeskServices
from desk.wording import AUTHORS, DELIVERY_STATES
from kit.masking import mask_personal_data

SHOWN_MAX = 200
PICTURE = "[图片]"  # how channels show one (connectors/picture_message.py)


class TalkLog:
    """The conversation's last messages; `last_words` is the customer's last one."""

    def __init__(self, desk: DeskServices, conversation_id: str, names: Mapping[str, str]) -> None:
        """`names` of staff by id."""
        self._conversations = desk.conversations
        self._record = desk.undelivered
        self._documents = desk.documents
        self._answer_sources = desk.answer_sources
        self._conversation_id = conversation_id
        self._names = names
        self._bubbles: dict[int, tuple[MessageView, ui.html]] = {}
        self._undelivered: dict[int, str] = {}  # problem by message id
        self._pictures: dict[str, str] = {}  # document by the platform's message id
        self._sources: dict[str, str] = {}  # what an answer says, by its name
        self._is_unmasked = False
        self.last_words = ""
        self._area = ui.element("div").classes("talk-log").props('role="log" aria-label="对话记录" tabindex="0"')

    async def refresh(self) -> bool:
        """Adds new messages; returns whether there were any."""
        last_id = max(self._bubbles, default=0)
        if last_id:
            added = await self._conversations.list_messages(self._conversation_id, after_id=last_id)
        else:
            added = await self._conversations.list_last_messages(self._conversation_id, SHOWN_MAX)
        self._sources |= await self._answer_sources.describe(message.entry for message in added if message.entry)
        for message in added:
            self._add(message)
        await self._refresh_pictures()
        await self._refresh_undelivered()
        return bool(added)

    def is_said(self, key: str) -> bool:
        """Whether an agent's message with this key is in the log."""
        return any(message.message_id == KEY_PREFIX + key for message, _ in self._bubbles.values())

    def show_numbers(self, *, is_unmasked: bool) -> None:
        """Sets whether personal numbers are shown in full."""
        self._is_unmasked = is_unmasked
        for key in self._bubbles:
            self._draw(key)

    def show(self, text: str) -> str:
        """A text, masked unless numbers are shown."""
        return text if self._is_unmasked else mask_personal_data(text)

    def _add(self, message: MessageView) -> None:
        if message.id in self._bubbles:
            return
        side = "theirs" if message.author == "customer" else "ours"
        with self._area:
            bubble = ui.html("", sanitize=False).classes(f"bubble {side} {message.author}")
        self._bubbles[message.id] = (message, bubble)
        self._draw(message.id)
        if message.author == "customer":
            self.last_words = message.text

    def _draw(self, key: int) -> None:
        message, bubble = self._bubbles[key]
        who = AUTHORS[message.author]
        if message.author == "agent":
            who = self._names.get(message.staff_id or "", who)
        problem = self._undelivered.get(key, "")
        document = self._pictures.get(message.message_id or "") if message.author == "customer" else None
        text = self.show(message.text)
        source = self._sources.get(message.entry or "", "")
        shown = {"message": message, "who": who, "text": text, "problem": problem}
        bubble.set_content(render("message.html", **shown, document=document, source=source))

    async def _refresh_pictures(self) -> None:
        """Links pictures once they are stored, which may be later than their message."""
        shown = {
            message.message_id: key
            for key, (message, _) in self._bubbles.items()
            if message.author == "customer" and message.text.startswith(PICTURE)
        }
        if shown.keys() <= self._pictures.keys():
            return
        before = self._pictures.keys()
        self._pictures = await self._documents.list_of_talk(self._conversation_id)
        for message_id in self._pictures.keys() - before:
            if message_id in shown:
                self._draw(shown[message_id])

    async def _refresh_undelivered(self) -> None:
        before = self._undelivered
        self._undelivered = {
            key: "：".join(filter(None, (DELIVERY_STATES[state], problem)))
            for key, (state, problem) in (await self._record.list_of_conversation(self._conversation_id)).items()
            if key in self._bubbles
        }
        for key in before.keys() | self._undelivered.keys():
            if before.get(key) != self._undelivered.get(key):
                self._draw(key)
