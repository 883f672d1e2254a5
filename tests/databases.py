"""Empty databases for tests, of either kind, made faster than by creating every table anew.

SQLite: a file copied from a template. PostgreSQL: one database a test process, emptied before each test.
"""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from kit.database import Database
from migrations.metadata import METADATA
from tests.vaults import VAULT

# Connections that an earlier test left open would hold locks. The order of deletion follows the foreign keys.
EMPTY = "; ".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",  # audit records cannot be deleted otherwise
        "DELETE FROM message_words",
        *(f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables)),  # noqa: S608 (our own names)
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


@contextmanager
def shared_statements() -> Iterator[None]:
    """Engines of one kind share their compiled statements.

    Otherwise each test, with an engine of its own, compiles them all anew and leaves them to the garbage collector:
    a third of the tests' time.
    """
    compiled: LRUCache[Any, Any] = LRUCache(10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", property(lambda self: compiled, lambda self, own: None), raising=False)
        for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        yield


class SqliteDatabases:
    """Copies of one file with all tables."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        asyncio.run(_create_tables(_sqlite_url(self._template)))

    async def make(self, folder: Path) -> str:
        """The URL of an empty database in a folder."""
        return _sqlite_url(Path(shutil.copy(self._template, folder / "test.db")))


class PostgresDatabases:
    """One database with all tables; `close` drops it."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"xiaohe_{uuid.uuid4().hex}"
        self._url = f"{server.rsplit('/', 1)[0]}/{self._name}"
        asyncio.run(self._create())

    async def make(self, folder: Path) -> str:
        """The URL of the database, which is empty now."""
        connection = await asyncpg.connect(self._url)
        await connection.execute(EMPTY)
        await connection.close()
        return self._url.replace("postgresql://", "postgresql+asyncpg://")

    def close(self) -> None:
        """Drops the database."""
        asyncio.run(_execute(self._server, f"DROP DATABASE {self._name} WITH (FORCE)"))

    async def _create(self) -> None:
        # Nothing here has to survive a power cut: commits need not wait for the disk.
        await _execute(self._server, f"CREATE DATABASE {self._name}")
        await _execute(self._server, f"ALTER DATABASE {self._name} SET synchronous_commit = off")
        await _create_tables(self._url.replace("postgresql://", "postgresql+asyncpg://"))


@asynccontextmanager
async def make_bare_database(kind: str, server: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a database without tables, which is gone afterwards."""
    if kind == "sqlite":
        yield _sqlite_url(folder / "test.db")
        return
    name = f"xiaohe_{uuid.uuid4().hex}"
    await _execute(server, f"CREATE DATABASE {name}")
    yield f"{server.rsplit('/', 1)[0]}/{name}".replace("postgresql://", "postgresql+asyncpg://")
    await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def answers(server: str) -> bool:
    """Whether a PostgreSQL server answers."""
    try:
        await _execute(server, "SELECT 1", seconds=2)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    return True


async def _execute(url: str, statement: str, seconds: float = 30) -> None:
    connection = await asyncpg.connect(url, timeout=seconds)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _create_tables(url: str) -> None:
    # As the migrations would make them (tests/migrations shows that they do).
    opened = Database(url, VAULT)
    async with opened.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await opened.close()


def _sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"
