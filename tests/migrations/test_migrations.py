"""The migrations lead from nothing to the very tables the code declares."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from desk import audit
from kit.clock import read_clock
from kit.database import Database
from kit.limits import Limit
from kit.settings import ROOT
from kit.shared_limits import open_limiter
from migrations.__main__ import make_config
from migrations.metadata import METADATA
from privacy import ledger
from tests.conftest import POSTGRES
from tests.databases import make_bare_database
from tests.vaults import ENVIRONMENT, VAULT
from tests.waiting import WAIT_SECONDS


@pytest.fixture
async def url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    async with make_bare_database(database_kind, POSTGRES, tmp_path) as made:
        yield made


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url, VAULT)
    try:
        yield database
    finally:
        await database.close()


async def migrate(url: str, revision: str, *, back: bool = False) -> None:
    go = command.downgrade if back else command.upgrade
    await asyncio.to_thread(go, make_config(url, VAULT), revision)  # it runs a loop of its own


async def execute(url: str, statements: str) -> None:
    async with open_database(url) as database, database.engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";")):
            await connection.exec_driver_sql(statement)


async def list_differences(url: str) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": lambda name, *of: "message_words" not in (name or "")}
        context = MigrationContext.configure(connection, opts=options)  # each database has an index of its own kind
        return list(compare_metadata(context, METADATA))

    async with open_database(url) as database, database.engine.connect() as connection:
        return await connection.run_sync(compare)


async def test_from_nothing_and_back(url: str) -> None:
    await migrate(url, "head")
    assert await list_differences(url) == []
    await migrate(url, "base", back=True)
    await migrate(url, "head")


CHANGES = ("DELETE FROM audit_records", "UPDATE ledger_records SET hash = 'x'", "UPDATE audit_records SET hash = 'x'")


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_append_only_is_so_in_a_migrated_database(url: str, change: str) -> None:
    await migrate(url, "head")
    async with open_database(url) as database:
        async with database.transaction() as session:
            await audit.record(session, read_clock(), "s", "unmasked")
            await ledger.record(session, read_clock(), "requested", "c")
        with pytest.raises(DBAPIError, match="append-only"):
            await execute(url, change)


async def test_limits_are_counted_in_a_migrated_database(url: str) -> None:
    await migrate(url, "head")
    async with open_database(url) as database:
        limiter = open_limiter(database)
        tries = [await limiter.take((Limit("tries", 2, 60), "somebody")) for _ in range(3)]
        await limiter.close()
    assert [refused is None for refused in tries] == [True, True, False]


def test_a_database_of_other_code_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("CREATE TABLE alembic_version (version_num TEXT)")
        old.execute("INSERT INTO alembic_version VALUES ('0099')")
    told = subprocess.run(
        [sys.executable, "-m", "migrations"],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"XIAOHE_DATABASE_URL": f"sqlite+aiosqlite:///{path}"},
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert (told.returncode, "begin with a new one" in told.stderr) == (1, True)
