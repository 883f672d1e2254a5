"""Loans and lines of the bank's core are checked like applications, and stay as they were while it is away."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from conversations.tables import Customer
from core_banking.interface import PHONES_MAX
from early_warning.loans import LoanCases
from early_warning.tables import EarlyWarning
from tests.core_banking.bank import LeavingCore
from tests.early_warning.bank import Bank
from tests.verification.rows import make_verification

WANG, LI, CHEN = "13800007001", "13800007002", "13800007004"  # due in 45 days, in 2, and a line of three years


@pytest.fixture
def core(bank: Bank, tmp_path: Path) -> LeavingCore:
    return LeavingCore(tmp_path / "requests.json", bank.clock)


async def verify(bank: Bank, user: str, *phones: str, manager_id: str | None = "zhang") -> None:
    await bank.meet(user)
    async with bank.database.transaction() as session:
        (await session.get_one(Customer, f"customer-{user}")).manager_id = manager_id
        session.add_all(make_verification(user, phone, bank.clock.now) for phone in phones)


async def look(bank: Bank, core: LeavingCore) -> list[EarlyWarning]:
    await bank.make_worker(list_loans=LoanCases(core, bank.database).list_cases).look()
    return await bank.list_warnings()


async def test_a_loan_due_soon_without_contact_is_its_managers(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "li", LI)
    await verify(bank, "chen", CHEN)
    (row,) = await look(bank, core)
    assert (row.subject_kind, row.rule, row.staff_id) == ("loan", "renewal_without_contact", "zhang")
    assert (row.number, row.conversation_id) == ("尾号4125", "li")
    assert row.reason.startswith("李建国的商户贷：")
    assert "到期" in row.reason
    assert LI not in row.subject_id


async def test_whoever_wrote_lately_is_in_contact(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "li", LI)
    await bank.write("li", bank.clock.now - timedelta(days=1))
    assert await look(bank, core) == []


async def test_what_the_same_person_said_elsewhere_counts_for_their_loan(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "wang", WANG)
    await bank.write("wang", bank.clock.now)
    await bank.check_quota("wang", has_overdue=True)
    (row,) = await look(bank, core)
    assert (row.subject_kind, row.rule, row.number) == ("loan", "told_overdue", "尾号3017")


async def test_while_the_core_is_away_warnings_about_loans_stay(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "li", LI)
    await look(bank, core)
    bank.clock.move(days=1)
    core.away = "all"
    (row,) = await look(bank, core)
    assert row.gone_at is None
    bank.clock.move(days=1)
    core.away = ""
    core.changes["D7002-1"] = {"balance": 0}  # repaid
    (row,) = await look(bank, core)
    assert row.gone_at == bank.clock.now


async def test_each_loan_is_the_conversations_that_verified_its_phone_last(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "first", LI, manager_id=None)
    bank.clock.move(minutes=1)
    await verify(bank, "second", LI)
    (case,) = await LoanCases(core, bank.database).list_cases()
    assert (case.conversation_id, case.staff_id) == ("second", "zhang")


async def test_a_line_ends_with_what_was_drawn_or_by_itself(bank: Bank, core: LeavingCore) -> None:
    await verify(bank, "chen", CHEN)
    drawn = (await core.list_loans([CHEN]))[0].loan
    assert drawn.line
    for balance, due_on in ((drawn.balance, drawn.matures_on), (0, drawn.line.until)):
        core.changes[drawn.loan_id] = {"balance": balance}
        (case,) = await LoanCases(core, bank.database).list_cases()
        assert case.due_on == due_on > date(2026, 7, 1) + timedelta(days=1)


async def test_many_phones_are_asked_for_in_some_calls(bank: Bank, core: LeavingCore) -> None:
    strangers = [f"1390000{number:04}" for number in range(PHONES_MAX)]
    await verify(bank, "many", *strangers, LI, CHEN)
    cases = await LoanCases(core, bank.database).list_cases()
    assert sorted(case.number for case in cases) == ["尾号4125", "尾号6342"]
