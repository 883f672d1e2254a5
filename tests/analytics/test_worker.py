"""Days are counted from the record, once by several processes, and again when more is known; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete

from analytics import repository
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.tables import CountedDay
from analytics.worker import PAUSE, STALLED_AFTER, CountingWorker
from conversations.inbox import Inbox
from conversations.schemas import Answer, HandoffRequest, Reply
from conversations.service import Conversations
from conversations.tables import Message
from kit.clock import CHINA
from kit.database import Database
from tests.conversations.talk import talk
from tests.fakes import FixedClock
from tests.vaults import VAULT

ANSWERED = {"act": "answer", "entry_id": "card-lost"}
JULY_1, JULY_2 = date(2026, 7, 1), date(2026, 7, 2)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 7, 1, 23, 50, tzinfo=CHINA))


@pytest.fixture
def worker(database: Database, clock: FixedClock) -> CountingWorker:
    return CountingWorker(database, clock)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


async def ask(inbox: Inbox, conversation: str, text: str = "卡丢了") -> Answer:
    return await talk(inbox, conversation, text, Reply(text="请马上挂失。", entry="card-lost@1"), choice=ANSWERED)


async def read(database: Database, day: date = JULY_1) -> QuestionMetrics:
    async with database.reading() as session:
        return await repository.sum_questions(session, day, day)


async def test_a_day_and_its_entries(
    database: Database,
    record: Conversations,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    worker: CountingWorker,
) -> None:
    await ask(inbox, conversation)
    clock.move(minutes=1)
    request = HandoffRequest(reason="customer_request")
    await talk(inbox, conversation, "转人工", "好", choice={"act": "request_human"}, handoff=request)
    another = (await record.open_conversation("web", "another")).id
    await ask(inbox, another)
    await worker.look()
    assert await read(database) == QuestionMetrics(asked=2, answered=2, right=1, talks=2, contained=1)
    async with database.reading() as session:
        entries = await repository.sum_entries(session, JULY_1, JULY_2)
    assert entries == {"card-lost": EntryMetrics(answers=2, right=1, talks=2, contained=1)}


async def test_what_follows_after_midnight_and_a_late_thumb_are_learned(
    database: Database,
    record: Conversations,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    worker: CountingWorker,
) -> None:
    clock.move(minutes=9)
    answer = await ask(inbox, conversation)
    await worker.look()
    assert (await read(database)).right == 1
    clock.move(minutes=5)
    await talk(inbox, conversation, "答非所问", "抱歉", choice={"act": "apologise"})
    await worker.look()
    assert (await read(database)).right == 0
    clock.move(days=3)
    await worker.look()
    assert (await read(database)).down == 0
    await record.give_thumb(conversation, answer.replies[0].id, "down")
    clock.move(minutes=5)
    await worker.look()
    assert (await read(database)).down == 1


async def test_days_over_and_empty_ones_are_counted_once(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, worker: CountingWorker
) -> None:
    await ask(inbox, conversation)
    clock.move(days=3)
    await worker.look()
    async with database.reading() as session:
        counted = await repository.list_counted(session)
    assert list(counted) == [JULY_1 + timedelta(days=days) for days in range(4)]
    clock.move(days=1)
    await worker.look()
    async with database.reading() as session:
        again = await repository.list_counted(session)
    assert [counted[day] == again[day] for day in counted] == [True, True, True, False]


async def test_several_processes_count_a_day_once(
    database: Database, elsewhere: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await ask(inbox, conversation)
    workers = [CountingWorker(each, clock) for each in (database, elsewhere, database)]
    await asyncio.gather(*(worker.look() for worker in workers))
    assert (await read(database)).asked == 1
    async with database.transaction() as session:
        assert not await repository.claim_day(session, JULY_1, clock.now, PAUSE, STALLED_AFTER)


async def test_a_process_that_died_is_followed_by_another(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, worker: CountingWorker
) -> None:
    await ask(inbox, conversation)
    async with database.transaction() as session:
        assert await repository.claim_day(session, JULY_1, clock.now, PAUSE, STALLED_AFTER)
    first = clock.now
    clock.move(minutes=10)
    await worker.look()
    assert (await read(database)).asked == 0
    clock.move(minutes=6)
    await worker.look()
    assert (await read(database)).asked == 1
    async with database.transaction() as session:  # the first one was only slow: what it counted is older
        await repository.keep_day(session, JULY_1, QuestionMetrics(asked=7), {}, first)
    assert (await read(database)).asked == 1


async def test_numbers_outlive_the_record(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, worker: CountingWorker
) -> None:
    await ask(inbox, conversation)
    clock.move(days=2)
    await worker.look()
    async with database.transaction() as session:
        await session.execute(delete(Message))
    clock.move(minutes=5)
    await worker.look()
    assert (await read(database)).asked == 1
    columns = {column.name for column in CountedDay.__table__.columns}
    assert columns == {"day", "started_at", "counted_at", *QuestionMetrics.model_fields}
