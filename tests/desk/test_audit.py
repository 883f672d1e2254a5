"""What was done is read back, the newest first; what was undone was never done."""

import pytest

from desk.accounts import Accounts
from desk.audit import AuditLog, record
from kit.database import Database
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
