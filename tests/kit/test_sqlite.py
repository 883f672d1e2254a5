"""SQLite in one trip a statement behaves as SQLAlchemy expects of its driver."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from kit.database import Database


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/test.db"


async def execute(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_rows_counts_and_keys_come_back(url: str) -> None:
    database = Database(url)
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
    database = Database(url)
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
