"""What was done is read back, the newest first; what was undone was never done; what was changed is found."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from desk.accounts import Accounts
from desk.audit import CHAINED, AuditLog, record
from desk.audit_command import write_json, write_syslog
from desk.schemas import AuditView
from desk.tables import AuditRecord
from kit.append_only import allow_changes, chain
from kit.database import Database
from kit.vault import Vault
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"


async def test_the_newest_records_come_first(accounts: Accounts, database: Database) -> None:
    zhang = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    await accounts.sign_in("zhang", PASSWORD)
    log = AuditLog(database)
    signed_in, added = await log.list_records(10)
    assert (signed_in.action, added.action) == ("sign_in", "staff_added")
    assert await log.list_records(1) == [signed_in]
    assert await log.list_records(10, before_id=signed_in.id) == [added]
    assert await log.list_records(10, staff_id=zhang.id) == [signed_in]


async def test_a_record_stands_and_falls_with_its_transaction(database: Database, clock: FixedClock) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await record(session, clock(), "zhang", "number_shown", "conversation-1", field="phone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await AuditLog(database).list_records(10) == []
    async with database.transaction() as session:
        await record(session, clock(), "zhang", "number_shown", "conversation-1", field="phone")
    [written] = await AuditLog(database).list_records(10)
    assert (written.at, written.subject, written.details) == (clock(), "conversation-1", {"field": "phone"})


async def write(database: Database, clock: FixedClock, number: int) -> None:
    async with database.transaction() as session:
        await record(session, clock(), "zhang", "unmasked", f"talk-{number}", rows=[number], 从="甲")


async def test_the_chain_holds_for_records_written_at_the_same_time(database: Database, clock: FixedClock) -> None:
    await asyncio.gather(*(write(database, clock, number) for number in range(12)))
    count, last, broken = await AuditLog(database).verify()
    assert (count, broken) == (12, None)
    assert last == (await AuditLog(database).list_records(1))[0].hash


async def test_records_are_found_by_action_and_by_the_day_in_china(database: Database, clock: FixedClock) -> None:
    log = AuditLog(database)
    clock.now = datetime(2026, 7, 1, 15, 59, tzinfo=UTC)
    for number in range(3):
        async with database.transaction() as session:
            await record(session, clock(), "zhang", f"act-{number % 2}", str(number))
        clock.move(minutes=1)  # midnight
    first, second = date(2026, 7, 1), date(2026, 7, 2)

    async def find(**wanted: Any) -> list[str]:
        return [each.subject for each in await log.list_records(10, **wanted)]

    assert await find(day=first) == ["0"]
    assert await find(day=second) == ["2", "1"]
    assert await find(action="act-0") == ["2", "0"]
    assert await find(action="act-0", day=second, staff_id="zhang") == ["2"]
    assert await find(action="act-1", day=first) == await find(day=second, staff_id="li") == []


REPLACED = (
    "INSERT OR REPLACE INTO audit_records (id, at, staff_id, action, subject, details, hash) "
    "SELECT id, at, staff_id, action, 'x', details, hash FROM audit_records"
)


# What only one of the databases knows stands beside what both do.
CHANGES = {
    "sqlite": ("UPDATE audit_records SET subject = 'x'", "DELETE FROM audit_records", REPLACED),
    "postgresql": ("UPDATE audit_records SET subject = 'x'", "DELETE FROM audit_records", "TRUNCATE audit_records"),
}


@pytest.mark.parametrize("number", range(3))
async def test_the_database_refuses_changes(
    number: int, database: Database, database_kind: str, clock: FixedClock
) -> None:
    await write(database, clock, 1)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction() as session:
            await session.execute(text(CHANGES[database_kind][number]))
    assert (await AuditLog(database).verify())[0] == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_records SET subject = 'talk-9' WHERE id = 2",
        "UPDATE audit_records SET staff_id = 'li' WHERE id = 2",
        "UPDATE audit_records SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
        "UPDATE audit_records SET details = '{}' WHERE id = 2",
        "DELETE FROM audit_records WHERE id = 2",
    ],
)
async def test_what_somebody_with_the_file_changed_is_found(change: str, database: Database, clock: FixedClock) -> None:
    for number in range(4):
        await write(database, clock, number)
    async with database.transaction() as session:
        for act in ("update", "delete"):
            await session.execute(text(f"DROP TRIGGER audit_records_no_{act}"))
        await session.execute(text(change))
    count, _, broken = await AuditLog(database).verify()
    assert (count, broken) == (1, 3 if change.startswith("DELETE") else 2)


async def test_who_has_the_file_but_not_the_key_cannot_write_the_chain_anew(
    database: Database, clock: FixedClock
) -> None:
    for number in range(3):
        await write(database, clock, number)
    async with database.transaction() as session:
        for statement in allow_changes("audit_records")[database.engine.dialect.name]:
            await session.execute(text(statement))
        last = ""
        for row in (await session.scalars(select(AuditRecord).order_by(AuditRecord.id))).all():
            row.subject = row.subject.replace("talk-1", "talk-9")
            values = {name: getattr(row, name) for name in CHAINED}
            row.hash = last = chain(Vault(["guessed"], "guessed"), last, values, CHAINED)
    assert (await AuditLog(database).verify())[2] == 1


def test_a_record_as_the_banks_log_system_takes_it() -> None:
    at = datetime(2026, 7, 1, 9, 5, tzinfo=UTC)
    view = AuditView(id=7, at=at, staff_id="1", action="unmasked", subject="h-1", details={"a": "甲"}, hash="ff")
    names = {"1": "张敏（zhang）"}
    line = '{"id": 7, "at": "2026-07-01T09:05:00Z", "staff_id": "1", "action": "unmasked", "subject": "h-1", '
    line += '"details": {"a": "甲"}, "hash": "ff", "names": {"1": "张敏（zhang）"}}'
    assert write_json(view, names) == line
    assert write_syslog(view, names) == f"<110>1 2026-07-01T09:05:00.000Z - xiaohe-desk - unmasked - {line}"
