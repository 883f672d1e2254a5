"""The side panel of a talk: the handoff summary, earlier handoffs, and notes."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from applications.stages import STAGE_NAMES
from conversations.handoff.schemas import HandoffEventView, HandoffView
from desk.handoff_summary import summarise_handoff
from desk.pages.open_page import OpenPage
from desk.pages.talk_log import TalkLog
from desk.pages.templates import render
from desk.talks import DISPOSITIONS
from desk.wording import EVENTS, WHYS, format_time, get_label

UNMASKED_SECONDS = 60.0


class TalkSide:
    """The side panel; on a phone it covers the chat while open."""

    def __init__(self, page: OpenPage, handoff: HandoffView, names: Mapping[str, str], log: TalkLog) -> None:
        """`log` shows numbers in full while the panel does."""
        self._page = page
        self._handoff = handoff
        self._events: Sequence[HandoffEventView] = ()
        self._names = names
        self._log = log
        with ui.element("aside").classes("talk-side").props('aria-label="客户资料"') as self._area:
            with ui.row().classes("side-head"):
                self._reveal = ui.button("显示完整号码", on_click=self._show_numbers, color=None)
                self._reveal.props("flat dense no-caps").classes("quiet")
                ui.button("关闭", on_click=self.toggle, color=None).props("flat dense no-caps").classes(
                    "quiet only-phone"
                )
            self._summary = ui.html("", sanitize=False).classes("summary")
            ui.label("内部备注（客户看不到）").classes("side-title")
            self._notes = ui.element("div").classes("notes")
            with ui.element("div").classes("composer"):
                self._note = (
                    ui.input(placeholder="写给同事").props('outlined dense aria-label="内部备注"').classes("words")
                )
                self._note.on("keydown.enter", self._add_note)
                ui.button("记下", on_click=self._add_note, color=None).props("unelevated no-caps").classes("secondary")

    def toggle(self) -> None:
        """Opens and closes it on a phone."""
        self._area.classes(toggle="open")

    async def refresh(self, handoff: HandoffView, events: Sequence[HandoffEventView]) -> None:
        """Redraws it."""
        self._handoff, self._events = handoff, events
        desk = self._page.desk
        story = await desk.handoffs.read_story(handoff.id)
        why = next((event.note for event in reversed(events) if event.event == "assign"), "")
        before = [h for h in await desk.handoffs.list_of_conversation(handoff.conversation_id) if h.id != handoff.id]
        content = render(
            "handoff_summary.html",
            handoff=handoff,
            summary=summarise_handoff(story.slots, story.failed_questions),
            applications=await desk.applications.list_applications(handoff.conversation_id),
            stages=STAGE_NAMES,
            earlier=before,
            events=events,
            event_names=EVENTS,
            names=self._names,
            dispositions=DISPOSITIONS,
            why=WHYS.get(why, "") if handoff.agent_id == self._page.staff.id else "",
            show=self._log.show,
            phone_label=get_label("phone")[0],
            verified=await desk.list_verified_phones(handoff.conversation_id),
        )
        self._summary.set_content(content)
        notes = await desk.handoffs.list_notes(handoff.conversation_id)
        self._notes.clear()
        with self._notes:
            for note in notes:
                with ui.element("div").classes("note"):
                    ui.label(f"{self._names.get(note.staff_id, '同事')} {format_time(note.at)}").classes("soft")
                    ui.label(self._log.show(note.text))

    async def _show_numbers(self) -> None:
        page = self._page
        if await page.attempt(lambda: page.desk.talks.record_unmasking(page.staff, self._handoff.id)):
            await self._mask(is_unmasked=True)
            ui.timer(UNMASKED_SECONDS, lambda: self._mask(is_unmasked=False), once=True)

    async def _mask(self, *, is_unmasked: bool) -> None:
        self._log.show_numbers(is_unmasked=is_unmasked)
        self._reveal.set_visibility(not is_unmasked)
        await self.refresh(self._handoff, self._events)

    async def _add_note(self) -> None:
        page, words = self._page, self._note.value or ""
        if await page.attempt(lambda: page.desk.talks.add_note(page.staff, self._handoff.id, words)):
            self._note.set_value("")
            await self.refresh(self._handoff, self._events)
