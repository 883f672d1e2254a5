"""How processes hear of each other: signals told through the database they share.

PostgreSQL tells at once (LISTEN and NOTIFY). One SQLite file is looked at twenty times a second; a signal stays in it
for a minute. A signal says that something is new and where, never what: the record says that.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.tables import NewsItem

log = logging.getLogger(__name__)

CHANNEL = "xiaohe"
NOTIFY = text("select pg_notify(:channel, :payload)")
INSERT = insert(NewsItem.metadata.tables[NewsItem.__tablename__])
PENDING_MAX = 1000
# PostgreSQL: how often it is asked whether it is still there, and how soon to connect again after a failure.
CHECK_SECONDS = 2.0
ANSWER_SECONDS = 3.0
# SQLite: how often the table is looked at, and the pause after a failure.
LOOK_SECONDS = 0.05
PAUSE_SECONDS = 1.0
KEEPING_TIME = timedelta(seconds=60)
SWEEP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Signal:
    """Something is new in a topic: a conversation's id (64 characters at most), or a word such as `desk`.

    `kind` (16 at most) is such as `message` or `typing`; `by` (64 at most) who it is about, if anybody. The kind
    `resync` says that signals of the topic may have been missed: read its record anew.
    """

    topic: str
    kind: str
    by: str = ""


async def publish(session: AsyncSession, *signals: Signal) -> None:
    """Told to every process, this one too, once the session's transaction commits."""
    if session.get_bind().dialect.name == "sqlite":
        now = read_clock()
        await session.execute(INSERT, [{**asdict(signal), "at": now} for signal in signals])
        return
    for signal in signals:
        await session.execute(NOTIFY, {"channel": CHANNEL, "payload": json.dumps(asdict(signal))})


class Listener:
    """Collects the signals of the topics it follows until it is asked for them."""

    def __init__(self, listeners: defaultdict[str, set["Listener"]]) -> None:
        self._listeners = listeners
        self._topics: set[str] = set()
        self._pending: dict[Signal, None] = {}  # in order, each once
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> list[Signal]:
        """What came since the last call, in order and each once; empty after so many seconds without any."""
        if not self._pending:
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        came = list(self._pending)
        self._pending.clear()
        return came

    def follow(self, topic: str) -> None:
        """From now on, its signals too."""
        self._topics.add(topic)
        self._listeners[topic].add(self)

    def unfollow(self, topic: str) -> None:
        """No more of its signals, not even those that came already."""
        self._topics.discard(topic)
        self._listeners[topic].discard(self)
        if not self._listeners[topic]:
            del self._listeners[topic]
        self._pending = {signal: None for signal in self._pending if signal.topic != topic}

    def leave(self) -> None:
        """Follows nothing any more."""
        for topic in list(self._topics):
            self.unfollow(topic)

    def hear(self, signal: Signal) -> None:
        """Keeps a signal; when there are too many, all give way to a resync of every topic."""
        if len(self._pending) >= PENDING_MAX + len(self._topics):
            self._pending = {Signal(topic, "resync"): None for topic in self._topics}
        self._pending[signal] = None
        self._woken.set()


class News:
    """The signals of one process: heard from the database while `run` runs, and handed to who listens."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)

    async def run(self) -> None:
        """Follows until cancelled; what fails is logged and tried again.

        Whenever it begins to follow, at first as after a failure, every listener gets a `resync` of its topics.
        """
        if self._database.engine.dialect.name == "sqlite":
            table = _Table(self._database, self._clock, self.announce, self._resync)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(repeat(table.look, seconds=LOOK_SECONDS))
                tasks.create_task(repeat(table.sweep, seconds=SWEEP_SECONDS))
        else:
            line = _Line(self._database, self.announce, self._resync)
            try:
                await repeat(line.check, seconds=CHECK_SECONDS, wake=line.lost)
            finally:
                await line.close()

    async def send(self, *signals: Signal) -> None:
        """Publishes in a transaction of its own: for what is not recorded, such as who is typing."""
        async with self._database.transaction() as session:
            await publish(session, *signals)

    def announce(self, signal: Signal) -> None:
        """Tells listeners in this process only, at once."""
        for listener in self._listeners.get(signal.topic, ()):
            listener.hear(signal)

    @contextmanager
    def listen(self, *topics: str) -> Iterator[Listener]:
        """A listener of these topics, until the block ends; it may follow others meanwhile."""
        listener = Listener(self._listeners)
        for topic in topics:
            listener.follow(topic)
        try:
            yield listener
        finally:
            listener.leave()

    def _resync(self) -> None:
        for topic in list(self._listeners):
            self.announce(Signal(topic, "resync"))


class _Table:
    """Looks for what other processes wrote into a SQLite file's table of news.

    SQLite has one writer at a time, so numbers become visible in order and none below the last seen comes later.
    """

    def __init__(
        self, database: Database, clock: Clock, hear: Callable[[Signal], None], resync: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._hear = hear
        self._resync = resync
        self._last: int | None = None
        self._looked_at: datetime | None = None

    async def look(self) -> None:
        """Hands on what is new since the last look."""
        now = self._clock()
        if self._looked_at and now - self._looked_at > KEEPING_TIME / 2:
            self._last = None  # this process was frozen, and others may have swept what it did not see
        self._looked_at = now
        try:
            await self._read()
        except Exception:
            self._last = None
            await asyncio.sleep(PAUSE_SECONDS)
            raise

    async def sweep(self) -> None:
        """Throws away what every process has seen."""
        async with self._database.transaction() as session:
            await session.execute(delete(NewsItem).where(NewsItem.at < self._clock() - KEEPING_TIME))

    async def _read(self) -> None:
        async with self._database.reading() as session:
            if self._last is None:
                self._last = await session.scalar(select(func.max(NewsItem.id))) or 0
                self._resync()
                return
            columns = NewsItem.id, NewsItem.topic, NewsItem.kind, NewsItem.by
            query = select(*columns).where(NewsItem.id > self._last).order_by(NewsItem.id)
            for number, topic, kind, by in await session.execute(query):
                self._last = number
                self._hear(Signal(topic, kind, by))


class _Line:
    """A connection of its own on which PostgreSQL tells of signals."""

    def __init__(self, database: Database, hear: Callable[[Signal], None], resync: Callable[[], None]) -> None:
        # What SQLAlchemy itself would give to asyncpg, so that every form of URL means the same here.
        self._options = database.engine.dialect.create_connect_args(database.engine.url)[1]
        self._hear = hear
        self._resync = resync
        self._connection: Any = None
        self.lost = asyncio.Event()

    async def check(self) -> None:
        """Connects when there is no connection; otherwise asks whether it is alive, since a dead one says nothing."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
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
        """Gives the connection back."""
        if self._connection is not None:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=ANSWER_SECONDS)

    async def _connect(self) -> None:
        if self._connection is not None:
            log.warning("the connection that tells of news was lost; a new one is made")
        self._connection = await asyncpg.connect(**self._options)
        self._connection.add_termination_listener(lambda connection: self.lost.set())
        await self._connection.add_listener(CHANNEL, self._take)
        self._resync()

    def _take(self, connection: Any, process: int, channel: str, payload: str) -> None:
        try:
            self._hear(Signal(**json.loads(payload)))
        except (TypeError, ValueError):
            log.warning("what was told on the channel of news is no signal")
