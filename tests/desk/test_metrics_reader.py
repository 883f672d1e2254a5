"""The supervisor's metrics: what waits, what was handled how quickly and how well, by whom, where and when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conversations.handoff.facts import HandoffFacts
from conversations.tables import Conversation, Customer, Handoff, HandoffEvent, Message
from desk.accounts import Accounts
from desk.metrics import DashboardMetrics, Satisfaction, Spread, TalkMetrics, list_days
from desk.metrics_reader import MetricsReader
from kit.clock import CHINA
from kit.database import Database
from tests.fakes import FixedClock

JULY_1 = datetime(2026, 7, 1, tzinfo=CHINA)
MORNING = JULY_1 + timedelta(hours=9)
PASSWORD = "柳河镇的桥-1987"


class Record:
    """Writes customers, what they say, and handoffs straight into the tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.handoffs = 0

    async def add_customer(self, name: str, channel: str = "web", source: str | None = None) -> None:
        async with self.database.transaction() as session:
            customer = Customer(id=name, channel=channel, channel_user_id=name, source=source, created_at=MORNING)
            session.add(customer)
            await session.flush()
            session.add(Conversation(id=name, customer_id=name, holder="bot", created_at=MORNING))

    async def say(self, name: str, *moments: datetime, **more: Any) -> None:
        async with self.database.transaction() as session:
            for at in moments:
                said = {"direction": "inbound", "author": "customer", "text": "能贷多少", "at": at, **more}
                session.add(Message(conversation_id=name, **said))

    async def ask(self, name: str, at: datetime = MORNING, *, is_open: bool = True, **more: Any) -> None:
        """A handoff; moments among `more` are minutes after its request."""
        self.handoffs += 1
        moments = {k: at + timedelta(minutes=v) for k, v in more.items() if k.endswith("_at")}
        values = {"reason": "customer_request", "state": "closed", "slots": {}} | more | moments
        handoff = Handoff(id=f"handoff-{self.handoffs}", conversation_id=name, requested_at=at, **values)
        async with self.database.transaction() as session:
            session.add(handoff)
            await session.flush()
            state = "queued" if is_open else "requested"
            session.add(HandoffEvent(handoff_id=handoff.id, event="request", state=state, at=at))


@pytest.fixture
async def record(database: Database) -> Record:
    record = Record(database)
    await record.add_customer("zhang", "wechat", "village:青石乡")
    await record.add_customer("li", "web", "manager:张敏")
    await record.add_customer("wang", "wechat")
    return record


@pytest.fixture
def metrics(database: Database, accounts: Accounts, clock: FixedClock) -> MetricsReader:
    return MetricsReader(database, accounts, clock)


async def read(metrics: MetricsReader, days: int = 1, channel: str | None = None) -> DashboardMetrics:
    return await metrics.read(JULY_1, JULY_1 + timedelta(days=days), channel=channel)


async def test_nothing_has_happened(metrics: MetricsReader) -> None:
    empty = await read(metrics)
    assert (empty.requested, empty.handled, empty.agents, empty.reasons) == (0, 0, (), {})
    assert empty.first_response == empty.handling == Spread(median=None, p90=None)
    assert empty.satisfaction == Satisfaction(mean=None, good=None, ratings=0)
    assert (empty.talks.talks, empty.talks.containment) == (0, None)
    assert (empty.now.waiting, empty.now.waiting_since, empty.now.active, empty.now.overdue) == ({}, None, 0, 0)
    assert [(d.day, d.requested) for d in empty.days] == [(date(2026, 7, 1), 0)]


async def test_waiting_customers_whenever_they_asked(record: Record, metrics: MetricsReader, clock: FixedClock) -> None:
    long_ago = JULY_1 - timedelta(days=40)
    await record.ask("zhang", long_ago, state="requested")
    await record.ask("li", state="queued")
    await record.ask("li", state="assigned", agent_id="an")
    await record.ask("wang", state="queued")
    await record.ask("wang", state="active", accepted_at=1)
    for due_in in (-1, 0, 1):
        due = (clock.now - MORNING) / timedelta(minutes=1) + due_in
        await record.ask("wang", state="callback", due_at=due)
    await record.ask("li", long_ago - timedelta(days=1), ended_at=5)
    now = (await read(metrics)).now
    assert now.waiting == {"requested": 1, "queued": 2, "assigned": 1}
    assert now.waiting_since == long_ago
    assert (now.active, now.callbacks, now.overdue) == (1, 3, 1)
    on_web = (await read(metrics, channel="web")).now
    assert (on_web.waiting, on_web.waiting_since) == ({"assigned": 1, "queued": 1}, MORNING)
    assert (on_web.active, on_web.callbacks, on_web.overdue) == (0, 0, 0)


