"""The history leads from nothing, and from every earlier version, to the very tables the code declares."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from kit.database import Database
from migrations.__main__ import make_config
from migrations.metadata import METADATA
from tests.conftest import make_empty_database

SAID = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, created_at) VALUES ('v', 'c', 'bot', '2026-07-01');
INSERT INTO messages (conversation_id, direction, sender, text, channel_message_id, at)
    VALUES ('v', 'inbound', 'customer', '你好', 'message-1', '2026-07-01');
"""


@pytest.fixture
async def url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    async with make_empty_database(database_kind, tmp_path) as made:
        yield made


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def migrate(url: str, revision: str, *, back: bool = False) -> None:
    go = command.downgrade if back else command.upgrade
    await asyncio.to_thread(go, make_config(url), revision)  # it runs a loop of its own


async def list_differences(url: str) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with open_database(url) as database, database.engine.connect() as connection:
        return await connection.run_sync(compare)


async def test_from_nothing(url: str) -> None:
    await migrate(url, "head")
    assert await list_differences(url) == []


async def test_from_the_first_record_with_something_in_it_and_back(url: str) -> None:
    await migrate(url, "0001")
    async with open_database(url) as database, database.engine.begin() as connection:
        for statement in filter(str.strip, SAID.split(";")):
            await connection.execute(text(statement))
    await migrate(url, "head")
    assert await list_differences(url) == []
    async with open_database(url) as database, database.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT text, kind, attempts, answered_at FROM messages"))).all()
    assert [(row.text, row.kind, row.attempts) for row in rows] == [("你好", "text", 0)]
    assert rows[0].answered_at, "what was said before must not be answered now"
    await migrate(url, "0001", back=True)
    await migrate(url, "head")
