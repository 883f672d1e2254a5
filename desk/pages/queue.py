"""The lists of the agents' page: one's own talks, waiting customers and callbacks, and colleagues' talks."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import STATE_NAMES
from conversations.service import UnansweredWords
from desk.assignment import SERVING_ROLES
from desk.last_words import LastWord, LastWords
from desk.pages.open_page import OpenPage
from desk.pages.templates import render
from desk.services import DeskServices
from desk.snoozing import is_snoozed
from desk.talks import DISPOSITIONS
from desk.urgency import rank_handoff
from kit.clock import CHINA

ENDED_MAX = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One of the member's own talks, with what its customer said last and the number of words nobody answered."""

    handoff: HandoffView
    last: LastWord | None
    unread: int
    is_snoozed: bool = False

    @property
    def is_unanswered(self) -> bool:
        """The customer waits for a word of the member."""
        return self.unread > 0

    @property
    def standing(self) -> str:
        """How it stands."""
        if self.handoff.state == "active":
            return "待回复" if self.is_unanswered else "已回复"
        booked_at = self.handoff.callback_booked_at
        has_written = bool(self.last and booked_at and self.last.at > booked_at)
        return STATE_NAMES[self.handoff.state] + ("，客户又来消息" if has_written else "")


class Board:
    """What all front pages of this process share, read and rendered once for all of them."""

    def __init__(self, desk: DeskServices, *, fresh_seconds: float = 0.3) -> None:
        """A long list is expensive: it is read at most every `fresh_seconds`."""
        self._desk = desk
        self._fresh_seconds = fresh_seconds
        self._last_words = LastWords(desk.conversations)
        self._lock = asyncio.Lock()
        self.preparing = asyncio.Lock()  # one page at a time makes talks that are not opened yet
        self._read_at = -fresh_seconds
        self.handoffs: list[HandoffView] = []
        self.open_by_id: Mapping[str, HandoffView] = {}
        self.open_by_conversation: Mapping[str, HandoffView] = {}
        self.words: Mapping[str, LastWord] = {}  # by conversation, as are:
        self.unanswered: Mapping[str, UnansweredWords] = {}
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
            self.open_by_id = {handoff.id: handoff for handoff in self.handoffs}
            self.open_by_conversation = {handoff.conversation_id: handoff for handoff in self.handoffs}
            self.names = {member.id: member.name for member in await self._desk.accounts.list_staff()}
            now = self._desk.clock()
            served = [h for h in self.handoffs if h.state in ("assigned", "active")]
            waiting = [h for h in self.handoffs if h.state in ("requested", "queued")]
            callbacks = [h for h in self.handoffs if h.state == "callback"]
            for shown in (waiting, callbacks):
                shown.sort(key=rank_handoff)
            self.words = await self._last_words.read([h.conversation_id for h in (*served, *callbacks, *waiting)])
            self.unanswered = await self._desk.conversations.find_unanswered([h.conversation_id for h in served])
            self.html = render(
                "queue_shared.html",
                waiting=waiting,
                callbacks=callbacks,
                words=self.words,
                names=self.names,
                now=now,
            )
            self._read_at = read_at  # set last, so that waiting callers retry after a failure


def draw_mine(page: OpenPage, board: Board) -> str:
    """The member's own assigned handoffs and talks; those that wait for them come first."""
    now = page.desk.clock()
    cards = []
    for handoff in board.handoffs:
        if handoff.agent_id == page.staff.id and handoff.state in ("assigned", "active", "callback"):
            last = board.words.get(handoff.conversation_id)
            # Who is to be called may be served as well.
            unanswered = board.unanswered.get(handoff.conversation_id) if handoff.state != "callback" else None
            is_aside = is_snoozed(handoff, last.at if last else None, now)
            cards.append(Card(handoff, last, unanswered.count if unanswered else 0, is_aside))
    cards.sort(
        key=lambda card: (
            card.is_snoozed,
            card.handoff.state != "assigned",
            not card.is_unanswered,
            rank_handoff(card.handoff),
        )
    )
    return render(
        "queue_mine.html",
        mine=cards,
        status=page.staff.status,
        is_served_first=page.staff.role in SERVING_ROLES,
        now=now,
        seconds_left=page.desk.dispatcher.count_seconds_left,
    )


def draw_busy(page: OpenPage, board: Board) -> str:
    """Colleagues' assigned handoffs and talks."""
    theirs = [h for h in board.handoffs if h.state in ("assigned", "active") and h.agent_id != page.staff.id]
    return render("queue_busy.html", busy=theirs, states=STATE_NAMES, names=board.names)


async def draw_ended(page: OpenPage) -> str:
    """What the member served and what ended today."""
    now = page.desk.clock().astimezone(CHINA)
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ended = await page.desk.handoffs.list_ended_of_agent(page.staff.id, since, ENDED_MAX)
    return render("queue_ended.html", ended=ended, states=STATE_NAMES, dispositions=DISPOSITIONS)