async def test_a_period_counts_what_was_requested_in_it(record: Record, metrics: MetricsReader) -> None:
    second = timedelta(seconds=1)
    for at in (JULY_1 - second, JULY_1, JULY_1 + timedelta(days=1) - second, JULY_1 + timedelta(days=1)):
        await record.ask("zhang", at, state="returned")
    assert (await read(metrics)).requested == 2
    assert (await read(metrics, channel="wechat")).requested == 2
    assert (await read(metrics, channel="web")).requested == 0


async def test_handled_is_what_an_agent_accepted_or_called_back_about(record: Record, metrics: MetricsReader) -> None:
    await record.ask("zhang", state="returned")
    await record.ask("zhang", state="queued")
    await record.ask("zhang", state="callback", callback_phone="13800001234")
    await record.ask("zhang", state="returned", accepted_at=1, ended_at=3)
    await record.ask("li", state="active", accepted_at=1)
    await record.ask("wang", state="closed", callback_booked_at=1, ended_at=90, disposition="solved")
    seen = await read(metrics)
    assert (seen.requested, seen.handled) == (6, 3)
    assert seen.dispositions == {"solved": 1}


async def test_durations_have_a_middle_and_a_slow_end(record: Record, metrics: MetricsReader) -> None:
    for minutes in range(1, 11):
        await record.ask("zhang", accepted_at=0.5, answered_at=minutes, ended_at=20)
    await record.ask("li", accepted_at=1)  # no word yet
    # A talk that became a callback: when it ended says nothing of how long it took.
    await record.ask("li", accepted_at=1, answered_at=5.5, ended_at=600, callback_booked_at=6)
    seen = await read(metrics)
    assert seen.first_response == Spread(median=5.5 * 60, p90=9 * 60)
    assert seen.handling == Spread(median=19.5 * 60, p90=19.5 * 60)


async def test_satisfaction_is_of_those_who_rated(record: Record, metrics: MetricsReader) -> None:
    for rating in (5, 4, 3, 1, None):
        await record.ask("zhang", accepted_at=1, rating=rating)
    assert (await read(metrics)).satisfaction == Satisfaction(mean=3.25, good=0.5, ratings=4)


async def test_each_agent_has_their_own(record: Record, metrics: MetricsReader, accounts: Accounts) -> None:
    an = await accounts.add_staff("an", "安然", "agent", PASSWORD)
    for minutes, rating in ((1, 5), (3, 4), (8, None)):
        await record.ask("zhang", agent_id=an.id, accepted_at=0.5, answered_at=minutes, rating=rating)
    await record.ask("li", agent_id="gone", accepted_at=1, state="active")
    await record.ask("li", agent_id=an.id, state="assigned")  # not accepted
    await record.ask("wang", accepted_at=1, state="queued")  # given back to the queue
    first, second = (await read(metrics)).agents
    assert (first.name, first.handled, first.first_response) == ("安然", 3, 180)
    assert first.satisfaction == Satisfaction(mean=4.5, good=1.0, ratings=2)
    assert (second.name, second.handled, second.first_response, second.satisfaction.ratings) == ("未知", 1, None, 0)


async def test_reasons_channels_and_places_come_largest_first(record: Record, metrics: MetricsReader) -> None:
    await record.ask("zhang", reason="complaint")  # where the code was scanned
    await record.ask("zhang", reason="complaint", region="柳河镇")  # what the customer says counts more
    await record.ask("zhang", reason="complaint", region="柳河镇")
    await record.ask("wang", region="柳河镇")
    await record.ask("li")  # a manager's code says nothing of the place
    seen = await read(metrics)
    assert list(seen.reasons.items()) == [("complaint", 3), ("customer_request", 2)]
    assert list(seen.channels.items()) == [("wechat", 4), ("web", 1)]
    assert list(seen.places.items()) == [("柳河镇", 3), ("青石乡", 1)]
    for number in range(12):
        await record.ask("wang", region=f"{number}村")
    assert len((await read(metrics)).places) == 10


