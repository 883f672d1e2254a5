"""Publish/subscribe between processes over the database they share.

A signal says that something changed and where, never what: subscribers read the record.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.pubsub_sources import POSTGRES_CHANNEL, PostgresSource, SqliteSource
from kit.tables import SignalRow

NOTIFY = text("select pg_notify(:channel, :payload)")
# On the table, not the class: the ORM would take twice the time, and every turn publishes.
INSERT = insert(SignalRow.metadata.tables[SignalRow.__tablename__])
PENDING_MAX = 1000
POLL_SECONDS, SWEEP_SECONDS = 0.05, 30.0  # of SQLite's table


@dataclass(frozen=True, slots=True)
class Signal:
    """Something is new about a subject: a conversation's id (64 characters at most), or a word such as `desk`.

    `kind` (16 at most) is such as `message` or `typing`; `by` (64 at most) who it is about, if anybody. The kind
    `resync` says that signals of the subject may have been missed: read its record anew.
    """

    subject: str
    kind: str
    by: str = ""


async def publish(session: AsyncSession, *signals: Signal) -> None:
    """Publishes signals to every process, including this one, when the session's transaction commits."""
    if not signals:
        return
    if session.get_bind().dialect.name == "sqlite":
        now = read_clock()
        await session.execute(INSERT, [asdict(signal) | {"at": now} for signal in signals])
        return
    for signal in signals:
        await session.execute(NOTIFY, {"channel": POSTGRES_CHANNEL, "payload": json.dumps(asdict(signal))})


class Subscription:
    """Collects the signals of its subjects until they are read."""

    def __init__(self, subscriptions: defaultdict[str, set["Subscription"]]) -> None:
        self._subscriptions = subscriptions
        self._subjects: set[str] = set()
        self._pending: dict[Signal, None] = {}  # in order, each once
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> list[Signal]:
        """The signals since the last call, in order and without duplicates; empty after a time-out."""
        if not self._pending:
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        signals = list(self._pending)
        self._pending.clear()
        return signals

    def subscribe(self, subject: str) -> None:
        """Adds a subject."""
        self._subjects.add(subject)
        self._subscriptions[subject].add(self)

    def unsubscribe(self, subject: str) -> None:
        """Removes a subject, and its signals that were not read yet."""
        self._subjects.discard(subject)
        self._subscriptions[subject].discard(self)
        if not self._subscriptions[subject]:
            del self._subscriptions[subject]
        self._pending = {signal: None for signal in self._pending if signal.subject != subject}

    def close(self) -> None:
        """Unsubscribes from everything."""
        for subject in list(self._subjects):
            self.unsubscribe(subject)

    def add(self, signal: Signal) -> None:
        """Keeps a signal; too many are replaced by a resync of every subject."""
        if len(self._pending) >= PENDING_MAX + len(self._subjects):
            self._pending = {Signal(subject, "resync"): None for subject in self._subjects}
        self._pending[signal] = None
        self._woken.set()


class PubSub:
    """One process's subscriptions, fed from the database while `run` runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock = read_clock,
        *,
        retry_seconds: float = 1.0,
        check_seconds: float = 2.0,
        answer_seconds: float = 3.0,
    ) -> None:
        """SQLite: the pause after a failure. PostgreSQL: how often the connection is checked, which is also the pause
        after a failure, and how long it may take to answer."""
        self._database = database
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._check_seconds = check_seconds
        self._answer_seconds = answer_seconds
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)

    async def run(self) -> None:
        """Receives until cancelled; failures are logged and tried again.

        At the start and after each failure every subscription gets a `resync` of its subjects.
        """
        if self._database.engine.dialect.name == "sqlite":
            table = SqliteSource(self._database, self._clock, self._receive, self._resync, self._retry_seconds)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(repeat(table.poll, seconds=POLL_SECONDS))
                tasks.create_task(repeat(table.sweep, seconds=SWEEP_SECONDS))
        else:
            line = PostgresSource(self._database, self._receive, self._resync, self._answer_seconds)
            try:
                await repeat(line.check, seconds=self._check_seconds, wake=line.lost)
            finally:
                await line.close()

    async def publish(self, *signals: Signal) -> None:
        """Publishes in a transaction of its own, for what is not recorded, such as typing."""
        async with self._database.transaction() as session:
            await publish(session, *signals)

    def deliver(self, signal: Signal) -> None:
        """Delivers in this process only, at once."""
        for subscription in self._subscriptions.get(signal.subject, ()):
            subscription.add(signal)

    @contextmanager
    def subscribe(self, *subjects: str) -> Iterator[Subscription]:
        """A subscription to these subjects, until the block ends; others may be added meanwhile."""
        subscription = Subscription(self._subscriptions)
        for subject in subjects:
            subscription.subscribe(subject)
        try:
            yield subscription
        finally:
            subscription.close()

    def _receive(self, subject: str, kind: str, by: str = "") -> None:
        self.deliver(Signal(subject, kind, by))

    def _resync(self) -> None:
        for subject in list(self._subscriptions):
            self.deliver(Signal(subject, "resync"))
