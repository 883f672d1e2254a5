"""What customers confirmed reaches the core once, as they confirmed it, whatever fails or changes meanwhile."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from applications import existing
from applications.moves import move
from applications.schemas import Move
from applications.stages import Stage
from applications.tables import Application
from connectors.gateway import CORE_SECONDS
from conversations.schemas import ConsentGiven
from conversations.service import Conversations
from core_banking.schemas import LoanRequestIn, LoanRequestView
from core_banking.service import FIND_SECONDS, SEND_SECONDS
from desk.tables import Notification
from kit.clock import CHINA
from kit.database import Database
from kit.errors import RequestError
from privacy.purposes import APPLICATION, SHARING
from tests.connectors.talk import make_rights
from tests.core_banking.bank import HOURS, Bank
from tests.fakes import FixedClock, ScriptedBot

FARMER, LINE = "13800007001", "13800007004"
DRAWDOWN: dict[str, Any] = {"kind": "drawdown", "amount": 30_000}
RENEWAL: dict[str, Any] = {"kind": "renewal", "is_operating": True, "needs_funds": True}


@pytest.fixture
def bank(database: Database, clock: FixedClock, tmp_path: Path) -> Bank:
    return Bank(database, clock, tmp_path)


async def begin(bank: Bank, *phones: str, user: str = "wang") -> str:
    """A customer who agreed to what a request needs."""
    conversation = await bank.verify(user, *phones)
    given = [ConsentGiven(purpose=purpose) for purpose in (APPLICATION, SHARING)]
    await make_rights(bank.database, bank.clock, ScriptedBot()).record_consents(conversation, 1, given)
    return conversation


async def ask(bank: Bank, conversation: str, wanted: dict[str, Any], key: str = "key-00001") -> LoanRequestView:
    ref = (await bank.loans.list_loans(conversation)).loans[0].ref
    return await hand_in(bank, ref, conversation, wanted, key)


async def hand_in(bank: Bank, ref: str, conversation: str, wanted: dict[str, Any], key: str) -> LoanRequestView:
    return await bank.loans.request(ref, LoanRequestIn.model_validate({"conversation_id": conversation, **wanted}), key)


async def change(bank: Bank, **values: Any) -> None:
    async with bank.database.transaction() as session:
        await session.execute(update(Application).values(values))


async def read(bank: Bank, conversation: str) -> list[str]:
    return [message.text for message in await Conversations(bank.database).list_messages(conversation)]


async def test_the_same_key_gets_the_same_answer_whatever_became_of_the_line(bank: Bank) -> None:
    theirs = await begin(bank, LINE)
    wanted = {**DRAWDOWN, "amount": 120_000}
    ref = (await bank.loans.list_loans(theirs)).loans[0].ref
    done = await hand_in(bank, ref, theirs, wanted, "key-00001")
    loan = (await bank.core.list_loans([LINE]))[0].loan
    assert loan.line is not None
    bank.core.changes = {loan.loan_id: {"line": loan.line.model_copy(update={"used": loan.line.limit})}}
    assert await hand_in(bank, ref, theirs, wanted, "key-00001") == done
    bank.core.away = "all"
    assert await hand_in(bank, ref, theirs, wanted, "key-00001") == done
    assert len(bank.core.asked) == 1
    other = await begin(bank, FARMER, user="li")
    with pytest.raises(RequestError, match="no_such_loan"):
        await hand_in(bank, ref, other, wanted, "key-00001")


async def test_a_renewal_is_sent_to_the_fen_and_for_its_calendar_months(bank: Bank) -> None:
    today = bank.clock().astimezone(CHINA).date()
    three_years = {"started_on": today.replace(year=today.year - 3), "matures_on": today + timedelta(days=30)}
    bank.core.changes = {"D7001-1": {"balance": 8_000_050, **three_years}}
    await ask(bank, await begin(bank, FARMER), RENEWAL)
    (asked,) = bank.core.asked
    assert (asked.amount, asked.term) == (8_000_050, 36 if three_years["matures_on"].month == today.month else 37)


@pytest.mark.parametrize("loan", [{"balance": 50}, {"started_on": "31 years"}], ids=["sum", "term"])
async def test_what_the_core_could_not_take_is_not_stored(bank: Bank, loan: dict[str, Any]) -> None:
    today = bank.clock().astimezone(CHINA).date()
    changed = {"started_on": today.replace(year=today.year - 31)} if "started_on" in loan else loan
    bank.core.changes = {"D7001-1": changed}
    theirs = await begin(bank, FARMER)
    with pytest.raises(RequestError, match="not_online"):
        await ask(bank, theirs, RENEWAL)
    assert await bank.list_stored() == []


async def test_later_changes_of_an_application_do_not_change_what_is_sent(bank: Bank) -> None:
    theirs = await begin(bank, LINE)
    bank.core.away = "requests"
    assert (await ask(bank, theirs, DRAWDOWN)).core == "waiting"
    await change(bank, phone="13900001111", amount=0, term=0)
    bank.core.away = ""
    await bank.loans.send_waiting()
    (asked,) = bank.core.asked
    assert (asked.phone, asked.amount, asked.term) == (LINE, 3_000_000, 12)


async def test_one_that_cannot_be_sent_stops_no_other(bank: Bank, clock: FixedClock) -> None:
    bank.core.away = "requests"
    await ask(bank, await begin(bank, LINE), DRAWDOWN)
    await change(bank, loan={"loan_id": "broken"})
    clock.move(seconds=1)
    conflicting = (await ask(bank, await begin(bank, FARMER, user="li"), RENEWAL, "key-00002")).number
    clock.move(seconds=1)
    await ask(bank, await begin(bank, "13800007007", user="zhou"), DRAWDOWN, "key-00003")
    bank.core.away, bank.core.refused = "", {conflicting: "idempotency_conflict"}
    await bank.loans.send_waiting()
    assert [each.core_state for each in await bank.list_stored()] == ["to_send", "to_send", "sent"]


async def test_that_the_core_knows_a_key_otherwise_is_no_refusal(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    bank.core.refused = {"": "idempotency_conflict"}
    done = await ask(bank, await begin(bank, LINE), DRAWDOWN)
    assert (done.core, done.reason) == ("", "")
    assert "another content" in caplog.text
    assert [each.core_state for each in await bank.list_stored()] == ["to_send"]


async def test_a_late_refusal_is_told_once_to_the_customer_and_to_staff(bank: Bank) -> None:
    theirs = await begin(bank, LINE)
    bank.core.away = "requests"
    number = (await ask(bank, theirs, DRAWDOWN)).number
    await change(bank, manager_id="a-manager")
    bank.core.away, bank.core.refused = "", {"": "line_frozen"}
    await bank.loans.send_waiting()
    await bank.loans.send_waiting()
    assert await read(bank, theirs) == [
        f"您的用款申请（编号{number}）贷款系统没有受理：额度已经冻结。已经转给客户经理。"
    ]
    async with bank.database.reading() as session:
        (told,) = await session.scalars(select(Notification))
    assert (told.staff_id, "核心系统没有受理" in told.text) == ("a-manager", True)


async def test_what_is_refused_at_once_is_not_told_twice(bank: Bank) -> None:
    theirs = await begin(bank, LINE)
    bank.core.refused = {"": "line_frozen"}
    assert (await ask(bank, theirs, DRAWDOWN)).core == "refused"
    await bank.loans.send_waiting()
    assert await read(bank, theirs) == []


async def test_a_loan_under_two_phones_is_one(bank: Bank) -> None:
    bank.core.same = {"13800007999": FARMER}
    theirs = await begin(bank, FARMER, "13800007999")
    assert [loan.tail for loan in (await bank.loans.list_loans(theirs)).loans] == ["3017"]


async def test_for_what_has_ended_the_core_is_not_asked(bank: Bank) -> None:
    theirs = await begin(bank, LINE)
    bank.core.away = "requests"
    ref = (await bank.loans.list_loans(theirs)).loans[0].ref
    await hand_in(bank, ref, theirs, DRAWDOWN, "key-00001")
    await change(bank, stage="withdrawn")
    bank.core.away = ""
    assert (await hand_in(bank, ref, theirs, DRAWDOWN, "key-00001")).core == ""
    await bank.loans.send_waiting()
    assert bank.core.asked == []


@pytest.mark.parametrize(
    ("changes", "obstacle", "code"),
    [({"overdue_days": 3}, "overdue", "overdue"), ({"line": "over"}, "expired", "no_line"), ({}, "", "")],
)
async def test_nothing_is_drawn_from_a_line_that_is_over_or_of_a_loan_that_is_overdue(
    bank: Bank, changes: dict[str, Any], obstacle: str, code: str
) -> None:
    loan = (await bank.core.list_loans([LINE]))[0].loan
    assert loan.line is not None
    if "line" in changes:
        yesterday = bank.clock().astimezone(CHINA).date() - timedelta(days=1)
        changes = {"line": loan.line.model_copy(update={"until": yesterday})}
    bank.core.changes = {loan.loan_id: changes}
    theirs = await begin(bank, LINE)
    assert [each.draw_obstacle for each in (await bank.loans.list_loans(theirs)).loans] == [obstacle]
    if code:
        with pytest.raises(RequestError, match=code):
            await ask(bank, theirs, DRAWDOWN)


async def test_a_slow_core_is_waited_for_less_long_than_the_gateway_waits(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FIND_SECONDS + SEND_SECONDS + 0.5 < CORE_SECONDS
    theirs = await begin(bank, LINE)
    ref = (await bank.loans.list_loans(theirs)).loans[0].ref

    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(bank.loans, "_send_seconds", 0.05)
    monkeypatch.setattr(bank.loans, "_find_seconds", 0.2)
    with monkeypatch.context() as slow:
        slow.setattr(bank.core, "request", never)
        assert (await hand_in(bank, ref, theirs, DRAWDOWN, "key-00001")).core == "waiting"
    monkeypatch.setattr(bank.core, "list_loans", never)
    with pytest.raises(RequestError, match="core_away"):
        await hand_in(bank, ref, theirs, DRAWDOWN, "key-00002")
    assert len(await bank.list_stored()) == 1


@pytest.mark.parametrize("stage", ["declined", "withdrawn"])
async def test_what_the_core_has_taken_is_ended_there(bank: Bank, clock: FixedClock, stage: Stage) -> None:
    await ask(bank, await begin(bank, LINE), DRAWDOWN)
    (stored,) = await bank.list_stored()
    reason = "debt" if stage == "declined" else None
    ending = Move(expected="submitted", stage=stage, reason_class=reason)
    async with bank.database.transaction() as session:
        with pytest.raises(RequestError, match="core_has_it"):
            await move(session, stored.id, ending, ("credit_department",), now=clock.now, hours=HOURS)
    if stage == "declined":
        async with bank.database.transaction() as session:
            await move(session, stored.id, ending, ("bank_core",), now=clock.now, hours=HOURS)


async def test_what_the_core_was_not_asked_for_yet_is_ended_by_staff(bank: Bank, clock: FixedClock) -> None:
    bank.core.away = "requests"
    await ask(bank, await begin(bank, LINE), DRAWDOWN)
    (stored,) = await bank.list_stored()
    async with bank.database.transaction() as session:
        ending = Move(expected="submitted", stage="withdrawn")
        await move(session, stored.id, ending, ("account_manager",), now=clock.now, hours=HOURS)
    bank.core.away = ""
    await bank.loans.send_waiting()
    assert bank.core.asked == []


@pytest.mark.parametrize("stage", ["incomplete", "declined", "withdrawn", "expired"])
async def test_what_the_core_paid_out_is_drawn_whatever_staff_did_meanwhile(
    bank: Bank, clock: FixedClock, stage: Stage
) -> None:
    await ask(bank, await begin(bank, LINE), DRAWDOWN)
    await change(bank, stage=stage)
    (stored,) = await bank.list_stored()
    paid = Move(expected=stage, stage="drawn")
    async with bank.database.transaction() as session:
        with pytest.raises(RequestError, match="not_yours_to_move"):
            await move(session, stored.id, paid, ("credit_department",), now=clock.now, hours=HOURS)
        await move(session, stored.id, paid, ("bank_core",), now=clock.now, hours=HOURS)
        assert (await existing.read_state(session, stored.id)) == ("sent", "drawn")
