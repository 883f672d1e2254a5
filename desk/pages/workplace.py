"""The agents' page: lists on the left, beside them the talks that were opened, one of them shown.

A talk that was opened stays in the page, hidden: whoever comes back to it finds draft and place as they were. The
address is that of the shown talk, so that a reload, a link and the browser's way back lead to it (workplace.js).
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import events, ui
from starlette.exceptions import HTTPException

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import HELD, WAITING
from conversations.schemas import TALKS
from desk.entrance import REFUSAL
from desk.pages.finder import Finder
from desk.pages.frame import PAGES, frame, name_page
from desk.pages.open_page import OpenPage
from desk.pages.queue import Board, draw_busy, draw_ended, draw_mine
from desk.pages.talk import TalkPage
from desk.pages.templates import render
from desk.services import DeskServices
from desk.wording import CHANNELS, name_customer
from kit.errors import RequestError
from kit.pubsub import Signal

POLL_SECONDS = 5.0
KEPT_MAX = 12  # talks in one page
PREPARED_MAX = 10
PREPARING_PAUSE = 2  # as long as making one takes, times this: other pages have to be served meanwhile
# What the lists may be narrowed down to (workplace.js), by what stands at the rows.
KINDS = [("", "全部"), ("sensitive", "危险"), ("complaint", "投诉"), ("callback", "回电"), *CHANNELS.items()]


def register(desk: DeskServices) -> None:
    """The pages at / and /talks/…"""
    board = Board(desk)

    @ui.page("/")
    async def show_lists(request: Request) -> Response | None:
        page = OpenPage(desk, request, None)
        if not page.may("talk"):  # editors and admins have another front page
            return RedirectResponse(next(path for path, *_, need in PAGES if page.may(need)), 303)
        await build(page, board)
        return None

    @ui.page("/talks/{handoff_id}")
    async def show_talk(request: Request, handoff_id: str) -> None:
        page = OpenPage(desk, request, "talk")
        try:
            handoff = await desk.talks.open(page.staff, handoff_id)
        except RequestError as error:
            setattr(request.state, REFUSAL, error.code)
            raise HTTPException(error.status, error.reason) from error
        await build(page, board, handoff)


async def build(page: OpenPage, board: Board, handoff: HandoffView | None = None) -> None:
    """The page, with a talk shown."""
    ui.add_head_html(
        '<link rel="stylesheet" href="/static/workplace.css"><script src="/static/workplace.js" defer></script>'
    )
    with frame(page, "会话", "/", is_wide=True):
        workplace = WorkplacePage(page, board, await page.desk.labels.list_all())
        await workplace.draw([])
        if handoff:
            await workplace.show(handoff)
    page.follow(["desk", TALKS], workplace.draw, POLL_SECONDS)


class WorkplacePage:
    """One open page."""

    def __init__(self, page: OpenPage, board: Board, labels: Sequence[str]) -> None:
        """`labels`: those that the lists may be narrowed down to."""
        self._page = page
        self._board = board
        self._talks: OrderedDict[str, TalkPage] = OrderedDict()  # the one shown last at the end
        self._shown: TalkPage | None = None
        self._wanted = ""  # by who clicked last
        self._opening = asyncio.Lock()
        self._is_preparing = False
        with ui.element("div").classes("workplace") as self._area:
            self._finder = Finder(page)
            with ui.element("div").classes("queue"):
                with ui.element("div").classes("queue-head"):
                    find = ui.button("找会话", icon="search", on_click=self._finder.open, color=None).classes("find")
                    find.props('flat no-caps aria-keyshortcuts="Control+K"').tooltip("Ctrl+K")
                    filters = render("queue_filter.html", kinds=[*KINDS, *((label, label) for label in labels)])
                    ui.html(filters, sanitize=False).classes("kinds").props('role=group aria-label="只看"')
                self._mine = ui.html("", sanitize=False, tag="section").props("aria-labelledby=mine")
                self._others = ui.html("", sanitize=False).classes("shared")
                self._busy = None
                if page.may("oversee"):
                    self._busy = ui.html("", sanitize=False, tag="section").props("aria-labelledby=busy")
                self._ended = ui.html("", sanitize=False, tag="section").props("aria-labelledby=ended")
            with ui.element("div").classes("talks") as self._stack:
                ui.label("从左边选一位客户").classes("empty nobody")
            ui.html(render("keys.html"), sanitize=False, tag="dialog").classes("keys").props('aria-label="快捷键"')
        self._area.on("open-talk", self._open, args=["detail"])
        self._area.on("find", self._finder.open, args=[])
        self._area.on("press", self._press, args=["detail"])

    async def draw(self, signals: list[Signal]) -> None:
        """Shows the lists as they are now."""
        if signals and all(signal.subject == TALKS and not self._lists(signal.by) for signal in signals):
            return  # colleagues' customers
        await self._board.refresh()
        self._mine.set_content(draw_mine(self._page, self._board))
        self._others.set_content(self._board.html)
        self._ended.set_content(await draw_ended(self._page))
        self._ended.set_visibility(bool(self._ended.content))
        if self._busy:
            self._busy.set_content(draw_busy(self._page, self._board))
        await self._drop_lost()
        if not self._is_preparing and self._find_unprepared():
            self._is_preparing = True
            with self._area:
                ui.timer(0, self._prepare, once=True)

    async def _drop_lost(self) -> None:
        """Nothing stays hidden in the page of a talk that is a colleague's by now, which is told, or over."""
        async with self._opening:
            for talk in [each for each in self._talks.values() if each is not self._shown]:
                handoff = self._board.open_by_id.get(talk.id)
                if handoff is None:
                    await self._talks.pop(talk.id).close()
                elif not self._page.desk.talks.is_visible(self._page.staff, handoff):
                    await talk.refresh()  # which finds out who has it

    def _find_unprepared(self) -> HandoffView | None:
        """One of the member's own talks that is not in the page yet, as long as there is room."""
        if len(self._talks) >= PREPARED_MAX:
            return None
        own = (each for each in self._board.handoffs if each.agent_id == self._page.staff.id and each.state in HELD)
        return next((each for each in own if each.id not in self._talks), None)

    async def _prepare(self) -> None:
        """Makes the member's own talks before they are opened, so that a click shows them at once."""
        try:
            while not self._page.is_over and self._find_unprepared():
                async with self._board.preparing:
                    async with self._opening:
                        began_at = time.monotonic()
                        if handoff := self._find_unprepared():
                            await self._add(handoff).prepare()
                            self._talks.move_to_end(handoff.id, last=False)  # the first to go
                        took = time.monotonic() - began_at
                    await asyncio.sleep(PREPARING_PAUSE * took)
        finally:
            self._is_preparing = False

    def _add(self, handoff: HandoffView) -> TalkPage:
        with self._stack:
            talk = TalkPage(self._page, handoff, self._board.names, self._lose, self._go_on)
        self._talks[handoff.id] = talk
        return talk

    def _lists(self, conversation_id: str) -> bool:
        """Whether what its customer said last stands in a list here."""
        handoff = self._board.open_by_conversation.get(conversation_id)
        return handoff is None or handoff.state in WAITING or handoff.agent_id == self._page.staff.id

    async def show(self, handoff: HandoffView) -> None:
        """Shows a talk, as it was left if it was opened before."""
        talk = self._talks.get(handoff.id) or self._add(handoff)
        self._talks.move_to_end(handoff.id)
        await self._put_forward(talk)
        while len(self._talks) > KEPT_MAX:
            _, oldest = self._talks.popitem(last=False)
            await oldest.close()
        name_page(name_customer(handoff.customer_id, handoff.name))

    async def _open(self, event: events.GenericEventArguments) -> None:
        """The browser already shows a talk that was opened before, or the lists."""
        handoff_id = self._wanted = str(event.args.get("detail") or "")

        async def read() -> None:
            await self.show(await self._page.desk.talks.open(self._page.staff, handoff_id))

        async with self._opening:
            if handoff_id != self._wanted:
                return  # another was clicked meanwhile
            if not handoff_id:
                await self._put_forward(None)
                name_page("会话")
            elif not await self._page.attempt(read) and handoff_id == self._wanted:
                await self._remove(handoff_id)

    async def _press(self, event: events.GenericEventArguments) -> None:
        """Alt and a letter were pressed while the browser showed a talk, which may be ahead of what is shown here."""
        pressed = event.args.get("detail") or {}
        async with self._opening:
            shown = self._shown
        if shown and shown.id == pressed.get("talk"):
            await shown.acts.press_key(str(pressed.get("letter")))

    async def _put_forward(self, talk: TalkPage | None) -> None:
        if self._shown and self._shown is not talk:
            await self._shown.hide()
        self._shown = talk
        self._page.path = f"/talks/{talk.id}" if talk else "/"
        self._area.classes(add="open" if talk else "", remove="" if talk else "open")
        if talk:
            await talk.show()

    def _go_on(self) -> None:
        ui.run_javascript("window.workplace?.goOn()")

    def _lose(self, handoff_id: str, toast: str) -> None:
        """A talk that one may not see any more goes from the page, not while it is being refreshed."""
        if toast:
            told = ", ".join(map(json.dumps, (self._page.staff.id, handoff_id, toast)))
            ui.run_javascript(f"window.workplace?.lose({told})")
        with self._stack:
            ui.timer(0, lambda: self._remove(handoff_id), once=True)

    async def _remove(self, handoff_id: str) -> None:
        talk = self._talks.pop(handoff_id, None)
        if talk:
            await talk.close()
        if talk is self._shown or not talk:
            await self._put_forward(None)
            ui.run_javascript("window.workplace?.leave()")
            name_page("会话")
