"""The ledger: each act once, wordings by their hash, a chain that shows what was changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kit.append_only import allow_changes
from kit.database import Database
from privacy import ledger
from privacy.ledger import Ledger
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock


async def add(database: Database, clock: FixedClock, kind: str = "consent_given", **more: object) -> int:
    async with database.transaction() as session:
        return await ledger.record(session, clock.now, kind, "customer", **{"purpose": "quota", **more})  # type: ignore[arg-type]


async def tamper(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        for drop in allow_changes("ledger_records")[database.engine.dialect.name]:
            await session.execute(text(drop))
        await session.execute(text(statement))


async def test_the_chain_stands(database: Database, clock: FixedClock) -> None:
    for wording in ("您同意吗？", "您同意吗？", "同意吗？"):
        await add(database, clock, wording=wording)
    count, last, broken = await Ledger(database).verify()
    assert (count, len(last), broken) == (3, 64, None)


async def test_the_same_key_is_recorded_once(database: Database, clock: FixedClock) -> None:
    assert await add(database, clock, key="act") == await add(database, clock, key="act")


async def test_a_consent_stands_until_it_is_withdrawn(database: Database, clock: FixedClock) -> None:
    first, second = await add(database, clock), await add(database, clock, purpose="application")
    await add(database, clock, "consent_withdrawn", withdraws=first)
    async with database.reading() as session:
        assert [consent.id for consent in await ledger.list_consents(session, "customer")] == [second]


@pytest.mark.parametrize("statement", ["UPDATE ledger_records SET purpose = 'x'", "DELETE FROM ledger_records"])
async def test_the_database_refuses_changes(database: Database, clock: FixedClock, statement: str) -> None:
    await add(database, clock)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction() as session:
            await session.execute(text(statement))


@sqlite_only
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE ledger_records SET purpose = 'callback' WHERE id = 2", 2),
        ("UPDATE ledger_records SET customer_id = 'somebody' WHERE id = 1", 1),
        ("DELETE FROM ledger_records WHERE id = 2", 3),
        ("UPDATE wordings SET text = '随便用' WHERE text LIKE '您%'", 2),
    ],
)
async def test_whoever_changes_it_behind_its_back_is_found_out(
    database: Database, clock: FixedClock, statement: str, broken: int
) -> None:
    await add(database, clock)
    await add(database, clock, wording="您同意吗？")
    await add(database, clock, "erased")
    await tamper(database, statement)
    assert (await Ledger(database).verify())[2] == broken


@sqlite_only
async def test_an_empty_ledger_is_whole(database: Database) -> None:
    assert await Ledger(database).verify() == (0, "", None)
