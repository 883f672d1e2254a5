"""One tuning runs at a time; what became of each is kept. On both kinds of database."""

from datetime import timedelta

import pytest

from kit.database import Database
from kit.errors import RequestError
from knowledge.tuning import runs
from tests.fakes import FixedClock
from tests.knowledge.tuning.test_measuring import BEFORE

MINUTE = timedelta(minutes=1)


async def begin(database: Database, clock: FixedClock) -> str:
    async with database.transaction() as session:
        return await runs.begin(session, "sunmei", clock.now)


async def find_last(database: Database) -> runs.TuningView:
    async with database.reading() as session:
        return (await runs.list_runs(session, 1))[0]


async def test_a_second_one_waits_for_the_first(database: Database, clock: FixedClock) -> None:
    first = await begin(database, clock)
    clock.move(seconds=runs.LIVE.total_seconds() - 1)
    with pytest.raises(RequestError, match="409 tuning"):
        await begin(database, clock)
    async with database.transaction() as session:
        await runs.end(session, first, "not_better", 3000, clock.now, (BEFORE, BEFORE))
    assert await begin(database, clock) != first


async def test_one_that_was_killed_stops_nobody(database: Database, clock: FixedClock) -> None:
    first = await begin(database, clock)
    clock.move(seconds=runs.LIVE.total_seconds() - 1)
    async with database.transaction() as session:
        await runs.tell(session, first, "学习", 0.3, clock.now)
    clock.move(seconds=2)
    assert (await find_last(database)).is_running(clock.now)
    clock.move(seconds=runs.LIVE.total_seconds())
    assert not (await find_last(database)).is_running(clock.now)
    await begin(database, clock)


async def test_what_is_left_is_estimated_from_what_was_done(database: Database, clock: FixedClock) -> None:
    run = await begin(database, clock)
    assert (await find_last(database)).estimate_left(clock.now) is None
    clock.move(minutes=2)
    async with database.transaction() as session:
        await runs.tell(session, run, "学习", 0.25, clock.now)
    assert (await find_last(database)).estimate_left(clock.now) == 6 * MINUTE


async def test_what_came_of_it_is_kept(database: Database, clock: FixedClock) -> None:
    run, after = await begin(database, clock), BEFORE.model_copy(update={"hit_at_1": 0.7})
    async with database.transaction() as session:
        await runs.end(session, run, "drafted", 3000, clock.now, (BEFORE, after))
    kept = await find_last(database)
    assert (kept.outcome, kept.questions, kept.before, kept.after) == ("drafted", 3000, BEFORE, after)
    failed = await begin(database, clock)
    async with database.transaction() as session:
        await runs.end(session, failed, "failed", 0, clock.now, problem="x" * 900)
    assert len((await find_last(database)).problem) == runs.PROBLEM_MAX
