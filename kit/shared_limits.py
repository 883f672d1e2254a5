"""Limits that several processes share: counted in PostgreSQL, with one statement."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
from sqlalchemy import Connection, Float, String, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, Database
from kit.limits import Limit, Limiter, MemoryLimiter, Refused, name_key

log = logging.getLogger(__name__)

# Counts in all limits or in none. Returns null, or the number of the limit that is reached and the seconds to wait.
# Rows are locked in the given order; a caller names the narrower limit first, so that no two wait for each other.
TAKE_LIMITS = """
CREATE FUNCTION take_limits(keys text[], steps float8[], spans float8[], at_moment float8) RETURNS float8[]
LANGUAGE plpgsql AS $$
DECLARE
    now_at float8 := coalesce(at_moment, extract(epoch FROM clock_timestamp()));
    kept_at float8;
    waits float8;
BEGIN
    FOR i IN 1 .. cardinality(keys) LOOP
        INSERT INTO limits (key, full_at) VALUES (keys[i], now_at) ON CONFLICT (key) DO NOTHING;
        SELECT full_at INTO kept_at FROM limits WHERE key = keys[i] FOR UPDATE;
        waits := greatest(coalesce(kept_at, now_at), now_at) + steps[i] - now_at - spans[i];
        IF waits > 1e-6 THEN
            RETURN ARRAY[i, waits];
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(keys) LOOP
        UPDATE limits SET full_at = greatest(full_at, now_at) + steps[i] WHERE key = keys[i];
    END LOOP;
    RETURN NULL;
END $$
"""
DROP_TAKE_LIMITS = "DROP FUNCTION take_limits(text[], float8[], float8[], float8)"
_TAKE = "SELECT take_limits($1, $2, $3, $4)"
_SWEEP = """
DELETE FROM limits WHERE key IN (
    SELECT key FROM limits WHERE full_at < extract(epoch FROM clock_timestamp()) FOR UPDATE SKIP LOCKED
)
"""
# Lost after a crash, when counting begins anew; in return no message waits for the disk.
KEEP_UNLOGGED = "ALTER TABLE limits SET UNLOGGED"


class LimitRow(Base):
    """What is used of a limit by one key: all of it is free again at `full_at`, in seconds since 1970.

    Only PostgreSQL counts here, a single process on SQLite in its memory.
    """

    __tablename__ = "limits"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    full_at: Mapped[float] = mapped_column(Float(53))


@event.listens_for(LimitRow.__table__, "after_create")
def _make_function(table: Table, connection: Connection, **options: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(KEEP_UNLOGGED)
        connection.exec_driver_sql(TAKE_LIMITS)


def open_limiter(database: Database) -> Limiter:
    """The limiter that fits the database."""
    return MemoryLimiter() if database.engine.dialect.name == "sqlite" else PostgresLimiter(database)


class PostgresLimiter:
    """Counts in the database that all processes share, over a connection of its own: one statement each time.

    While the database does not answer, this process counts by itself: customers are never refused for that.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] | None = None,  # None: the database's, the same for all
        *,
        answer_seconds: float = 1.0,
        retry_seconds: float = 2.0,
    ) -> None:
        self._options = database.asyncpg_options
        self._clock = clock
        self._answer_seconds = answer_seconds
        self._retry_seconds = retry_seconds
        self._local = MemoryLimiter(clock or time.time)
        self._lock = asyncio.Lock()
        self._connection: Any = None
        self._retry_at = 0.0
        self._is_closed = False

    async def take(self, *asked: tuple[Limit, str], cost: float = 1) -> Refused | None:
        """See Limiter.take."""
        if time.monotonic() >= self._retry_at:
            keys = [name_key(limit, subject) for limit, subject in asked]
            steps = [cost * limit.seconds / limit.times for limit, _ in asked]
            spans = [float(limit.seconds) for limit, _ in asked]
            try:
                refused = await self._ask("fetchval", _TAKE, keys, steps, spans, self._clock and self._clock())
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self._give_up(error)
            else:
                return Refused(asked[int(refused[0]) - 1][0], refused[1]) if refused else None
        return await self._local.take(*asked, cost=cost)

    async def sweep(self) -> None:
        """See Limiter.sweep."""
        await self._local.sweep()
        await self._ask("execute", _SWEEP)

    async def close(self) -> None:
        """See Limiter.close."""
        self._is_closed = True
        async with self._lock:  # a connection may just be being made
            if self._connection is not None:
                with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await self._connection.close(timeout=self._answer_seconds)
                self._connection = None

    async def _ask(self, method: str, *arguments: Any) -> Any:
        async with asyncio.timeout(self._answer_seconds), self._lock:
            if self._is_closed:
                raise asyncpg.InterfaceError("the limiter is closed")
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(**self._options)
                return await getattr(self._connection, method)(*arguments)
            except BaseException:
                if self._connection is not None:
                    self._connection.terminate()
                    self._connection = None
                raise

    def _give_up(self, error: Exception) -> None:
        self._retry_at = time.monotonic() + self._retry_seconds
        log.error("limits are counted by this process alone for now: %s", type(error).__name__)
