"""Moments, transactions, and two who write at once, on both kinds of database."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from conversations.tables import Conversation, Customer
from kit.database import Database, retry_deadlocks
from tests.conftest import KINDS
from tests.vaults import VAULT

CHINA = timezone(timedelta(hours=8))
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_kind", [kind for kind in KINDS if kind != "sqlite"], indirect=True)
END_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def make_customer(user: str = "one", at: datetime = datetime(2026, 7, 1, tzinfo=UTC)) -> Customer:
    return Customer(id=str(uuid.uuid4()), channel="web", channel_user_id=user, created_at=at)


async def count_customers(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Customer)) or 0


async def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    in_china = datetime(2026, 7, 1, 7, 30, 15, 123456, CHINA)
    async with database.transaction() as session:
        session.add(make_customer(at=in_china))
    async with database.reading() as session:
        read = (await session.scalars(select(Customer.created_at))).one()
    assert read == in_china
    assert read.utcoffset() == timedelta(0)
    assert read.isoformat() == "2026-06-30T23:30:15.123456+00:00"


@sqlite_only
async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        async with database.transaction() as session:
            session.add(make_customer(at=datetime(2026, 7, 1)))  # noqa: DTZ001
    assert await count_customers(database) == 0


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def write_and_give_up() -> None:
        async with database.transaction() as session:
            session.add(make_customer())
            await session.flush()
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await write_and_give_up()
    assert await count_customers(database) == 0


async def test_one_statement_is_a_transaction_by_itself(database: Database, other: Database) -> None:
    row = {"id": "1", "channel": "web", "channel_user_id": "one", "created_at": datetime(2026, 7, 1, tzinfo=UTC)}
    added = insert(Customer).returning(Customer.id)
    assert [found.id for found in await database.run(added, row)] == ["1"]
    assert await count_customers(other) == 1
    with pytest.raises(IntegrityError):
        await database.run(added, row)
    await database.run(added, {**row, "id": "2", "channel_user_id": "two"})  # the failure left nothing open
    assert await count_customers(other) == 2


@sqlite_only
async def test_one_statement_waits_for_another_writer(database: Database, other: Database) -> None:
    row = {"id": "1", "channel": "web", "channel_user_id": "one", "created_at": datetime(2026, 7, 1, tzinfo=UTC)}
    added = insert(Customer).returning(Customer.id)
    async with other.transaction() as session:
        session.add(make_customer("other"))
        await session.flush()
        waiting = asyncio.create_task(database.run(added, row))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert len(await waiting) == 1
    assert await count_customers(database) == 2


async def test_what_refers_to_nothing_is_refused(database: Database) -> None:
    orphan = Conversation(id="1", customer_id="nobody", holder="bot", created_at=datetime(2026, 7, 1, tzinfo=UTC))
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            session.add(orphan)


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


@postgresql_only
async def test_connections_that_the_server_ended_are_replaced(database: Database, other: Database) -> None:
    await asyncio.gather(*(database.check() for _ in range(5)))
    async with other.reading() as session:
        assert await session.scalar(END_OTHERS) >= 5
    await asyncio.sleep(0)  # the loop hears of it
    assert all(await asyncio.gather(*(database.check() for _ in range(5))))
    assert await count_customers(database) == 0


async def test_two_writers_wait_for_each_other(database: Database, other: Database) -> None:
    async def write(mine: Database, users: list[str]) -> None:
        for user in users:
            async with mine.transaction() as session:
                await session.scalars(select(Customer))  # reads before it writes: the order that a lock breaks on
                session.add(make_customer(user))
                await session.flush()
                await asyncio.sleep(0.005)

    names = [str(n) for n in range(20)]
    await asyncio.gather(write(database, names[:10]), write(other, names[10:]))
    assert await count_customers(database) == 20


@sqlite_only
async def test_readers_do_not_wait_for_a_writer(database: Database, other: Database) -> None:
    async with database.transaction() as session:
        session.add(make_customer())
        await session.flush()
        began = time.monotonic()
        assert await count_customers(other) == 0
        assert await other.check()
        assert time.monotonic() - began < 1
    assert await count_customers(other) == 1


async def test_check_asks_the_database(database: Database) -> None:
    assert await database.check() is True


async def test_check_fails_when_it_is_away() -> None:
    for url in ("sqlite+aiosqlite:////nowhere/at/all.db", "postgresql+asyncpg://nobody@127.0.0.1:1/none"):
        away = Database(url, VAULT)
        with pytest.raises(Exception, match=r"unable to open|refused|Connect call failed|multiple exceptions"):
            await away.check()
        await away.close()


async def test_the_queries_of_a_block_see_one_moment(database: Database) -> None:
    async with database.reading() as session:
        count = select(func.count()).select_from(Customer)
        before = await session.scalar(count)
        async with database.transaction() as other:
            other.add(make_customer())
        assert await session.scalar(count) == before
    assert await count_customers(database) == 1


async def test_closing_waits_for_what_is_under_way(database_url: str) -> None:
    database, has_begun, may_end = Database(database_url, VAULT), asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with database.transaction() as session:
            session.add(make_customer())
            await session.flush()
            has_begun.set()
            await may_end.wait()

    writing = asyncio.create_task(write())
    await has_begun.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    may_end.set()
    await asyncio.gather(writing, closing)
    for begin in (database.check, write):  # a connection made now would never be closed
        with pytest.raises(RuntimeError, match="closed"):
            await begin()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_closing_ends_connections_that_the_pool_lost(database_url: str) -> None:
    database = Database(database_url)
    lost = await database.engine.raw_connection()
    driver = lost.driver_connection
    assert driver is not None
    lost.detach()
    await database.close()
    assert driver.is_closed()


@sqlite_only
async def test_the_file_is_set_up_for_several_processes(database: Database) -> None:
    async with database.reading() as session:
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_what_waited_in_a_circle_is_done_again(database: Database) -> None:
    both_hold, tries = asyncio.Barrier(2), 0

    async def act(first: int, second: int) -> int:
        nonlocal tries
        tries += 1
        is_first_try = tries <= 2
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": first})
            if is_first_try:
                await both_hold.wait()
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": second})
        return first

    acts = [retry_deadlocks(partial(act, 1, 2)), retry_deadlocks(partial(act, 2, 1))]
    assert list(await asyncio.gather(*acts)) == [1, 2]
    assert tries == 3


async def test_what_failed_otherwise_is_not_done_again(database: Database) -> None:
    tries = 0

    async def act() -> None:
        nonlocal tries
        tries += 1
        async with database.transaction() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        await retry_deadlocks(act)
    assert tries == 1
