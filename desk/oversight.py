"""What a supervisor has to see at once: who is there, who waits for whom, and what is late."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from applications import repository as applications
from applications.schemas import ManagedApplication
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import WAITING
from conversations.schemas import Value
from conversations.service import Conversations, UnansweredWords
from desk.accounts import Accounts
from desk.metrics import find_period
from desk.presence import is_seen
from desk.quality.samples import LOW_RATING
from desk.roles import may
from desk.schemas import StaffView
from desk.talk_access import require_overseer
from desk.urgency import rank_handoff
from kit.clock import Clock, read_clock
from kit.database import Database

UNANSWERED_AFTER = timedelta(minutes=3)
RATED_DAYS = 7
LISTED_MAX = 100


class Colleague(Value):
    """A colleague who talks to customers: whether a page of theirs is open, since when they are as they are, and how
    many talks they have."""

    staff: StaffView
    is_here: bool
    since: datetime | None
    load: int


class Unanswered(Value):
    """A customer who has waited for their agent's answer since a moment."""

    handoff: HandoffView
    since: datetime


class Waits(NamedTuple):
    """How many customers wait for one reason, and since when the first of them."""

    customers: int
    since: datetime


class Overview(Value):
    """All of it; what has lasted longest comes first."""

    colleagues: tuple[Colleague, ...]
    waiting: tuple[HandoffView, ...]
    unanswered: tuple[Unanswered, ...]
    callbacks: tuple[HandoffView, ...]
    low_rated: tuple[HandoffView, ...]
    applications: tuple[ManagedApplication, ...]


class Oversight:
    """Reads overviews; RequestError 403 but for supervisors."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock = read_clock) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._conversations = Conversations(database, clock)
        self._accounts = accounts
        self._clock = clock

    async def read(self, staff: StaffView) -> Overview:
        """The current state."""
        require_overseer(staff)
        now = self._clock()
        open_ones = await self._handoffs.list_open()
        active = [each for each in open_ones if each.state == "active"]
        words = await self._conversations.find_unanswered([each.conversation_id for each in active])
        low = await self._handoffs.list_served_ids(find_period(now, RATED_DAYS)[0], rating_max=LOW_RATING)
        low_rated = await self._handoffs.list_of_ids(low[-LISTED_MAX:])
        async with self._database.reading() as session:
            late = await applications.list_late(session, now, LISTED_MAX)
            unassigned = await applications.list_unassigned(session, LISTED_MAX)
        return Overview(
            colleagues=list_colleagues(await self._accounts.list_staff(), await self._handoffs.count_load(), now),
            waiting=tuple(sorted((each for each in open_ones if each.state in WAITING), key=rank_handoff)),
            unanswered=list_unanswered(active, words, now),
            callbacks=tuple(each for each in open_ones if is_call_at_risk(each, now)),
            low_rated=tuple(sorted(low_rated, key=lambda each: each.ended_at or now, reverse=True)),
            applications=tuple({each.id: each for each in (*late, *unassigned)}.values()),
        )


def list_colleagues(staff: Sequence[StaffView], load: Mapping[str, int], now: datetime) -> tuple[Colleague, ...]:
    """Those who talk to customers: who takes talks, who is there, and then the others."""
    found = []
    for member in staff:
        if member.is_active and may(member.role, "talk"):
            is_here = is_seen(member, now)
            since = member.status_at if is_here else member.seen_at
            found.append(Colleague(staff=member, is_here=is_here, since=since, load=load.get(member.id, 0)))
    return tuple(sorted(found, key=lambda each: (not each.is_here, each.staff.status != "online", -each.load)))


def list_unanswered(
    active: Sequence[HandoffView], words: Mapping[str, UnansweredWords], now: datetime
) -> tuple[Unanswered, ...]:
    """Active talks whose agent has owed an answer for some minutes; the longest first."""
    waits = [
        Unanswered(handoff=each, since=max(found.since, each.accepted_at or found.since))
        for each in active
        if (found := words.get(each.conversation_id))
    ]
    return tuple(sorted((each for each in waits if now - each.since >= UNANSWERED_AFTER), key=lambda each: each.since))


def is_call_at_risk(handoff: HandoffView, now: datetime) -> bool:
    """Whether it is a promised call that is late or that nobody has taken on."""
    is_late = handoff.due_at is not None and handoff.due_at < now
    return handoff.state == "callback" and (is_late or handoff.agent_id is None)


def group_waits(waiting: Sequence[HandoffView]) -> dict[str, Waits]:
    """By reason, the longest wait first."""
    groups: dict[str, Waits] = {}
    for handoff in sorted(waiting, key=lambda each: each.requested_at):
        before = groups.get(handoff.reason, Waits(0, handoff.requested_at))
        groups[handoff.reason] = before._replace(customers=before.customers + 1)
    return groups
