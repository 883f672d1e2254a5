"""The lists of the agents' page: one's own talks, waiting customers and callbacks, and colleagues' talks."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import STATE_NAMES
from conversations.schemas import MessageView
from desk.last_words import LastWords
from desk.pages.open_page import OpenPage, list_own_talks
from desk.pages.templates import render
from desk.services import DeskServices
from desk.talks import DISPOSITIONS
from desk.wording import AUTHORS, URGENT_REASONS
from kit.clock import CHINA

ENDED_MAX = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One of the member's own talks, with its last message and the number of words that nobody answered."""

    handoff: HandoffView
    last: MessageView | None
    unread: int
    is_snoozed: bool = False

    @property
    def is_unanswered(self) -> bool:
        """The customer spoke last, to the member."""
        return self.handoff.state != "callback" and self.last is not None and self.last.author == "customer"


class Board:
    """The part that all front pages of this process share, rendered once for all of them."""

    def __init__(self, desk: DeskServices, *, fresh_seconds: float = 0.5) -> None:
        """A long list is expensive: it is rendered at most every `fresh_seconds`."""
        self._desk = desk
        self._fresh_seconds = fresh_seconds
        self._last_words = LastWords(desk.conversations)
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
            waiting = [h for h in self.handoffs if h.state in ("requested", "queued")]
            callbacks = [h for h in self.handoffs if h.state == "callback"]
            for shown in (waiting, callbacks):
                shown.sort(key=_rank)
            words = await self._last_words.read([h.conversation_id for h in (*waiting, *callbacks)])
            self.html = render(
                "queue_shared.html",
                waiting=waiting,
                callbacks=callbacks,
                words=words,
                names=self.names,
                now=now,
            )
            self._read_at = read_at  # set last, so that waiting callers retry after a failure


async def draw_mine(page: OpenPage) -> str:
    """The member's own assigned handoffs and talks; those that wait for them come first."""
    own = await list_own_talks(page)
    unread = await page.desk.conversations.count_unanswered([handoff.conversation_id for handoff, _ in own])
    now = page.desk.clock()
    cards = [
        Card(handoff, last, unread.get(handoff.conversation_id, 0), is_snoozed(handoff, last, now))
        for handoff, last in own
    ]
    cards.sort(
        key=lambda card: (
            card.is_snoozed,
            card.handoff.state != "assigned",
            not card.is_unanswered,
            _rank(card.handoff),
        )
    )
    return render(
        "queue_mine.html",
        mine=cards,
        states=STATE_NAMES,
        authors=AUTHORS,
        status=page.staff.status,
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


def is_snoozed(handoff: HandoffView, last: MessageView | None, now: datetime) -> bool:
    """Whether its agent has put it aside, its time has not come, and the customer has not spoken since."""
    is_quiet = last is None or last.author != "customer"
    return handoff.snoozed_until is not None and handoff.snoozed_until > now and is_quiet


def _rank(handoff: HandoffView) -> tuple[int, datetime]:
    """Danger first, then complaints, then who is due first."""
    reason = handoff.reason
    urgency = URGENT_REASONS.index(reason) if reason in URGENT_REASONS else len(URGENT_REASONS)
    return urgency, handoff.due_at or handoff.requested_at