async def test_talks_that_needed_no_human(record: Record, metrics: MetricsReader) -> None:
    await record.say("zhang", MORNING, MORNING, MORNING + timedelta(days=1))
    await record.say("li", MORNING)
    await record.say("li", MORNING + timedelta(days=1), direction="outbound", author="bot")
    await record.say("wang", MORNING, kind="event", text="关注公众号")  # followed, and never wrote
    await record.ask("zhang", MORNING)
    await record.ask("zhang", MORNING + timedelta(hours=1))
    seen = await read(metrics, days=3)
    assert seen.talks == TalkMetrics(talks=2, contained=1)
    assert [(d.talks.talks, d.talks.containment) for d in seen.days] == [(2, 0.5), (1, 1.0), (0, None)]
    assert (await read(metrics, days=3, channel="web")).talks.containment == 1.0


async def test_days_begin_at_midnight_in_china(record: Record, metrics: MetricsReader) -> None:
    midnight = datetime(2026, 7, 1, 16, tzinfo=UTC)
    night = midnight - timedelta(milliseconds=1)  # as exact as SQLite is
    await record.ask("zhang", night, is_open=False, accepted_at=600, rating=5)
    await record.say("zhang", night)
    await record.ask("li", midnight, state="returned")
    await record.say("li", midnight)
    first, second, third = (await read(metrics, days=3)).days
    assert (first.day, first.requested, first.handled, first.out_of_hours) == (date(2026, 7, 1), 1, 1, 1)
    assert (second.day, second.requested, second.handled, second.out_of_hours) == (date(2026, 7, 2), 1, 0, 0)
    assert (first.satisfaction.mean, second.satisfaction.mean) == (5, None)
    assert [d.talks.talks for d in (first, second, third)] == [1, 1, 0]
    assert (await read(metrics)).days == (first,)


async def test_hours_are_those_of_china_over_all_days(record: Record, metrics: MetricsReader) -> None:
    for day, hour, wait in ((0, 9, 1), (1, 9, 3), (0, 23, None)):
        answered = {"answered_at": wait} if wait else {"state": "queued"}
        await record.ask("zhang", JULY_1 + timedelta(days=day, hours=hour, minutes=59), **answered)
    hours = (await read(metrics, days=2)).hours
    assert [each.hour for each in hours] == list(range(24))
    assert [(h.hour, h.requested, h.handled, h.first_response) for h in hours if h.requested] == [
        (9, 2, 2, 120),
        (23, 1, 0, None),
    ]


def test_days_of_a_period_that_ends_within_one() -> None:
    assert list(list_days(MORNING, MORNING + timedelta(days=1))) == [date(2026, 7, 1), date(2026, 7, 2)]
    assert list(list_days(JULY_1, JULY_1)) == []


@pytest.mark.parametrize(
    ("region", "source", "place"),
    [
        ("柳河镇", "village:青石乡", "柳河镇"),
        (None, "village:青石乡", "青石乡"),
        ("", "manager:张敏", ""),
        (None, None, ""),
    ],
)
def test_where_a_customer_is(region: str | None, source: str | None, place: str) -> None:
    asked = HandoffFacts(
        "c", 0, None, None, None, False, False, "queued", "complaint", "web", region, source, None, None, None
    )
    assert asked.place == place


async def test_a_talk_is_timed_though_the_customer_had_asked_for_a_call_first(
    record: Record, metrics: MetricsReader
) -> None:
    served: dict[str, Any] = {"accepted_at": 5, "ended_at": 15, "state": "closed"}
    await record.ask("zhang", callback_phone="13800001234", **served)
    await record.ask("li", callback_phone="13800001234", callback_booked_at=10, **served)
    assert (await read(metrics)).handling == Spread(median=600, p90=600)
