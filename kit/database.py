"""The shared database: one engine a process, one transaction a unit of work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakSet

import asyncpg
from sqlalchemy import DateTime, Dialect, Index, MetaData, Row, TypeDecorator, event, make_url, select, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.selectable import TypedReturnsRows

from kit import sqlite
from kit.vault import Vault

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CLOSE_SECONDS = 5.0
DEADLOCK, DEADLOCK_TRIES = "40P01", 5
# All are kept: opening a connection for a rush costs more than its queries.
POOL = {"pool_size": 15, "max_overflow": 0}
Columns = TypeVarTuple("Columns")
Result = TypeVar("Result")


class Base(DeclarativeBase):
    """Parent of every table; named constraints so that migrations can change them."""

    metadata = MetaData(naming_convention=NAMES)


def index_where(condition: str, name: str, *columns: str, is_unique: bool = False) -> Index:
    """An index on the rows that meet a condition."""
    where = text(condition)
    return Index(name, *columns, unique=is_unique, sqlite_where=where, postgresql_where=where)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite alone would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Hands out transactions. Connects on first use.

    Encrypted columns can be read and written with a `vault` only.
    """

    def __init__(self, url: str, vault: Vault | None = None, *, statement_seconds: float = 10) -> None:
        self._opened: WeakSet[asyncpg.Connection] = WeakSet()
        self._is_closed = False
        self.engine = _create_engine(url, statement_seconds, self._connect)
        setattr(self.engine.dialect, "vault", vault)  # noqa: B010 (where kit/encrypted.py's columns look for it)
        # SQLite has one writer at a time: those of this process queue here, in order, instead of polling the
        # file's lock.
        self._turn_to_write = asyncio.Lock() if url.startswith("sqlite") else nullcontext()
        self._in_use = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        # PostgreSQL would show each query of a block another moment.
        is_sqlite = url.startswith("sqlite")
        moment: Any = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(xiaohe_reading=True, **moment)
        # A single query sees one moment by itself; BEGIN and ROLLBACK would be two more trips.
        self._single = self.engine.execution_options(
            **({"xiaohe_single": True} if is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        self._fetching = self._reading if is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def asyncpg_options(self) -> dict[str, Any]:
        """What SQLAlchemy itself would give to asyncpg, so that every form of URL means the same."""
        return dict(self.engine.dialect.create_connect_args(self.engine.url)[1])

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end of the block, rolled back when it raises."""
        async with (
            self._use(),
            self._turn_to_write,
            AsyncSession(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A read-only transaction that sees one moment; on SQLite it does not wait for writers."""
        async with self._use(), AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    async def fetch(self, query: TypedReturnsRows[*Columns]) -> Sequence[Row[*Columns]]:
        """The rows of one query, read by itself."""
        async with self._use(), AsyncSession(self._fetching) as session:
            return (await session.execute(query)).all()

    async def run(self, statement: TypedReturnsRows[*Columns], values: Mapping[str, Any]) -> Sequence[Row[*Columns]]:
        """What one statement that changes something returns; the statement is a transaction by itself."""
        async with self._use(), self._turn_to_write, self._single.connect() as connection:
            return (await connection.execute(statement, values)).all()

    async def check(self) -> bool:
        """Whether the database answers."""
        return bool(await self.fetch(select(1)))

    async def close(self) -> None:
        """Closes all connections, once what is under way has ended; then nothing begins any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._is_idle.wait()
        self._is_closed = True
        await self.engine.dispose()
        # SQLAlchemy loses a connection whose user is cancelled while the pool makes it or takes it back.
        for connection in self._opened:
            connection.terminate()
        await asyncio.sleep(0)  # until then their sockets stay open

    async def _connect(self, *arguments: Any, **options: Any) -> asyncpg.Connection:
        connection = await asyncpg.connect(*arguments, **options)
        self._opened.add(connection)
        return connection

    @asynccontextmanager
    async def _use(self) -> AsyncIterator[None]:
        if self._is_closed:
            raise RuntimeError("the database is closed")  # SQLAlchemy's pool would begin anew
        self._in_use += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._in_use -= 1
            if not self._in_use:
                self._is_idle.set()


async def retry_deadlocks(act: Callable[[], Awaitable[Result]]) -> Result:
    """Does an act again if PostgreSQL ended its transaction, as it and another one waited for each other."""
    for _ in range(DEADLOCK_TRIES - 1):
        try:
            return await act()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != DEADLOCK:
                raise
    return await act()


def _create_engine(
    url: str, statement_seconds: float, connect: Callable[..., Awaitable[asyncpg.Connection]]
) -> AsyncEngine:
    """`connect`: makes a connection to PostgreSQL."""
    if not url.startswith("sqlite"):
        # A process frozen in the middle of a transaction must not block all others.
        limits = {"lock_timeout": "4s", "idle_in_transaction_session_timeout": "10s"}
        options = {"timeout": 3, "command_timeout": statement_seconds, "server_settings": limits}
        engine = create_async_engine(
            url, hide_parameters=True, pool_timeout=3, connect_args=options | {"async_creator_fn": connect}, **POOL
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine
    options = {"timeout": 5, "isolation_level": None, "check_same_thread": False}
    file = make_url(url).database or ":memory:"
    pool = {} if file == ":memory:" else POOL
    engine = create_async_engine(
        url,
        hide_parameters=True,
        async_creator=lambda: sqlite.connect(file, **options),
        pool_reset_on_return=None,
        **pool,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        # Without recursive triggers INSERT OR REPLACE deletes rows of tables that refuse it (kit/append_only.py).
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "recursive_triggers=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("xiaohe_single"):
            return  # SQLite begins and commits for each statement by itself
        # A deferred transaction that starts to write fails at once if another writes; an immediate one waits.
        if options.get("xiaohe_reading"):
            connection.connection.driver_connection.begin_reading()
        else:
            connection.exec_driver_sql(sqlite.BEGIN_WRITING)

    return engine


def _refuse_closed(connection: Any, record: Any, fairy: Any) -> None:
    # SQLAlchemy's own ping takes three trips to the server, a third of all; asyncpg knows without asking.
    if connection.driver_connection.is_closed():
        raise DisconnectionError  # it alone is opened anew
