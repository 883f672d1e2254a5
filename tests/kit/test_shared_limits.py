"""Limits hold for all who share them, whichever store counts: one contract, run over every store."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import func, select

from kit.database import Database
from kit.limits import FORGET_FROM, Limit, Limiter, MemoryLimiter
from kit.shared_limits import LimitRow, PostgresLimiter, open_limiter

NARROW, WIDE = Limit("narrow", 2, 60), Limit("wide", 3, 60)
OpenLimiters = Callable[[int], Awaitable[list[Limiter]]]


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def open_limiters(database_kind: str, database: Database, seconds: Seconds) -> AsyncIterator[OpenLimiters]:
    """Makes the limiters of so many processes that share a store; SQLite has one process."""
    made: list[Limiter] = []

    async def make(count: int) -> list[Limiter]:
        for _ in range(count):
            made.append(PostgresLimiter(database, seconds) if database_kind == "postgresql" else MemoryLimiter(seconds))
        return made if database_kind == "postgresql" else made[:1] * count

    yield make
    for limiter in made:
        await limiter.close()


async def count_allowed(limiter: Limiter, times: int, *asked: tuple[Limit, str], cost: float = 1) -> int:
    return [await limiter.take(*asked, cost=cost) for _ in range(times)].count(None)


class TestLimiter:
    async def test_so_many_at_once_and_then_evenly(self, open_limiters: OpenLimiters, seconds: Seconds) -> None:
        (limiter,) = await open_limiters(1)
        assert await count_allowed(limiter, 5, (NARROW, "zhang")) == 2
        refused = await limiter.take((NARROW, "zhang"))
        assert refused
        assert refused.limit == NARROW
        assert refused.seconds == pytest.approx(30)
        seconds.now += 29.9
        assert await limiter.take((NARROW, "zhang"))
        seconds.now += 0.1
        assert await count_allowed(limiter, 5, (NARROW, "zhang")) == 1
        seconds.now += 600
        assert await count_allowed(limiter, 5, (NARROW, "zhang")) == 2

    async def test_each_is_counted_apart(self, open_limiters: OpenLimiters) -> None:
        (limiter,) = await open_limiters(1)
        assert await count_allowed(limiter, 3, (NARROW, "zhang")) == 2
        assert await count_allowed(limiter, 3, (NARROW, "li")) == 2
        assert await count_allowed(limiter, 5, (WIDE, "zhang")) == 3

    async def test_what_one_limit_refuses_does_not_use_the_others_up(self, open_limiters: OpenLimiters) -> None:
        (limiter,) = await open_limiters(1)
        assert await count_allowed(limiter, 50, (NARROW, "zhang"), (WIDE, "all")) == 2
        assert await limiter.take((NARROW, "li"), (WIDE, "all")) is None
        refused = await limiter.take((NARROW, "wang"), (WIDE, "all"))
        assert refused
        assert refused.limit == WIDE
        assert await count_allowed(limiter, 3, (NARROW, "wang")) == 2

    async def test_what_is_cheap_counts_for_less(self, open_limiters: OpenLimiters) -> None:
        (limiter,) = await open_limiters(1)
        assert await count_allowed(limiter, 20, (NARROW, "zhang"), cost=0.25) == 8

    async def test_processes_count_together_however_they_race(self, open_limiters: OpenLimiters) -> None:
        limiters = await open_limiters(3)
        asked = (Limit("narrow", 10, 60), "zhang"), (Limit("wide", 25, 60), "all")
        taken = await asyncio.gather(*(limiters[number % 3].take(*asked) for number in range(60)))
        assert taken.count(None) == 10
        others = ((Limit("narrow", 10, 60), f"{number % 6}") for number in range(60))
        taken = await asyncio.gather(
            *(limiters[number % 3].take(other, asked[1]) for number, other in enumerate(others))
        )
        assert taken.count(None) == 15

    async def test_sweeping_changes_nothing_that_counts(self, open_limiters: OpenLimiters) -> None:
        (limiter,) = await open_limiters(1)
        assert await count_allowed(limiter, 3, (NARROW, "zhang")) == 2
        await limiter.sweep()
        # The database sweeps by its own clock, for which the year 1970 is over.
        if isinstance(limiter, MemoryLimiter):
            assert await limiter.take((NARROW, "zhang"))


async def test_memory_is_not_used_up_by_ever_new_callers(seconds: Seconds) -> None:
    limiter = MemoryLimiter(seconds)
    for number in range(5 * FORGET_FROM):
        seconds.now += 1
        await limiter.take((NARROW, f"{number}"))
    assert len(limiter._full_at) <= FORGET_FROM


def test_one_process_on_sqlite_counts_in_memory() -> None:
    assert isinstance(open_limiter(Database("sqlite+aiosqlite://")), MemoryLimiter)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
class TestPostgres:
    async def test_it_sweeps_what_is_free_again(self, database: Database) -> None:
        limiter = PostgresLimiter(database)
        await limiter.take((NARROW, "zhang"))
        await limiter.take((Limit("short", 1, 0.001), "li"))
        await asyncio.sleep(0.01)
        await limiter.sweep()
        await limiter.close()
        assert (await database.fetch(select(LimitRow.key)))[0][0] == "narrow zhang"
        assert (await database.fetch(select(func.count()).select_from(LimitRow)))[0][0] == 1

    async def test_a_lost_connection_is_made_anew(self, database: Database, seconds: Seconds) -> None:
        limiter = PostgresLimiter(database, seconds, retry_seconds=0)
        assert await count_allowed(limiter, 1, (NARROW, "zhang")) == 1
        limiter._connection.terminate()
        assert await count_allowed(limiter, 3, (NARROW, "zhang")) == 1
        await limiter.close()

    @pytest.mark.parametrize("steps", [0, 1, 2, 5, 10])
    async def test_closing_leaves_no_connection_that_was_just_being_made(self, database: Database, steps: int) -> None:
        limiter = PostgresLimiter(database)
        asking = asyncio.create_task(limiter.take((NARROW, "zhang")))
        for _ in range(steps):
            await asyncio.sleep(0)
        await limiter.close()
        assert await asking is None
        assert limiter._connection is None


async def test_without_its_store_a_process_counts_by_itself(seconds: Seconds, caplog: pytest.LogCaptureFixture) -> None:
    away = PostgresLimiter(Database("postgresql+asyncpg://nobody@127.0.0.1:9/none"), seconds)
    with caplog.at_level(logging.ERROR):
        assert await count_allowed(away, 5, (NARROW, "zhang")) == 2
    assert [record.name for record in caplog.records] == ["kit.shared_limits"]
    await away.close()
