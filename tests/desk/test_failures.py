"""What the audit log keeps of failed sign-ins: the first ones, and a count of the others."""

from desk.failures import AT_ADDRESS, OF_ALL, OF_LOGIN, FailureLog
from kit.database import Database
from tests.desk.test_accounts import list_audit
from tests.fakes import FixedClock


async def fail(failures: FailureLog, database: Database, login: str, address: str) -> None:
    async with database.transaction() as session:
        await failures.add(session, None, "sign_in_failed", login, address, method="password")


async def test_what_is_tried_again_and_again_is_counted(database: Database, clock: FixedClock) -> None:
    failures = FailureLog(clock)
    for n in range(20):
        await fail(failures, database, "zhang", f"2001:db8::{n}")  # one network
    clock.move(minutes=15)
    await fail(failures, database, "zhang", "2001:db8::1")
    kept = [details for _, _, details in await list_audit(database)]
    assert [details["address"] for details in kept] == [f"2001:db8::{n}" for n in range(AT_ADDRESS)] + ["2001:db8::1"]
    assert [details.get("left_out") for details in kept] == [None] * AT_ADDRESS + [20 - AT_ADDRESS]


async def test_a_thousand_addresses_do_not_fill_the_disk(database: Database, clock: FixedClock) -> None:
    failures = FailureLog(clock)
    for n in range(OF_LOGIN + 5):
        await fail(failures, database, "zhang", f"198.51.100.{n}")
    assert len(await list_audit(database)) == OF_LOGIN
    for n in range(2 * OF_ALL):
        await fail(failures, database, f"staff{n}", f"192.0.2.{n}")
    assert len(await list_audit(database)) == OF_ALL
