"""Customers are reminded of a yearly review once, by day, and not once they are at it."""

from pathlib import Path

import pytest

from conversations.schemas import ConsentGiven
from conversations.service import Conversations
from core_banking.schemas import LoanRequestIn
from desk.review_reminders import ReviewReminders
from kit.database import Database
from privacy.purposes import APPLICATION, SHARING
from tests.connectors.talk import make_rights
from tests.core_banking.bank import Bank
from tests.fakes import FixedClock, ScriptedBot

PHONE = "13800007004"


@pytest.fixture
def bank(database: Database, clock: FixedClock, tmp_path: Path) -> Bank:
    return Bank(database, clock, tmp_path)


async def read(bank: Bank, conversation_id: str) -> list[str]:
    return [message.text for message in await Conversations(bank.database).list_messages(conversation_id)]


async def test_a_review_that_is_near_is_told_once_by_day(bank: Bank, clock: FixedClock) -> None:
    theirs, other = await bank.verify("chen", PHONE), await bank.verify("wang", "13800007001")
    reminders = ReviewReminders(bank.core, bank.database, clock)
    clock.move(hours=6)  # 23:00
    await reminders.check()
    assert await read(bank, theirs) == []
    clock.move(hours=10)  # 9:00
    await reminders.check()
    await reminders.check()
    (told,) = await read(bank, theirs)
    assert "农户贷（尾号6342）额度要在2026年7月22日前做年审" in told
    assert await read(bank, other) == []


async def test_a_customer_of_two_conversations_is_told_once_where_it_reaches_them(
    bank: Bank, clock: FixedClock
) -> None:
    pushed, page = await bank.verify("chen", PHONE, channel="telegram"), await bank.verify("chen-page", PHONE)
    reminders = ReviewReminders(bank.core, bank.database, clock)
    clock.move(hours=1)
    await reminders.check()
    assert (len(await read(bank, pushed)), len(await read(bank, page))) == (1, 0)
    clock.move(hours=1)
    newest = await bank.verify("chen-again", PHONE)  # verified after the reminder
    await reminders.check()
    assert [len(await read(bank, each)) for each in (pushed, page, newest)] == [1, 0, 0]


async def test_while_the_core_is_away_or_missing_nothing_is_told(bank: Bank, clock: FixedClock) -> None:
    theirs = await bank.verify("chen", PHONE)
    bank.core.away = "all"
    for core in (bank.core, None):
        await ReviewReminders(core, bank.database, clock).check()
    assert await read(bank, theirs) == []


async def test_who_is_at_it_is_not_reminded(bank: Bank, clock: FixedClock) -> None:
    theirs = await bank.verify("chen", PHONE)
    given = [ConsentGiven(purpose=purpose) for purpose in (APPLICATION, SHARING)]
    await make_rights(bank.database, clock, ScriptedBot()).record_consents(theirs, 1, given)
    (loan,) = (await bank.loans.list_loans(theirs)).loans
    wanted = LoanRequestIn(conversation_id=theirs, kind="review")
    assert (await bank.loans.request(loan.ref, wanted, "key-00001")).core == ""
    await ReviewReminders(bank.core, bank.database, clock).check()
    assert await read(bank, theirs) == []
