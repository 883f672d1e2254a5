"""Where signals come from: PostgreSQL's LISTEN and NOTIFY, or a table of a SQLite file that every process polls."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import bindparam, delete, func, select

from kit.clock import Clock
from kit.database import Database
from kit.tables import SignalRow

log = logging.getLogger(__name__)

POSTGRES_CHANNEL = "xiaohe"
KEPT_FOR = timedelta(seconds=60)
Receive = Callable[..., None]  # subject, kind, by

_signals = SignalRow.metadata.tables[SignalRow.__tablename__]
# Built once: it runs twenty times a second.
_NEWER = (
    select(_signals.c.id, _signals.c.subject, _signals.c.kind, _signals.c.by)
    .where(_signals.c.id > bindparam("last"))
    .order_by(_signals.c.id)
)


class SqliteSource:
    """Polls the table of signals.

    SQLite has one writer at a time, so numbers become visible in order and none below the last seen comes later.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        receive: Receive,
        resync: Callable[[], None],
        retry_seconds: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._receive = receive
        self._resync = resync
        self._retry_seconds = retry_seconds
        self._last: int | None = None
        self._polled_at: datetime | None = None

    async def poll(self) -> None:
        """Delivers the signals since the last poll."""
        now = self._clock()
        if self._polled_at and now - self._polled_at > KEPT_FOR / 2:
            self._last = None  # this process was frozen, and others may have swept signals it has not seen
        self._polled_at = now
        try:
            await self._read()
        except Exception:
            self._last = None
            await asyncio.sleep(self._retry_seconds)
            raise

    async def sweep(self) -> None:
        """Deletes what every process has seen."""
        async with self._database.transaction() as session:
            await session.execute(delete(SignalRow).where(SignalRow.at < self._clock() - KEPT_FOR))

    async def _read(self) -> None:
        async with self._database.reading() as session:
            if self._last is None:
                self._last = await session.scalar(select(func.max(SignalRow.id))) or 0
                self._resync()
                return
            for number, subject, kind, by in await session.execute(_NEWER, {"last": self._last}):
                self._last = number
                self._receive(subject, kind, by)


class PostgresSource:
    """A connection of its own that listens."""

    def __init__(self, database: Database, receive: Receive, resync: Callable[[], None], answer_seconds: float) -> None:
        self._options = database.asyncpg_options
        self._receive = receive
        self._resync = resync
        self._answer_seconds = answer_seconds
        self._connection: Any = None
        self.lost = asyncio.Event()

    async def check(self) -> None:
        """Connects when there is no connection; otherwise asks whether it is alive, since a dead one says nothing."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                if self._connection is None or self._connection.is_closed():
                    await self._connect()
                else:
                    await self._connection.execute("select 1")
        except Exception:
            if self._connection is not None:
                self._connection.terminate()
                self._connection = None
            raise

    async def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=self._answer_seconds)

    async def _connect(self) -> None:
        if self._connection is not None:
            log.warning("the connection that receives signals was lost; a new one is made")
        self._connection = await asyncpg.connect(**self._options)
        self._connection.add_termination_listener(lambda connection: self.lost.set())
        await self._connection.add_listener(POSTGRES_CHANNEL, self._take)
        self._resync()

    def _take(self, connection: Any, process: int, channel: str, payload: str) -> None:
        try:
            self._receive(**json.loads(payload))
        except (TypeError, ValueError):
            log.warning("a notification is no signal")
