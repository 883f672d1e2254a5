"""The side panel of a talk: the handoff summary, earlier handoffs, and notes."""

from collections.abc import Mapping, Sequence
from functools import partial

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from applications.stages import STAGE_NAMES
from conversations.handoff.schemas import HandoffEventView, HandoffView
from desk.handoff_summary import summarise_handoff
from desk.pages.open_page import OpenPage
from desk.pages.talk_log import TalkLog
from desk.pages.templates import render
from desk.pages.toasts import show_toast
from desk.talk_access import find_readable, is_served_by, may_see_person
from desk.talks import DISPOSITIONS, WORDS_MAX
from desk.wording import EVENTS, WHYS, format_time, get_label

UNMASKED_SECONDS = 60.0


class NoteBox(Element, component="../static/note_box.js"):
    """The box for notes. Its text belongs to the browser until it is added."""

    def __init__(self, staff_id: str, handoff_id: str) -> None:
        super().__init__()
        self._props |= {"staff": staff_id, "talk": handoff_id, "length-max": WORDS_MAX, "names": []}

    def offer(self, names: Sequence[str]) -> None:
        """Whom it offers after an @."""
        if self._props["names"] != list(names):
            self._props["names"] = list(names)
            self.update()

    def settle(self, words: str, *, is_added: bool) -> None:
        """Tells the browser whether a note was added; one that was refused comes back into the box."""
        self.run_method("settle", words, is_added)


class TalkSide:
    """The side panel; on a phone it covers the chat while open."""

    def __init__(self, page: OpenPage, handoff: HandoffView, names: Mapping[str, str], log: TalkLog) -> None:
        """`log` shows numbers in full while the panel does."""
        self._page = page
        self._handoff = handoff
        self._events: Sequence[HandoffEventView] = ()
        self._names = names
        self._log = log
        self._is_unmasked = False
        with ui.element("aside").classes("talk-side").props('aria-label="客户资料"') as self._area:
            with ui.row().classes("side-head"):
                self._person = ui.link("全部往来", f"/people/{handoff.customer_id}").classes("person-link")
                self._reveal = ui.button("显示完整号码", on_click=self._show_numbers, color=None)
                self._reveal.props("flat dense no-caps").classes("quiet")
                ui.button("关闭", on_click=self.toggle, color=None).props("flat dense no-caps").classes(
                    "quiet only-narrow"
                )
            self._summary = ui.html("", sanitize=False).classes("summary")
            self._labels = ui.select([], label="标签", multiple=True, on_change=self._change_labels)
            self._labels.props("outlined dense use-chips").classes("labels")
            ui.label("内部备注（客户看不到）").classes("side-title")
            self._notes = ui.element("div").classes("notes")
            self._note = NoteBox(page.staff.id, handoff.id).on("add", self._add_note)

    def toggle(self) -> None:
        """Opens and closes it on a phone."""
        self._area.classes(toggle="open")

    async def refresh(self, handoff: HandoffView, events: Sequence[HandoffEventView]) -> None:
        """Redraws it."""
        self._handoff, self._events = handoff, events
        self._person.set_visibility(may_see_person(self._page.staff, handoff))
        self._reveal.set_visibility(is_served_by(self._page.staff, handoff) and not self._is_unmasked)
        desk = self._page.desk
        story = await desk.handoffs.read_story(handoff.id)
        why = next((event.note for event in reversed(events) if event.event == "assign"), "")
        before = [h for h in await desk.handoffs.list_of_conversation(handoff.conversation_id) if h.id != handoff.id]
        is_past = find_readable(self._page.staff, handoff) is not None
        applications = [] if is_past else await desk.applications.list_applications(handoff.conversation_id)
        content = render(
            "handoff_summary.html",
            handoff=handoff,
            summary=summarise_handoff(story.slots, story.failed_questions),
            applications=applications,
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
        self._labels.set_options(list(dict.fromkeys([*await desk.labels.list_all(), *handoff.labels])))
        self._labels.set_value(list(handoff.labels))
        self._labels.set_visibility(bool(self._labels.options))
        colleagues = [each for each in await desk.accounts.list_staff() if each.is_active]
        can_see = [each.name for each in colleagues if desk.talks.is_visible(each, handoff)]
        self._note.offer([name for name in can_see if name != self._page.staff.name])
        self._notes.clear()
        with self._notes:
            for note in self._log.notes:
                with ui.element("div").classes("note"):
                    ui.label(f"{self._names.get(note.staff_id, '同事')} {format_time(note.at)}").classes("soft")
                    ui.label(self._log.show(note.text))

    async def _change_labels(self) -> None:
        page, handoff, chosen = self._page, self._handoff, set(self._labels.value or ())
        for label in chosen ^ set(handoff.labels):
            change = partial(page.desk.labels.set, page.staff, handoff.id, label, is_on=label in chosen)
            if not await page.attempt(change):
                self._labels.set_value(list(handoff.labels))

    async def _show_numbers(self) -> None:
        page = self._page
        if await page.attempt(lambda: page.desk.talks.record_unmasking(page.staff, self._handoff.id)):
            await self._mask(is_unmasked=True)
            ui.timer(UNMASKED_SECONDS, lambda: self._mask(is_unmasked=False), once=True)

    async def _mask(self, *, is_unmasked: bool) -> None:
        self._log.show_numbers(is_unmasked=is_unmasked)
        self._is_unmasked = is_unmasked
        await self.refresh(self._handoff, self._events)

    async def _add_note(self, event: GenericEventArguments) -> None:
        page, words, untold = self._page, str(event.args), list[str]()

        async def add() -> None:
            untold.extend(await page.desk.talks.add_note(page.staff, self._handoff.id, words))

        is_added = await page.attempt(add)
        self._note.settle(words, is_added=is_added)
        if not is_added:
            return
        await self._log.refresh()
        if untold:
            show_toast(f"{'、'.join(untold)}看不到这个会话，没有通知", "warning")
        await self.refresh(self._handoff, self._events)
