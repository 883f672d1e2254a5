"""The front page: one's own talks, who waits, whom to call back; follows the record by itself."""

import asyncio
import time
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from conversations.handoff.states import STATE_NAMES
from conversations.schemas import HandoffView, MessageView
from desk.pages.fragments import is_overdue, render
from desk.pages.frame import PAGES, frame
from desk.pages.visit import Visit
from desk.services import Services
from desk.wording import SENDERS
from kit.news import Signal

LOOK_SECONDS = 5.0
SETTLE_SECONDS = 0.3  # what comes in one go is shown at once
FRESH_SECONDS = 0.5  # a long list costs some; it is drawn no more often


@dataclass(frozen=True, slots=True)
class Card:
    """One of the visitor's own talks, with what was said last."""

    handoff: HandoffView
    last: MessageView | None

    @property
    def is_unanswered(self) -> bool:
        """The customer spoke last."""
        return self.last is not None and self.last.sender == "customer"


class Board:
    """What all front pages of this process show alike: read and drawn once for all of them, however long it is."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = asyncio.Lock()
        self._read_at = -FRESH_SECONDS
        self.handoffs: list[HandoffView] = []
        self.names: dict[str, str] = {}
        self.html = ""

    async def refresh(self) -> None:
        """Draws it as it stands now; those who ask while it is drawn share the next drawing."""
        asked_at = time.monotonic()
        async with self._lock:
            if self._read_at > asked_at:
                return
            await asyncio.sleep(FRESH_SECONDS - (time.monotonic() - self._read_at))
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
                is_overdue=is_overdue,
                now=now,
            )
            self._read_at = read_at  # only now: those who wait here try themselves after a failure


def register(desk: Services) -> None:
    """The page at /."""
    board = Board(desk)

    @ui.page("/")
    async def show_queue(request: Request) -> Response | None:
        visit = Visit(desk, request, None)
        if not visit.may("talk"):  # an editor or an admin has another front page
            return RedirectResponse(next(path for path, *_, need in PAGES if visit.may(need)), 303)
        with frame(visit, "会话", "/"), ui.element("div").classes("queue"):
            mine = ui.html("", sanitize=False, tag="section").props("aria-labelledby=mine")
            shared = ui.html("", sanitize=False).classes("shared")
            busy = None
            if visit.may("oversee"):
                busy = ui.html("", sanitize=False, tag="section").props("aria-labelledby=busy")

        async def draw(signals: list[Signal]) -> None:
            if signals:
                await asyncio.sleep(SETTLE_SECONDS)
            await board.refresh()
            shared.set_content(board.html)
            mine.set_content(await draw_mine(visit, board))
            if busy:
                busy.set_content(draw_busy(visit, board))

        await draw([])
        visit.follow(["desk"], draw, LOOK_SECONDS)
        return None


async def draw_mine(visit: Visit, board: Board) -> str:
    """What the visitor is offered or talks about; what waits for them stands first."""
    cards = []
    for handoff in board.handoffs:
        if handoff.agent_id == visit.staff.id and handoff.state in ("assigned", "active"):
            said = await visit.desk.conversations.list_last_messages(handoff.conversation_id, 1)
            cards.append(Card(handoff, said[0] if said else None))
    cards.sort(key=lambda card: (card.handoff.state != "assigned", not card.is_unanswered))
    return render("queue_mine.html", mine=cards, states=STATE_NAMES, senders=SENDERS, status=visit.staff.status)


def draw_busy(visit: Visit, board: Board) -> str:
    """What colleagues are offered or talk about."""
    theirs = [h for h in board.handoffs if h.state in ("assigned", "active") and h.agent_id != visit.staff.id]
    return render("queue_busy.html", busy=theirs, states=STATE_NAMES, names=board.names)
