"""A day's run: once, whoever looks; what it raises, what is gone, what comes back; on both databases."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from early_warning.case import Case
from early_warning.rules import RULES, Finding, Values
from early_warning.schemas import NewWarnings
from early_warning.tables import EarlyWarning, WarningRun
from early_warning.worker import LEASE, SUBJECT
from kit.database import Database
from kit.pubsub import PubSub
from tests.early_warning import dying_worker
from tests.early_warning.bank import Bank, change_rules
from tests.waiting import WAIT_SECONDS


async def decide(bank: Bank, outcome: str) -> None:
    async with bank.database.transaction() as session:
        changes = {"outcome": outcome, "note": "电话核实过", "decided_by": "zhang", "decided_at": bank.clock.now}
        await session.execute(update(EarlyWarning).values(**changes))


async def settle_overdue(bank: Bank) -> str:
    """Somebody with an application who said that a loan is overdue."""
    await bank.meet("wang")
    await bank.check_quota("wang", 5, has_overdue=True)
    return await bank.apply("wang", 3)


async def test_the_same_person_on_two_channels(bank: Bank) -> None:
    for user in ("wang", "wechat", "li"):
        await bank.meet(user)
    identity = {"id_number": "11010519491231002x"}
    first = await bank.apply("wang", 20, details={"household_income": 30_000})
    second = await bank.apply("wechat", 10, details={**identity, "household_income": 100_000})
    third = await bank.apply("li", 5, phone="13900005678", details={"id_number": "11010519491231002X"})
    await bank.apply("li", 5, phone="13700009999")
    await bank.make_worker().look()
    assert await bank.list_rules(second) == ["contradicting_facts", "several_applications"]
    rows = {row.rule: row for row in await bank.list_warnings() if row.subject_id == second}
    assert "家庭年收入这次说10万元" in rows["contradicting_facts"].reason
    assert rows["several_applications"].staff_id == "zhang"
    # The other two do not know of each other: they share neither phone nor number.
    assert [await bank.list_rules(each) for each in (first, third)] == [["no_contact"], []]


async def test_contact_is_what_was_written_last(bank: Bank) -> None:
    await bank.meet("wang")
    silent = await bank.apply("wang", 20)
    await bank.write("wang", bank.clock.now - timedelta(days=13))
    await bank.make_worker().look()
    assert await bank.list_rules(silent) == []
    bank.clock.move(days=2)
    await bank.write("wang", bank.clock.now, author="bot")
    await bank.make_worker().look()
    assert await bank.list_rules(silent) == ["no_contact"]


async def test_what_holds_no_more_is_gone_and_may_come_back(bank: Bank) -> None:
    application = await settle_overdue(bank)
    await bank.make_worker().look()
    bank.clock.move(days=1)
    await bank.change(application, stage="declined")
    await bank.make_worker().look()
    (row,) = await bank.list_warnings()
    assert (row.gone_at, row.last_seen_at) == (bank.clock.now, bank.clock.now - timedelta(days=1))
    bank.clock.move(days=1)
    await bank.change(application, stage="checking")
    await bank.make_worker().look()
    (row,) = await bank.list_warnings()
    assert (row.gone_at, row.raised_at) == (None, bank.clock.now)


@pytest.mark.parametrize("outcome", ["false_alarm", "confirmed"])
async def test_closed_stays_closed_until_the_facts_change(bank: Bank, outcome: str) -> None:
    await settle_overdue(bank)
    await bank.make_worker().look()
    await decide(bank, outcome)
    for _ in range(3):
        bank.clock.move(days=1)
        await bank.make_worker().look()
    (row,) = await bank.list_warnings()
    assert (row.outcome, row.note, row.last_seen_at) == (outcome, "电话核实过", bank.clock.now)
    await bank.check_quota("wang", has_overdue=True)
    bank.clock.move(days=1)
    await bank.make_worker().look()
    closed, reopened = await bank.list_warnings()
    assert (closed.outcome, closed.gone_at) == (outcome, bank.clock.now)
    assert (reopened.outcome, reopened.raised_at, reopened.note) == (None, bank.clock.now, "")


async def test_a_second_run_on_the_same_day_changes_nothing(bank: Bank) -> None:
    await settle_overdue(bank)
    await bank.make_worker().look()
    before = [(row.id, row.last_seen_at) for row in await bank.list_warnings()]
    bank.clock.move(hours=2)
    await bank.check_quota("wang", has_overdue=True)
    await bank.make_worker().look()
    assert [(row.id, row.last_seen_at) for row in await bank.list_warnings()] == before


async def test_not_before_its_hour(bank: Bank) -> None:
    bank.clock.now = datetime(2026, 6, 30, 20, 59, tzinfo=UTC)  # 4:59 in China
    await settle_overdue(bank)
    await bank.make_worker().look()
    assert await bank.list_warnings() == []
    bank.clock.move(minutes=1)
    await bank.make_worker().look()
    assert await bank.list_rules() == ["told_overdue"]


async def test_several_processes_do_it_once(bank: Bank, elsewhere: Database) -> None:
    await settle_overdue(bank)
    told: list[Sequence[NewWarnings]] = []

    async def announce(session: AsyncSession, raised: Sequence[NewWarnings], now: datetime) -> None:
        told.append(raised)

    workers = [bank.make_worker(each, announce=announce) for each in (bank.database, elsewhere, bank.database)]
    await asyncio.gather(*(worker.look() for worker in workers))
    assert told == [[NewWarnings("zhang", "told_overdue", 1)]]


async def test_a_killed_run_is_taken_up_and_nothing_is_doubled(bank: Bank, database_url: str) -> None:
    for number in range(5):
        await bank.meet(f"user-{number}")
        await bank.check_quota(f"user-{number}", has_overdue=True)
        await bank.apply(f"user-{number}", phone=f"1380000000{number}")
    started = bank.clock.now.isoformat()
    dying = await asyncio.create_subprocess_exec(sys.executable, "-m", dying_worker.__name__, database_url, started)
    assert await dying.wait() == -signal.SIGKILL
    assert len(await bank.list_warnings()) == dying_worker.AT_ONCE, "of the second transaction nothing is kept"
    await bank.make_worker().look()
    assert len(await bank.list_warnings()) == dying_worker.AT_ONCE, "the other process may still be at it"
    bank.clock.move(seconds=LEASE.total_seconds() + 60)
    await bank.make_worker().look()
    warnings = await bank.list_warnings()
    assert len({row.subject_id for row in warnings}) == len(warnings) == 5
    assert {row.last_seen_at for row in warnings} == {bank.clock.now}
    async with bank.database.reading() as session:
        run = (await session.scalars(select(WarningRun))).one()
    assert (run.cases, run.findings, run.finished_at) == (5, 5, bank.clock.now)


async def test_a_slow_process_whose_run_was_taken_over_stops(bank: Bank, elsewhere: Database) -> None:
    await settle_overdue(bank)

    async def sleep() -> Sequence[Case]:
        bank.clock.move(seconds=LEASE.total_seconds())
        await bank.make_worker(elsewhere).look()
        return ()

    started = bank.clock.now
    await bank.make_worker(list_loans=sleep).look()
    (row,) = await bank.list_warnings()
    assert row.last_seen_at == bank.clock.now > started


async def test_a_rule_on_trial_raises_for_nobody_and_is_raised_when_live(bank: Bank) -> None:
    await settle_overdue(bank)
    told: list[Sequence[NewWarnings]] = []

    async def announce(session: AsyncSession, raised: Sequence[NewWarnings], now: datetime) -> None:
        told.append(raised)

    first = "name: 说有逾期\n  severity: high\n  mode: {2026-01-01: shadow, "
    rules = change_rules(f"{first}2026-03-01: live}}", f"{first}2026-07-02: live, 2026-07-03: stopped}}")
    worker = bank.make_worker(rules=rules, announce=announce)
    await worker.look()
    assert [(row.is_shadow, row.raised_at) for row in await bank.list_warnings()] == [(True, bank.clock.now)]
    bank.clock.move(days=1)
    await worker.look()
    assert [(row.is_shadow, row.raised_at) for row in await bank.list_warnings()] == [(False, bank.clock.now)]
    bank.clock.move(days=1)
    await worker.look()
    assert [row.gone_at for row in await bank.list_warnings()] == [bank.clock.now]
    assert told == [[], [NewWarnings("zhang", "told_overdue", 1)], []]


async def test_a_rule_that_fails_leaves_the_others_and_what_it_had_found(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = await settle_overdue(bank)
    await bank.make_worker().look()

    def fail(case: Case, values: Values, now: datetime) -> Finding | None:
        raise ZeroDivisionError

    bank.clock.move(days=1)
    await bank.change(application, alerts=3)
    broken = {**RULES, "told_overdue": RULES["told_overdue"]._replace(check=fail)}
    monkeypatch.setattr("early_warning.worker.RULES", broken)
    await bank.make_worker().look()
    assert await bank.list_rules() == ["told_overdue", "stage_overdue"]


async def test_open_pages_hear_of_it(bank: Bank) -> None:
    pubsub = PubSub(bank.database, bank.clock)
    with pubsub.subscribe(SUBJECT) as subscription:
        listening = asyncio.create_task(pubsub.run())
        await subscription.wait(WAIT_SECONDS)  # it is connected
        await bank.make_worker().look()
        assert "checked" in [signal.kind for signal in await subscription.wait(WAIT_SECONDS)]
        listening.cancel()
