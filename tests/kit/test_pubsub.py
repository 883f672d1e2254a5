"""Signals between processes, on both kinds of database; two `PubSub` on two `Database`s stand for two processes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from kit.clock import read_clock
from kit.database import Database
from kit.pubsub import PubSub, Signal, Subscription, publish
from kit.tables import SignalRow
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
MESSAGE = Signal("talk", "message", "customer")
END_LISTENING = text(
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid() and (query like 'LISTEN%' or query = 'select 1')"
)


async def collect(subscription: Subscription, *last: Signal) -> list[Signal]:
    """What it receives until it has all of these; fails when they do not come."""
    received: list[Signal] = []
    async with asyncio.timeout(WAIT_SECONDS):
        while not set(last) <= set(received):
            received += await subscription.wait(WAIT_SECONDS)
    return received


@asynccontextmanager
async def run(pubsub: PubSub) -> AsyncIterator[asyncio.Task[None]]:
    """Runs, and is known to receive signals, within the block."""
    running = asyncio.create_task(pubsub.run())
    with pubsub.subscribe("beginning") as subscription:
        await collect(subscription, Signal("beginning", "resync"))
    yield running
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.fixture
async def other_database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


@pytest.fixture
async def here(database: Database) -> AsyncIterator[PubSub]:
    pubsub = PubSub(database)
    async with run(pubsub):
        yield pubsub


@pytest.fixture
async def there(other_database: Database) -> AsyncIterator[PubSub]:
    pubsub = PubSub(other_database, retry_seconds=0.01)
    async with run(pubsub):
        yield pubsub


async def count_kept(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(SignalRow)) or 0


class TestAcrossProcesses:
    async def test_a_signal_arrives_after_the_commit_and_not_before(
        self, database: Database, here: PubSub, there: PubSub
    ) -> None:
        with here.subscribe("talk") as own, there.subscribe("talk") as far:
            async with database.transaction() as session:
                await publish(session, MESSAGE)
                await session.flush()
                assert (await own.wait(0.2), await far.wait(0)) == ([], [])
            for subscription in (own, far):
                assert await collect(subscription, MESSAGE) == [MESSAGE]

    async def test_what_is_rolled_back_never_arrives(self, database: Database, there: PubSub) -> None:
        async def publish_and_give_up() -> None:
            async with database.transaction() as session:
                await publish(session, MESSAGE)
                await session.flush()
                raise RuntimeError("changed my mind")

        with there.subscribe("talk") as far:
            with pytest.raises(RuntimeError, match="changed my mind"):
                await publish_and_give_up()
            after = Signal("talk", "holder")
            await PubSub(database).publish(after)
            assert await collect(far, after) == [after]

    async def test_subjects_are_kept_apart_and_order_is_kept(self, here: PubSub, there: PubSub) -> None:
        signals = [Signal(subject, f"kind-{n}", "某人") for n in range(5) for subject in ("one", "other")]
        with there.subscribe("one") as one, there.subscribe("one", "other") as both:
            await here.publish(*signals)
            await here.publish()
            assert await collect(one, signals[-2]) == signals[::2]
            assert await collect(both, *signals) == signals

    async def test_what_came_before_does_not_arrive(self, database: Database, other_database: Database) -> None:
        await PubSub(database).publish(MESSAGE)
        pubsub = PubSub(other_database)
        with pubsub.subscribe("talk") as subscription:
            async with run(pubsub):
                later = Signal("talk", "typing")
                await PubSub(database).publish(later)
                assert await collect(subscription, later) == [Signal("talk", "resync"), later]

    async def test_who_ends_leaves_nothing_behind(self, database: Database) -> None:
        async with run(PubSub(database)):
            assert len(asyncio.all_tasks()) > 1
        assert asyncio.all_tasks() == {asyncio.current_task()}
        if database.engine.dialect.name == "postgresql":
            async with database.reading() as session:
                assert await session.scalar(END_LISTENING) == 0

    async def test_after_a_failure_it_recovers_and_every_subject_is_read_anew(
        self, database: Database, there: PubSub, caplog: pytest.LogCaptureFixture
    ) -> None:
        with there.subscribe("talk", "desk") as subscription, caplog.at_level(logging.WARNING):
            for _ in range(2):
                caplog.clear()
                await self.make_problem(database, lambda: "[SQL: SELECT" in caplog.text)
                resync = [Signal("talk", "resync"), Signal("desk", "resync")]
                assert sorted(await collect(subscription, *resync), key=str) == sorted(resync, key=str)
                await PubSub(database).publish(MESSAGE)
                assert await collect(subscription, MESSAGE) == [MESSAGE]

    async def make_problem(self, database: Database, is_noticed: Callable[[], bool]) -> None:
        """PostgreSQL ends the connection; a SQLite file has lost its table until a poll says so."""
        if database.engine.dialect.name == "postgresql":
            async with database.reading() as session:
                assert await session.scalar(END_LISTENING) == 1
            return
        for old, new in (("signals", "away"), ("away", "signals")):
            async with database.transaction() as session:
                await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
            async with asyncio.timeout(WAIT_SECONDS):
                while not is_noticed():  # noqa: ASYNC110 (a log is no event)
                    await asyncio.sleep(0.01)


@sqlite_only
class TestOneFile:
    async def test_what_is_a_minute_old_is_swept_but_not_at_every_poll(self, database: Database) -> None:
        now = read_clock()

        async def keep(*ages: int) -> None:
            async with database.transaction() as session:
                session.add_all(make_item(now - timedelta(seconds=age)) for age in ages)

        await keep(61, 59, 3600)
        pubsub = PubSub(database, FixedClock(now))
        async with run(pubsub):
            async with asyncio.timeout(WAIT_SECONDS):
                while await count_kept(database) > 1:  # noqa: ASYNC110 (a table is no event)
                    await asyncio.sleep(0.01)
            with pubsub.subscribe("talk") as subscription:
                await keep(61)
                assert await collect(subscription, MESSAGE) == [MESSAGE]
            assert await count_kept(database) == 2

    async def test_a_process_that_was_frozen_reads_anew(self, database: Database) -> None:
        clock = FixedClock(read_clock())
        pubsub = PubSub(database, clock)
        async with run(pubsub):
            with pubsub.subscribe("talk") as subscription:
                clock.move(seconds=31)
                await collect(subscription, Signal("talk", "resync"))


def make_item(at: datetime) -> SignalRow:
    return SignalRow(subject=MESSAGE.subject, kind=MESSAGE.kind, by=MESSAGE.by, at=at)


class ScriptedLine:
    """Stands for asyncpg: each connection fails, hangs when asked, or works, as the script says; then they work."""

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.asked_for: list[dict[str, Any]] = []
        self.take: Callable[..., None] = print
        self.ended: list[str] = []
        self.behaviour = ""

    async def __call__(self, **options: Any) -> "ScriptedLine":
        self.asked_for.append(options)
        self.behaviour = self.script.pop(0) if self.script else "works"
        if self.behaviour == "fails":
            raise OSError("refused")
        return self

    async def add_listener(self, channel: str, take: Callable[..., None]) -> None:
        self.take = take

    async def execute(self, statement: str) -> None:
        if self.behaviour == "hangs":
            await asyncio.Event().wait()

    def add_termination_listener(self, tell: Callable[[Any], None]) -> None: ...

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        self.ended.append("terminated")

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 (asyncpg's signature)
        self.ended.append("closed")


class TestLine:
    def make_pubsub(self, url: str = "server/bank") -> PubSub:
        return PubSub(Database(f"postgresql+asyncpg://{url}", VAULT), check_seconds=0.01, answer_seconds=0.05)

    async def test_a_server_that_is_away_is_tried_until_it_is_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = ScriptedLine("fails", "fails")
        monkeypatch.setattr("asyncpg.connect", line)
        async with run(self.make_pubsub()):
            assert len(line.asked_for) == 3
        assert line.ended == ["closed"]

    async def test_a_connection_that_is_silent_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = ScriptedLine("hangs")
        monkeypatch.setattr("asyncpg.connect", line)
        pubsub = self.make_pubsub()
        async with run(pubsub):
            with pubsub.subscribe("talk") as subscription:
                await collect(subscription, Signal("talk", "resync"))
        assert (len(line.asked_for), line.ended) == (2, ["terminated", "closed"])

    async def test_what_is_no_signal_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        line = ScriptedLine()
        monkeypatch.setattr("asyncpg.connect", line)
        pubsub = self.make_pubsub()
        async with run(pubsub):
            with pubsub.subscribe("talk") as subscription:
                for payload in ("", "[]", '"talk"', '{"subject": "talk"}', '{"subject": [], "kind": ""}', '{"new": 1}'):
                    line.take(line, 1, "xiaohe", payload)
                line.take(line, 1, "xiaohe", '{"subject": "talk", "kind": "message", "by": "customer"}')
                assert await subscription.wait(0) == [MESSAGE]
        assert caplog.text.count("is no signal") == 6

    @pytest.mark.parametrize(
        ("url", "options"),
        [
            ("u:p%40ss@server:5433/bank", {"user": "u", "password": "p@ss", "host": "server", "port": 5433}),
            ("server/bank?ssl=require", {"host": "server", "ssl": "require"}),
            ("/bank?host=/var/run/postgresql", {"host": "/var/run/postgresql"}),
            ("u@/bank?host=one:1&host=other:2", {"user": "u", "host": ["one", "other"], "port": [1, 2]}),
        ],
    )
    async def test_it_connects_as_the_database_does(
        self, monkeypatch: pytest.MonkeyPatch, url: str, options: dict[str, Any]
    ) -> None:
        line = ScriptedLine()
        monkeypatch.setattr("asyncpg.connect", line)
        async with run(self.make_pubsub(url)):
            assert line.asked_for == [{"database": "bank", **options}]
