"""SQLite in one trip a statement behaves as SQLAlchemy expects of its driver."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from kit.database import Database
from kit.sqlite import connect
from tests.vaults import VAULT


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/test.db"


async def execute(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_rows_counts_and_keys_come_back(url: str) -> None:
    database = Database(url, VAULT)
    try:
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
            insert = text("INSERT INTO words (word) VALUES (:word)")
            await session.execute(insert, [{"word": word} for word in ("一", "二", "三")])
            returned = await session.execute(text("INSERT INTO words (word) VALUES ('四') RETURNING id, word"))
            assert [tuple(row) for row in returned] == [(4, "四")]
            changed = await session.execute(text("UPDATE words SET word = word || '!' WHERE id > 2"))
            assert changed.rowcount == 2  # type: ignore[attr-defined]
        async with database.reading() as session:
            rows = (await session.execute(text("SELECT word FROM words ORDER BY id"))).scalars().all()
            assert rows == ["一", "二", "三!", "四!"]
            assert (await session.execute(text("SELECT 1 WHERE 1 = 0"))).all() == []
    finally:
        await database.close()


async def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(url: str) -> None:
    database = Database(url, VAULT)
    try:
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE words (word TEXT UNIQUE)"))
        insert = "INSERT INTO words VALUES ('一')"
        with pytest.raises(IntegrityError):
            await execute(database, insert, insert)
        with pytest.raises(OperationalError):
            await execute(database, insert, "SELEKT")
        async with database.reading() as session:
            assert (await session.execute(text("SELECT count(*) FROM words"))).scalar() == 0
    finally:
        await database.close()


async def test_a_transaction_that_writes_goes_to_its_thread_to_begin_and_to_commit_one_that_reads_to_query(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips, execute_there = [], aiosqlite.Connection._execute

    async def count(connection: aiosqlite.Connection, *given: Any) -> Any:
        trips.append(given)
        return await execute_there(connection, *given)  # type: ignore[no-untyped-call]

    database = Database(url, VAULT)
    try:
        await execute(database, "CREATE TABLE words (word TEXT UNIQUE)")
        monkeypatch.setattr(aiosqlite.Connection, "_execute", count)
        await execute(database, *(f"INSERT INTO words VALUES ('{word}')" for word in "一二三四五"))  # noqa: S608
        assert len(trips) == 2
        async with database.reading() as session:
            assert (await session.execute(text("SELECT count(*) FROM words"))).scalar() == 5
        assert len(trips) == 3  # a query may take long, and must not keep the event loop
    finally:
        await database.close()


async def test_who_stops_waiting_for_the_lock_leaves_a_connection_that_works(url: str) -> None:
    ours, other = Database(url, VAULT), Database(url, VAULT)
    try:
        await execute(ours, "CREATE TABLE words (word TEXT UNIQUE)")
        async with other.transaction() as session:
            await session.execute(text("INSERT INTO words VALUES ('一')"))
            waiting = asyncio.create_task(execute(ours, "INSERT INTO words VALUES ('二')"))
            await asyncio.sleep(0.05)
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await execute(ours, "INSERT INTO words VALUES ('三')")
        async with other.transaction() as session:
            assert (await session.execute(text("SELECT word FROM words"))).scalars().all() == ["一", "三"]
    finally:
        await ours.close()
        await other.close()


async def test_a_file_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(sqlite3.OperationalError):
        await connect(f"{tmp_path}/nowhere/test.db")
    assert threading.active_count() == before
