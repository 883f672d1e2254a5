"""What unanswered questions cost, on both kinds of database."""

from datetime import timedelta

from sqlalchemy import update

from conversations.inbox import Inbox
from conversations.schemas import HandoffRequest
from conversations.service import Conversations
from conversations.tables import Handoff
from kit.database import Database
from tests.conversations.talk import talk
from tests.fakes import FixedClock
from tests.unanswered.test_collector import NOTHING, HashedVectors, ask
from unanswered.collector import Collector
from unanswered.costs import list_costs, read_metrics

DAY = timedelta(days=1)


async def hand_over(database: Database, inbox: Inbox, conversation: str, text: str, clock: FixedClock) -> None:
    request = HandoffRequest(reason="not_understood")
    await talk(inbox, conversation, text, "给您转人工", choice=NOTHING, handoff=request)
    clock.move(seconds=30)


async def test_handoffs_and_minutes_of_a_period(
    database: Database, record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    begin = clock.now
    await ask(inbox, conversation, "年报去哪里看", clock)
    await hand_over(database, inbox, conversation, "收不收古董字画", clock)
    another = (await record.open_conversation("web", "another")).id
    await hand_over(database, inbox, another, "收不收古董字画呀", clock)
    accepted = clock.now + timedelta(minutes=1)
    times = {"accepted_at": accepted, "ended_at": accepted + timedelta(minutes=12, microseconds=123_456)}
    async with database.transaction() as session:
        await session.execute(update(Handoff).where(Handoff.conversation_id == conversation).values(times))
        called = {**times, "callback_booked_at": accepted}  # how long the call took is not known
        await session.execute(update(Handoff).where(Handoff.conversation_id == another).values(called))
    await Collector(database, HashedVectors(), clock).look()
    async with database.reading() as session:
        costs = await list_costs(session, begin, begin + DAY, 10)
        first = await list_costs(session, begin, begin + DAY, 1)
        metrics = await read_metrics(session, begin, begin + DAY)
        later = await read_metrics(session, begin + DAY, begin + 2 * DAY)
        assert await list_costs(session, begin + DAY, begin + 2 * DAY, 10) == []
    shown = [(each.title, each.asked, each.handoffs, each.seconds) for each in costs]
    assert shown == [("收不收古董字画", 2, 2, 720), ("年报去哪里看", 1, 0, 0)]
    assert first == costs[:1]
    assert (metrics.asked, metrics.handoffs, metrics.seconds, metrics.new) == (3, 2, 720, 2)
    assert metrics.largest == costs[0]
    assert (later.asked, later.handoffs, later.seconds, later.new, later.largest) == (0, 0, 0, 0, None)
