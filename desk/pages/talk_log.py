"""The messages and notes of a talk as bubbles; undelivered ones are marked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from nicegui import ui

from conversations.attachments import FILE, PICTURE, read_caption, read_file_name
from conversations.handoff.schemas import NoteView
from conversations.schemas import STAFF_KEY, MessageView
from desk.pages.templates import render
from desk.services import DeskServices
from desk.wording import AUTHORS, DELIVERY_STATES
from documents.schemas import DocumentView
from kit.clock import CHINA, write_day
from kit.masking import mask_personal_data

SHOWN_MAX = 200
LAST_WORDS_MAX = 3  # messages
BREATH = timedelta(minutes=3)


def _find_day(message: MessageView) -> date:
    return message.at.astimezone(CHINA).date()


def _goes_on(before: MessageView, message: MessageView) -> bool:
    """Whether it is the next thing that the same person says in one breath."""
    is_same = (before.author, before.staff_id) == (message.author, message.staff_id)
    return is_same and message.at - before.at < BREATH and _find_day(before) == _find_day(message)


def _brings_something(message: MessageView) -> bool:
    """A voice message has no words."""
    is_attached = not message.text or message.text.startswith((PICTURE, FILE))
    return is_attached and message.author in ("customer", "agent")


class TalkLog:
    """The conversation's last messages, or those of a `period`.

    `last_words` is what the customer said since anybody else did.
    """

    def __init__(
        self,
        desk: DeskServices,
        conversation_id: str,
        names: Mapping[str, str],
        period: tuple[datetime, datetime] | None = None,
    ) -> None:
        """`names` of staff by id."""
        self.period = period
        self._conversations = desk.conversations
        self._handoffs = desk.handoffs
        self._record = desk.undelivered
        self._documents = desk.documents
        self._answer_sources = desk.answer_sources
        self._conversation_id = conversation_id
        self._names = names
        self._bubbles: dict[int, tuple[MessageView, ui.html]] = {}
        self._notes: dict[int, tuple[NoteView, ui.html]] = {}
        self._undelivered: dict[int, str] = {}  # problem by message id
        self._brought: dict[str, DocumentView] = {}  # by the platform's message id
        self._sources: dict[str, str] = {}  # what an answer says, by its name
        self._is_unmasked = False
        self._ends_in_note = False
        self._is_unanswered = False
        self._last_words: list[str] = []
        self._area = ui.element("div").classes("talk-log").props('role="log" aria-label="对话记录" tabindex="0"')

    @property
    def last_words(self) -> str:
        """One question is often sent in several messages."""
        return "，".join(self._last_words)

    @property
    def notes(self) -> list[NoteView]:
        """Staff's notes, the oldest first."""
        return [note for note, _ in self._notes.values()]

    async def refresh(self) -> bool:
        """Adds new messages; returns whether there were any."""
        last_id = max(self._bubbles, default=0)
        if self.period:
            added = await self._conversations.list_between(self._conversation_id, *self.period)
        elif last_id:
            added = await self._conversations.list_messages(self._conversation_id, after_id=last_id)
        else:
            added = await self._conversations.list_last_messages(self._conversation_id, SHOWN_MAX)
        start, end = self.period or (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        written = await self._handoffs.list_notes(self._conversation_id)
        notes = [note for note in written if note.id not in self._notes and start <= note.at <= end]
        self._sources |= await self._answer_sources.describe(message.entry for message in added if message.entry)
        news: list[MessageView | NoteView] = [*added, *notes]
        for each in sorted(news, key=lambda each: each.at):
            if isinstance(each, NoteView):
                self._add_note(each)
            else:
                self._add(each)
        await self._refresh_brought()
        await self._refresh_undelivered()
        return bool(added)

    def is_said(self, key: str) -> bool:
        """Whether an agent's message with this key is in the log."""
        return any(message.message_id == STAFF_KEY + key for message, _ in self._bubbles.values())

    def show_numbers(self, *, is_unmasked: bool) -> None:
        """Sets whether personal numbers are shown in full."""
        self._is_unmasked = is_unmasked
        for key in self._bubbles:
            self._draw(key)
        for note, bubble in self._notes.values():
            self._draw_note(note, bubble)

    def show(self, text: str) -> str:
        """A text, masked unless numbers are shown."""
        return text if self._is_unmasked else mask_personal_data(text)

    def _add(self, message: MessageView) -> None:
        if message.id in self._bubbles:
            return
        side = "theirs" if message.author == "customer" else "ours"
        before = next(reversed(self._bubbles.values()))[0] if self._bubbles else None
        with self._area:
            if before is None or _find_day(before) != _find_day(message):
                ui.label(write_day(_find_day(message))).classes("day-line")
            bubble = ui.html("", sanitize=False).classes(f"bubble {side} {message.author}")
        if before and not self._ends_in_note and _goes_on(before, message):
            bubble.classes("goes-on")  # who said it, and when, stands above the first
        self._ends_in_note = False
        self._bubbles[message.id] = (message, bubble)
        self._draw(message.id)
        if message.author == "customer":
            goes_on = self._last_words if self._is_unanswered else []
            self._last_words = [*goes_on, message.text][-LAST_WORDS_MAX:]
        self._is_unanswered = message.author == "customer"

    def _add_note(self, note: NoteView) -> None:
        if note.id in self._notes:
            return
        with self._area:
            bubble = ui.html("", sanitize=False).classes("bubble ours private")
        self._ends_in_note = True
        self._notes[note.id] = note, bubble
        self._draw_note(note, bubble)

    def _draw_note(self, note: NoteView, bubble: ui.html) -> None:
        who = f"{self._names.get(note.staff_id, '同事')}的备注（客户看不到）"
        bubble.set_content(render("message.html", message=note, who=who, text=self.show(note.text)))

    def _draw(self, key: int) -> None:
        message, bubble = self._bubbles[key]
        who = AUTHORS[message.author]
        if message.author == "agent":
            who = self._names.get(message.staff_id or "", who)
        problem = self._undelivered.get(key, "")
        document = self._brought.get(message.message_id or "")
        text = self.show(read_caption(message.text) if document else message.text)
        source = self._sources.get(message.entry or "", "")
        shown = {"message": message, "who": who, "text": text, "problem": problem}
        file_name = self.show(read_file_name(message.text))
        bubble.set_content(render("message.html", **shown, document=document, file_name=file_name, source=source))

    async def _refresh_brought(self) -> None:
        """Links what messages brought once it is stored, which may be later than its message."""
        shown = {message.message_id: key for key, (message, _) in self._bubbles.items() if _brings_something(message)}
        if shown.keys() <= self._brought.keys():
            return
        before = self._brought.keys()
        self._brought = await self._documents.list_of_talk(self._conversation_id)
        for message_id in self._brought.keys() - before:
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
