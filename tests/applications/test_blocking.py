"""Two persons put a number on the block list; only its keyed hash and what it looks like are stored."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from applications import blocking
from kit.database import Database
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock

IDENTITY = "11010119900307117x"


async def propose(database: Database, clock: FixedClock, number: str = "13800001234", days: int = 30) -> str:
    async with database.transaction() as session:
        return (await blocking.propose_block(session, number, "fraud", days, by="chen", now=clock.now)).id


@pytest.mark.parametrize(("kind", "number"), [("phone", "13800001234"), ("identity", IDENTITY)])
async def test_it_counts_once_a_second_person_confirmed_it_and_until_its_time_is_over(
    database: Database, clock: FixedClock, kind: blocking.BlockKind, number: str
) -> None:
    block = await propose(database, clock, number)
    async with database.transaction() as session:
        assert not await blocking.is_blocked(session, kind, number, clock.now)
        with pytest.raises(RequestError, match="403 own_proposal"):
            await blocking.confirm_block(session, block, by="chen", now=clock.now)
        await blocking.confirm_block(session, block, by="liu", now=clock.now)
        assert await blocking.is_blocked(session, kind, number, clock.now)
        assert await blocking.is_blocked(session, kind, number.upper(), clock.now)
        assert not await blocking.is_blocked(session, kind, number, clock.now + timedelta(days=30))
        with pytest.raises(RequestError, match="409 already_confirmed"):
            await blocking.confirm_block(session, block, by="zhao", now=clock.now)


@sqlite_only
async def test_the_number_itself_is_not_stored(database: Database, clock: FixedClock) -> None:
    await propose(database, clock)
    async with database.reading() as session:
        (row,) = (await session.execute(text("SELECT * FROM blocked_people"))).all()
        assert "13800001234" not in str(row)
        assert [each.shown for each in await blocking.list_blocks(session, clock.now)] == ["138****1234"]


@sqlite_only
@pytest.mark.parametrize(
    ("number", "reason", "days", "code"),
    [
        ("12345", "fraud", 30, "no_number"),
        ("110101199003071171", "fraud", 30, "no_number"),  # the check digit is wrong
        ("13800001234", "ugly", 30, "no_reason"),
        ("13800001234", "fraud", 731, "no_time"),
        ("13800001234", "fraud", 0, "no_time"),
    ],
)
async def test_what_is_no_entry_is_refused(
    database: Database, clock: FixedClock, number: str, reason: str, days: int, code: str
) -> None:
    async with database.transaction() as session:
        with pytest.raises(RequestError, match=f"422 {code}"):
            await blocking.propose_block(session, number, reason, days, by="chen", now=clock.now)


async def test_two_persons_take_a_number_off(database: Database, clock: FixedClock) -> None:
    block = await propose(database, clock)
    async with database.transaction() as session:
        for early in (blocking.propose_lift(session, block, by="zhao"), blocking.lift_block(session, block, by="zhao")):
            with pytest.raises(RequestError, match="409 not_confirmed"):
                await early
        await blocking.confirm_block(session, block, by="liu", now=clock.now)
        with pytest.raises(RequestError, match="409 lift_not_proposed"):
            await blocking.lift_block(session, block, by="zhao")
        with pytest.raises(RequestError, match="409 already_confirmed"):
            await blocking.refuse_block(session, block)
        await blocking.propose_lift(session, block, by="zhao")
        with pytest.raises(RequestError, match="409 already_proposed"):
            await blocking.propose_lift(session, block, by="liu")
        with pytest.raises(RequestError, match="403 own_proposal"):
            await blocking.lift_block(session, block, by="zhao")
        assert await blocking.is_blocked(session, "phone", "13800001234", clock.now)
        assert (await blocking.keep_block(session, block)).lift_proposed_by == "zhao"
        with pytest.raises(RequestError, match="409 lift_not_proposed"):
            await blocking.lift_block(session, block, by="liu")
        await blocking.propose_lift(session, block, by="zhao")
        await blocking.lift_block(session, block, by="liu")
        assert not await blocking.is_blocked(session, "phone", "13800001234", clock.now)
        with pytest.raises(RequestError, match="404 no_such_block"):
            await blocking.lift_block(session, block, by="liu")


async def test_a_number_stands_once_and_can_be_refused(database: Database, clock: FixedClock) -> None:
    block = await propose(database, clock)
    with pytest.raises(RequestError, match="409 already_blocked"):
        await propose(database, clock, "+86 138 0000 1234")
    async with database.transaction() as session:
        await blocking.refuse_block(session, block)
        with pytest.raises(RequestError, match="404 no_such_block"):
            await blocking.refuse_block(session, block)
    assert await propose(database, clock)
