"""Beside the chat: what was handed over with the talk, what was before it, and colleagues' notes."""

from typing import TYPE_CHECKING

from nicegui import ui

from desk.handoff_summary import summarise_handoff
from desk.pages.fragments import render
from desk.talks import DISPOSITIONS
from desk.wording import EVENTS, WHYS, format_time

if TYPE_CHECKING:
    from desk.pages.talk import TalkPage

UNMASKED_SECONDS = 60.0


class Side:
    """The pack and the notes; on a phone it lies over the chat while it is open."""

    def __init__(self, page: "TalkPage") -> None:
        self._page = page
        with ui.element("aside").classes("talk-side").props('aria-label="客户资料"') as self._area:
            with ui.row().classes("side-head"):
                self._reveal = ui.button("显示完整号码", on_click=self._show_numbers, color=None)
                self._reveal.props("flat dense no-caps").classes("quiet")
                ui.button("关闭", on_click=self.toggle, color=None).props("flat dense no-caps").classes(
                    "quiet only-phone"
                )
            self._pack = ui.html("", sanitize=False).classes("pack")
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

    async def refresh(self) -> None:
        """Draws it anew."""
        page, desk, handoff = self._page, self._page.desk, self._page.handoff
        story = await desk.handoffs.read_story(handoff.id)
        events = await desk.handoffs.list_events(handoff.id)
        why = next((event.note for event in reversed(events) if event.event == "assign"), "")
        before = [h for h in await desk.handoffs.list_of_conversation(handoff.conversation_id) if h.id != handoff.id]
        content = render(
            "pack.html",
            handoff=handoff,
            pack=summarise_handoff(story.slots, story.failed_questions),
            applications=await desk.applications.list_applications(handoff.conversation_id),
            earlier=before,
            events=events,
            event_names=EVENTS,
            names=page.names,
            dispositions=DISPOSITIONS,
            why=WHYS.get(why, "") if handoff.agent_id == page.visit.staff.id else "",
            show=page.log.show,
        )
        self._pack.set_content(content)
        notes = await desk.handoffs.list_notes(handoff.conversation_id)
        self._notes.clear()
        with self._notes:
            for note in notes:
                with ui.element("div").classes("note"):
                    ui.label(f"{page.names.get(note.staff_id, '同事')} {format_time(note.at)}").classes("soft")
                    ui.label(note.text)

    async def _show_numbers(self) -> None:
        page = self._page
        if await page.visit.attempt(lambda: page.desk.talks.record_unmasking(page.visit.staff, page.handoff.id)):
            await self._mask(is_unmasked=True)
            ui.timer(UNMASKED_SECONDS, lambda: self._mask(is_unmasked=False), once=True)

    async def _mask(self, *, is_unmasked: bool) -> None:
        self._page.log.show_numbers(is_unmasked=is_unmasked)
        self._reveal.set_visibility(not is_unmasked)
        await self.refresh()

    async def _add_note(self) -> None:
        page, words = self._page, self._note.value or ""
        if await page.visit.attempt(lambda: page.desk.talks.add_note(page.visit.staff, page.handoff.id, words)):
            self._note.set_value("")
            await self.refresh()
