"""What is past its time goes once a day, by one process; what is still needed stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from applications.tables import Application
from conversations.tables import Conversation, Customer, Handoff, Message
from documents.tables import StoredDocument
from privacy.retention import load_retention
from privacy.rights.daily import STALLED_AFTER, DailyRetention
from privacy.rights.expiry import RetentionRunner
from privacy.rights.holds import add_hold
from privacy.tables import RetentionRun
from tests.conversations.talk import sqlite_only
from tests.privacy.rights.world import PHONES, World

YEAR = timedelta(days=366)
LONG = timedelta(days=1200)


async def count(world: World, table: type) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_nothing_goes_before_its_time(world: World) -> None:
    await world.settle()
    assert sum((await RetentionRunner(world.database).run(world.clock.now)).values()) == 0


async def test_everything_goes_in_the_end(world: World) -> None:
    await world.settle()
    await RetentionRunner(world.database).run(world.clock.now + LONG)
    assert await world.find_canaries() == set()
    assert [await count(world, table) for table in (Customer, Conversation, Message, Handoff, Application)] == [0] * 5


async def test_each_kind_goes_at_its_own_time(world: World) -> None:
    await world.settle()
    await RetentionRunner(world.database).run(world.clock.now + YEAR)
    left = {name.split(".")[0] for name in await world.find_canaries()}
    customer = {"customers", "customer_merges", "conversations"}  # as long as there is anything of theirs
    assert left == {"handoffs", "handoff_events", "internal_notes", "data_requests"} | customer
    async with world.database.reading() as session:
        handoff = (await session.scalars(select(Handoff))).one()
    assert (handoff.callback_phone, handoff.callback_wish, bool(handoff.summary)) == (None, None, True)
    async with world.database.reading() as session:
        found = select(Handoff.id).where(Handoff.search_keys.contains(PHONES["zhang"]))
        assert (await session.scalars(found)).all() == [], "nor is it found by its number"


async def test_a_picture_stays_as_long_as_its_application(world: World) -> None:
    await world.settle("zhang", stage="checking")
    await world.settle("wang", stage="checking")
    async with world.database.transaction() as session:
        await session.execute(
            update(StoredDocument)
            .where(StoredDocument.id == "document-wang")
            .values(application_id="application-wang", expires_at=None)
        )
    counts = await RetentionRunner(world.database).run(world.clock.now + YEAR)
    assert counts["document"] == 1
    async with world.database.reading() as session:
        assert (await session.scalars(select(StoredDocument.id))).all() == ["document-wang"]


async def test_a_dry_run_counts_and_deletes_nothing(world: World) -> None:
    await world.settle()
    before = await world.find_canaries()
    counts = await RetentionRunner(world.database).run(world.clock.now + YEAR, is_dry=True)
    assert (counts["conversation"], counts["decision"], counts["callback"], counts["handoff"]) == (5, 2, 1, 0)
    assert await world.find_canaries() == before


async def test_what_somebody_works_on_stays(world: World) -> None:
    await world.settle(stage="checking", acted_at=world.clock.now)
    await RetentionRunner(world.database).run(world.clock.now + LONG)
    assert (await count(world, Message), await count(world, Application)) == (2, 1)


async def test_what_is_held_stays(world: World) -> None:
    conversation = await world.settle()
    async with world.database.transaction() as session:
        customer = await session.scalar(select(Conversation.customer_id).where(Conversation.id == conversation))
        await add_hold(session, str(customer), "诉讼", world.clock.now)
    before = await world.find_canaries()
    await RetentionRunner(world.database).run(world.clock.now + LONG)
    gone = {name for name in before - await world.find_canaries() if not name.startswith("notifications.")}
    assert gone == set()


async def test_a_reply_that_is_younger_than_its_question_outlives_it(world: World) -> None:
    await world.settle()
    async with world.database.transaction() as session:
        question, reply = (await session.scalars(select(Message).order_by(Message.id))).all()
        reply.answers_id, question.at = question.id, world.clock.now - YEAR
    await RetentionRunner(world.database).run(world.clock.now)
    async with world.database.reading() as session:
        assert [message.answers_id for message in await session.scalars(select(Message))] == [None]


class TestDaily:
    async def test_once_a_day_whoever_looks(self, world: World) -> None:
        world.clock.now = datetime(2026, 7, 2, 4, tzinfo=UTC)
        await world.settle()
        first, second = DailyRetention(world.database, world.clock), DailyRetention(world.database, world.clock)
        await first.look()
        await second.look()
        (run,) = await first.list_runs()
        assert (run.day, run.counts["conversation"], run.finished_at) == ("2026-07-02", 0, world.clock.now)
        world.clock.move(days=1)
        await second.look()
        assert [run.day for run in await first.list_runs()] == ["2026-07-03", "2026-07-02"]

    @sqlite_only
    async def test_not_before_its_hour(self, world: World) -> None:
        world.clock.now = datetime(2026, 7, 1, 18, 59, tzinfo=UTC)  # 2:59 in China
        await DailyRetention(world.database, world.clock).look()
        assert await count(world, RetentionRun) == 0

    async def test_a_run_that_was_killed_is_taken_up(self, world: World) -> None:
        daily = DailyRetention(world.database, world.clock)
        await daily.look()
        async with world.database.transaction() as session:
            await session.execute(update(RetentionRun).values(finished_at=None))
        await daily.look()  # it may still run elsewhere
        assert (await daily.list_runs())[0].finished_at is None
        world.clock.move(seconds=STALLED_AFTER.total_seconds() + 1)
        await daily.look()
        assert (await daily.list_runs())[0].finished_at == world.clock.now


@pytest.mark.parametrize(
    ("kind", "period"), [("dialogue", "24小时"), ("callback", "30天"), ("handoff", "3年"), ("ledger", "长期")]
)
def test_periods_as_customers_read_them(kind: str, period: str) -> None:
    assert load_retention().kinds[kind].period == period
