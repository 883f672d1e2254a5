"""Several knowledge processes put a new index in force at one moment."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest

from kit.database import Database
from knowledge.cutover import LIVE, Cutover, Edition
from knowledge.service import Knowledge
from tests.fakes import FixedClock
from tests.knowledge.entries import ENTRIES, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder
from tests.waiting import WAIT_SECONDS

OLD, NEW = Edition(1, date(2026, 5, 1)), Edition(2, date(2026, 5, 1))
LEAD = timedelta(seconds=1)
QUESTION = "能不能预约上门"


@pytest.fixture
def one(database: Database, clock: FixedClock) -> Cutover:
    return Cutover(database, clock, LEAD)


@pytest.fixture
def other(database: Database, clock: FixedClock) -> Cutover:
    return Cutover(database, clock, LEAD)


async def test_a_process_alone_waits_for_nobody(one: Cutover, clock: FixedClock) -> None:
    await one.begin(NEW)
    await one.finish(NEW)
    assert await one.agree(NEW) == clock.now


async def test_all_learn_of_one_moment_when_all_have_built(one: Cutover, other: Cutover, clock: FixedClock) -> None:
    for each in (one, other):
        await each.begin(NEW)
    await one.finish(NEW)
    assert await one.agree(NEW) is None
    await other.finish(NEW)
    at = await other.agree(NEW)
    assert at == clock.now + LEAD
    clock.move(seconds=0.5)
    assert await one.agree(NEW) == at


async def test_one_that_has_not_begun_yet_is_waited_for(one: Cutover, other: Cutover) -> None:
    await other.begin(OLD)
    await other.finish(OLD)
    await one.begin(NEW)
    await one.finish(NEW)
    assert await one.agree(NEW) is None


async def test_one_that_died_is_not_waited_for_long(one: Cutover, other: Cutover, clock: FixedClock) -> None:
    await other.begin(NEW)
    await one.begin(NEW)
    await one.finish(NEW)
    clock.move(seconds=LIVE.total_seconds() / 2)
    await one.beat()
    assert await one.agree(NEW) is None
    clock.move(seconds=LIVE.total_seconds() / 2 + 1)
    assert await one.agree(NEW) == clock.now


async def test_one_that_has_left_is_not_waited_for(one: Cutover, other: Cutover, clock: FixedClock) -> None:
    await other.begin(OLD)
    await one.begin(NEW)
    await one.finish(NEW)
    await other.leave()
    assert await one.agree(NEW) == clock.now


async def test_who_was_overtaken_is_told(one: Cutover, other: Cutover) -> None:
    await one.begin(OLD)
    await one.finish(OLD)
    assert not await one.is_overtaken(OLD)
    await other.begin(NEW)
    assert await one.is_overtaken(OLD)
    assert await one.agree(OLD) is None


async def test_what_was_agreed_on_stays_agreed_on(one: Cutover, other: Cutover, clock: FixedClock) -> None:
    for each in (one, other):
        await each.begin(OLD)
        await each.finish(OLD)
    at = await one.agree(OLD)
    await Cutover(other._database, clock, LEAD).begin(NEW)
    assert await other.agree(OLD) == at


async def test_no_old_answer_comes_after_a_new_one(database: Database) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES), make_entry("visit", QUESTION, (), "旧答案"))
    processes = [Knowledge(database, HashingEncoder(), refresh_seconds=0.3) for _ in range(3)]
    for process in processes:
        await process.open()
    heard: list[str] = []
    try:
        for answer in ("新答案", "更新的答案"):
            await store(database, make_entry("visit", QUESTION, (), answer))
            async with asyncio.timeout(WAIT_SECONDS):
                while heard[-3:] != [answer] * 3:
                    found = [await process.search(QUESTION, 1) for process in processes]
                    heard += [each.matches[0].answer for each in found]
    finally:
        for process in processes:
            await process.close()
    assert list(dict.fromkeys(heard)) == ["旧答案", "新答案", "更新的答案"]
    assert sum(before != after for before, after in itertools.pairwise(heard)) == 2
