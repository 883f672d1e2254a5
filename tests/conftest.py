"""Fixtures for every test: a database of either kind, empty and with all tables."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from conversations.outbox import Outbox
from kit.database import Database
from migrations.metadata import METADATA
from tests.fakes import FixedClock

POSTGRES = os.environ.get("XIAOHE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")


async def _has_postgres() -> bool:
    try:
        connection = await asyncpg.connect(POSTGRES, timeout=2)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


# A user's machine needs no PostgreSQL; in CI its absence is a failure, not a reason to test less.
KINDS = ["sqlite", "postgresql"] if os.environ.get("CI") or asyncio.run(_has_postgres()) else ["sqlite"]


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@asynccontextmanager
async def make_empty_database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a database without tables, which is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/test.db"
        return
    name = f"xiaohe_{uuid.uuid4().hex}"
    server = await asyncpg.connect(POSTGRES)
    await server.execute(f"CREATE DATABASE {name}")
    yield POSTGRES.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://") + f"/{name}"
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest.fixture
async def database_url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database with all tables."""
    async with make_empty_database(database_kind, tmp_path) as url:
        await create_tables(url)
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def outbox(database: Database, clock: FixedClock) -> Outbox:
    return Outbox(database, clock)


async def create_tables(url: str) -> None:
    """All tables, as the migrations would make them (tests/migrations shows that they do)."""
    opened = Database(url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await opened.close()
