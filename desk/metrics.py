"""Metrics of a period's handoffs and talks, for the supervisor: counts, durations, ratings, day by day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from math import ceil
from statistics import fmean, median

from conversations.handoff.facts import HandoffFacts
from conversations.schemas import State, Value
from kit.clock import CHINA

PLACES_MAX = 10
GOOD_RATING = 4


class CurrentMetrics(Value):
    """The current state: customers waiting (by state, and since when), active talks, promised and overdue calls."""

    waiting: dict[State, int]
    waiting_since: datetime | None
    active: int
    callbacks: int
    overdue: int


class Spread(Value):
    """Median and 90th percentile of durations in seconds; None without data."""

    median: float | None
    p90: float | None


class Satisfaction(Value):
    """Ratings from 1 to 5: mean, share of 4 and better, count; None without data."""

    mean: float | None
    good: float | None
    ratings: int


class TalkMetrics(Value):
    """How many customers wrote, and how many of their conversations had no handoff (`contained`)."""

    talks: int
    contained: int

    @property
    def containment(self) -> float | None:
        """The share that ended without a human; None when nobody wrote."""
        return self.contained / self.talks if self.talks else None


class DayMetrics(Value):
    """A day in China: the handoffs requested on it, and the talks."""

    day: date
    requested: int
    handled: int
    out_of_hours: int
    satisfaction: Satisfaction
    talks: TalkMetrics


class HourMetrics(Value):
    """An hour of the day in China, over all days; `first_response` is a median in seconds."""

    hour: int
    requested: int
    handled: int
    first_response: float | None


class AgentMetrics(Value):
    """What one agent handled; `first_response` is a median in seconds."""

    agent_id: str
    name: str
    handled: int
    first_response: float | None
    satisfaction: Satisfaction


class DashboardMetrics(Value):
    """Now, and the handoffs requested in the period, whenever they were served.

    Handled is what an agent accepted or called back about. `first_response` runs by the wall clock from the request to
    a human's first words; `handling` from accepting to the end, but for talks that became a callback: how long the
    call took is not known. Counts are by the names in the tables, the largest first.
    """

    now: CurrentMetrics
    requested: int
    handled: int
    out_of_hours: int
    first_response: Spread
    handling: Spread
    satisfaction: Satisfaction
    talks: TalkMetrics
    dispositions: dict[str, int]
    reasons: dict[str, int]
    channels: dict[str, int]
    places: dict[str, int]
    agents: tuple[AgentMetrics, ...]
    days: tuple[DayMetrics, ...]
    hours: tuple[HourMetrics, ...]


def compute_metrics(
    now: CurrentMetrics,
    handoffs: Sequence[HandoffFacts],
    talks: int,
    daily_talks: Mapping[date, int],
    days: Iterable[date],
    names: Mapping[str, str],
) -> DashboardMetrics:
    """Computes the dashboard's metrics.

    `talks` are conversations in which the customer wrote, `names` the staff's by id, `days` those that are shown,
    with something on them or not.
    """
    handled = [a for a in handoffs if a.is_handled]
    return DashboardMetrics(
        now=now,
        requested=len(handoffs),
        handled=len(handled),
        out_of_hours=sum(a.is_out_of_hours for a in handoffs),
        first_response=measure_spread(_list_responses(handoffs)),
        handling=measure_spread(a.ended - a.accepted for a in handoffs if a.ended and a.accepted and not a.is_callback),
        satisfaction=_rate(handoffs),
        talks=_contain(talks, handoffs),
        dispositions=_count(a.disposition for a in handoffs),
        reasons=_count(a.reason for a in handoffs),
        channels=_count(a.channel for a in handoffs),
        places=_count((a.place for a in handoffs), limit=PLACES_MAX),
        agents=tuple(_list_agents(handled, names)),
        days=tuple(_list_days(handoffs, daily_talks, days)),
        hours=tuple(_list_hours(handoffs)),
    )


def find_day(seconds: float) -> date:
    """The day in China of a moment in seconds since 1970."""
    return datetime.fromtimestamp(seconds, CHINA).date()


def find_period(now: datetime, days: int) -> tuple[datetime, datetime]:
    """The last days in China, including today."""
    today = datetime.combine(now.astimezone(CHINA).date(), time.min, CHINA)
    return today - timedelta(days=days - 1), today + timedelta(days=1)


def list_days(since: datetime, until: datetime) -> Iterator[date]:
    """The days in China from one moment until before another, both aware."""
    day, last = since.astimezone(CHINA).date(), (until - timedelta(microseconds=1)).astimezone(CHINA).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _list_agents(handled: Sequence[HandoffFacts], names: Mapping[str, str]) -> Iterator[AgentMetrics]:
    by_agent: defaultdict[str, list[HandoffFacts]] = defaultdict(list)
    for a in handled:
        if a.agent_id:
            by_agent[a.agent_id].append(a)
    for agent_id, theirs in sorted(by_agent.items(), key=lambda item: (-len(item[1]), item[0])):
        yield AgentMetrics(
            agent_id=agent_id,
            name=names.get(agent_id, "未知"),
            handled=len(theirs),
            first_response=measure_spread(_list_responses(theirs)).median,
            satisfaction=_rate(theirs),
        )


def _list_days(
    handoffs: Sequence[HandoffFacts], daily_talks: Mapping[date, int], days: Iterable[date]
) -> Iterator[DayMetrics]:
    by_day: defaultdict[date, list[HandoffFacts]] = defaultdict(list)
    for a in handoffs:
        by_day[find_day(a.requested)].append(a)
    for day in days:
        theirs = by_day[day]
        yield DayMetrics(
            day=day,
            requested=len(theirs),
            handled=sum(a.is_handled for a in theirs),
            out_of_hours=sum(a.is_out_of_hours for a in theirs),
            satisfaction=_rate(theirs),
            talks=_contain(daily_talks.get(day, 0), theirs),
        )


def _list_hours(handoffs: Sequence[HandoffFacts]) -> Iterator[HourMetrics]:
    by_hour: defaultdict[int, list[HandoffFacts]] = defaultdict(list)
    for a in handoffs:
        by_hour[datetime.fromtimestamp(a.requested, CHINA).hour].append(a)
    for hour in range(24):
        theirs = by_hour[hour]
        yield HourMetrics(
            hour=hour,
            requested=len(theirs),
            handled=sum(a.is_handled for a in theirs),
            first_response=measure_spread(_list_responses(theirs)).median,
        )


def _contain(talks: int, handoffs: Iterable[HandoffFacts]) -> TalkMetrics:
    # Customers write to get a human, so that the conversations with a handoff are among the talks; but for the one
    # that was written a second before midnight.
    return TalkMetrics(talks=talks, contained=max(talks - len({a.conversation_id for a in handoffs}), 0))


def _list_responses(handoffs: Iterable[HandoffFacts]) -> Iterator[float]:
    return (a.answered - a.requested for a in handoffs if a.answered is not None)


def measure_spread(durations: Iterable[float]) -> Spread:
    """Of durations in seconds."""
    ordered = sorted(durations)
    if not ordered:
        return Spread(median=None, p90=None)
    return Spread(median=median(ordered), p90=ordered[ceil(0.9 * len(ordered)) - 1])


def _rate(handoffs: Iterable[HandoffFacts]) -> Satisfaction:
    ratings = [a.rating for a in handoffs if a.rating is not None]
    if not ratings:
        return Satisfaction(mean=None, good=None, ratings=0)
    good = sum(rating >= GOOD_RATING for rating in ratings)
    return Satisfaction(mean=fmean(ratings), good=good / len(ratings), ratings=len(ratings))


def _count(names: Iterable[str | None], *, limit: int | None = None) -> dict[str, int]:
    return dict(Counter(filter(None, names)).most_common(limit))
