"""The front page: one's own talks, waiting customers and callbacks; it updates itself."""

import asyncio
import time
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import STATE_NAMES
from conversations.schemas import MessageView
from desk.pages.frame import PAGES, frame
from desk.pages.open_page import OpenPage, list_own_talks
from desk.pages.templates import render
from desk.services import DeskServices
from desk.wording import AUTHORS
from kit.pubsub import Signal

POLL_SECONDS = 5.0
SETTLE_SECONDS = 0.3  # signals within it are shown together


@dataclass(frozen=True, slots=True)
class Card:
    """One of the member's own talks, with its last message."""

    handoff: HandoffView
    last: MessageView | None

    @property
    def is_unanswered(self) -> bool:
        """The customer spoke last."""
        return self.last is not None and self.last.author == "customer"


class Board:
    """The part that all front pages of this process share, rendered once for all of them."""

    def __init__(self, desk: DeskServices, *, fresh_seconds: float = 0.5) -> None:
        """A long list is expensive: it is rendered at most every `fresh_seconds`."""
        self._desk = desk
        self._fresh_seconds = fresh_seconds
        self._lock = asyncio.Lock()
        self._read_at = -fresh_seconds
        self.handoffs: list[HandoffView] = []
        self.names: dict[str, str] = {}
        self.html = ""

    async def refresh(self) -> None:
        """Renders the current state; calls during a rendering share the next one."""
        asked_at = time.monotonic()
        async with self._lock:
            if self._read_at > asked_at:
                return
            await asyncio.sleep(self._fresh_seconds - (time.monotonic() - self._read_at))
            read_at = time.monotonic()
            self.handoffs = await self._desk.handoffs.list_open()
            self.names = {member.id: member.name for member in await self._desk.accounts.list_staff()}
            now = self._desk.clock()
            callbacks = [h for h in self.handoffs if h.state == "callback"]
            self.html = render(
                "queue_shared.html",
                waiting=[h for h in self.handoffs if h.state in ("requested", "queued")],
                callbacks=sorted(callbacks, key=lambda h: h.due_at or now),
                names=self.names,
                now=now,
            )
            self._read_at = read_at  # set last, so that waiting callers retry after a failure


def register(desk: DeskServices) -> None:
    """The page at /."""
    board = Board(desk)

    @ui.page("/")
    async def show_queue(request: Request) -> Response | None:
        page = OpenPage(desk, request, None)
        if not page.may("talk"):  # editors and admins have another front page
            return RedirectResponse(next(path for path, *_, need in PAGES if page.may(need)), 303)
        with frame(page, "会话", "/"), ui.element("div").classes("queue"):
            mine = ui.html("", sanitize=False, tag="section").props("aria-labelledby=mine")
            shared = ui.html("", sanitize=False).classes("shared")
            busy = None
            if page.may("oversee"):
                busy = ui.html("", sanitize=False, tag="section").props("aria-labelledby=busy")

        async def draw(signals: list[Signal]) -> None:
            if signals:
                await asyncio.sleep(SETTLE_SECONDS)
            await board.refresh()
            shared.set_content(board.html)
            mine.set_content(await draw_mine(page))
            if busy:
                busy.set_content(draw_busy(page, board))

        await draw([])
        page.follow(["desk"], draw, POLL_SECONDS)
        return None


async def draw_mine(page: OpenPage) -> str:
    """The member's own assigned handoffs and talks; those that wait for them come first."""
    cards = [Card(*own) for own in await list_own_talks(page)]
    cards.sort(key=lambda card: (card.handoff.state != "assigned", not card.is_unanswered))
    return render("queue_mine.html", mine=cards, states=STATE_NAMES, authors=AUTHORS, status=page.staff.status)


def draw_busy(page: OpenPage, board: Board) -> str:
    """Colleagues' assigned handoffs and talks."""
    theirs = [h for h in board.handoffs if h.state in ("assigned", "active") and h.agent_id != page.staff.id]
    return render("queue_busy.html", busy=theirs, states=STATE_NAMES, names=board.names)
