"""Who sees which warnings, what they may decide, and what is counted of each rule."""

import pytest

from desk.early_warnings import EarlyWarnings
from desk.roles import Role
from desk.schemas import StaffView
from desk.warning_notices import announce_warnings
from early_warning.rule_book import RuleText
from early_warning.schemas import Outcome, RuleMetrics, WarningView
from kit.errors import RequestError
from tests.desk.village import Village
from tests.early_warning.bank import Bank, change_rules

OVERDUE = "name: 说有逾期\n  severity: high\n  mode: {2026-01-01: shadow, 2026-03-01: live}"


@pytest.fixture
def bank(village: Village) -> Bank:
    return Bank(village.database, village.clock)


@pytest.fixture
def warnings(village: Village) -> EarlyWarnings:
    return EarlyWarnings(village.database, village.accounts, village.clock)


@pytest.fixture
def on_trial() -> dict[str, RuleText]:
    return change_rules(OVERDUE, OVERDUE.replace(", 2026-03-01: live", ""))


async def raise_overdue(
    bank: Bank, user: str, manager: StaffView | None, rules: dict[str, RuleText] | None = None
) -> str:
    """An application of somebody who said that a loan is overdue; a day's run has seen it."""
    await bank.meet(user)
    await bank.check_quota(user, has_overdue=True)
    phone = f"138{sum(map(ord, user)):08}"
    application = await bank.apply(user, phone=phone, manager_id=manager.id if manager else None)
    await look(bank, rules)
    return application


async def look(bank: Bank, rules: dict[str, RuleText] | None = None) -> None:
    bank.clock.move(days=1)
    await bank.make_worker(rules=rules, announce=announce_warnings).look()


async def refuse(warnings: EarlyWarnings, staff: StaffView, warning: WarningView, note: str = "电话核实过") -> int:
    with pytest.raises(RequestError) as refused:
        await warnings.decide(staff, warning, "confirmed", note)
    return refused.value.status


async def test_managers_see_their_own_and_supervisors_all(
    village: Village, bank: Bank, warnings: EarlyWarnings
) -> None:
    staff = await village.hire_everybody()
    zhang, li, wu = (staff[who] for who in ("their manager", "another manager", "a supervisor"))
    application = await raise_overdue(bank, "wang", zhang)
    await raise_overdue(bank, "chen", None)
    (own,), total = await warnings.list_all(zhang, "open", 10)
    assert (own.name, own.product, own.amount, own.rule, total) == ("王秀英", "farmer_loan", 100_000, "told_overdue", 1)
    assert "说有逾期" in own.reason
    assert await warnings.list_all(li, "open", 10) == ([], 0)
    found, total = await warnings.list_all(wu, "open", 1)
    assert (len(found), total) == (1, 2)
    await bank.change(application, manager_id=li.id)  # from that moment it is the other one's
    assert [(await warnings.list_all(each, "open", 10))[1] for each in (zhang, li)] == [0, 1]
    assert await refuse(warnings, zhang, own) == 403


@pytest.mark.parametrize("role", ["agent", "editor", "approver", "admin"])
async def test_other_roles_see_and_decide_nothing(
    village: Village, bank: Bank, warnings: EarlyWarnings, role: Role
) -> None:
    other, wu = await village.hire("li", role), await village.hire("wu", "supervisor")
    await raise_overdue(bank, "wang", None)
    ((warning,), _) = await warnings.list_all(wu, "open", 10)
    with pytest.raises(RequestError) as refused:
        await warnings.list_all(other, "open", 10)
    assert (refused.value.status, await refuse(warnings, other, warning)) == (403, 403)


async def test_only_supervisors_see_how_rules_do(village: Village, warnings: EarlyWarnings) -> None:
    with pytest.raises(RequestError) as refused:
        await warnings.list_rules(await village.hire("zhang"))
    assert refused.value.status == 403


async def test_each_is_decided_once_with_a_note_and_audited(
    village: Village, bank: Bank, warnings: EarlyWarnings
) -> None:
    zhang, wu = await village.hire("zhang"), await village.hire("wu", "supervisor")
    await raise_overdue(bank, "wang", zhang)
    ((warning,), _) = await warnings.list_all(zhang, "open", 10)
    assert [await refuse(warnings, zhang, warning, note) for note in ("", "   ", "长" * 201)] == [422] * 3
    await warnings.decide(zhang, warning, "watched", "下周再看")
    assert await refuse(warnings, wu, warning) == 409, "it was seen before a colleague decided"
    ((watched,), _) = await warnings.list_all(zhang, "watched", 10)
    await warnings.decide(wu, watched, "false_alarm", "他说错了")
    ((closed,), _) = await warnings.list_all(zhang, "over", 10)
    assert (closed.outcome, closed.note, closed.decided_by) == ("false_alarm", "他说错了", wu.id)
    assert await refuse(warnings, zhang, closed) == 409
    about = {"application": warning.number, "rule": "told_overdue"}
    decided = [
        (wu.id, warning.id, {**about, "outcome": "false_alarm"}),
        (zhang.id, warning.id, {**about, "outcome": "watched"}),
    ]
    assert await village.list_audit("warning_decided") == decided


async def test_false_alarms_are_counted_by_rule(village: Village, bank: Bank, warnings: EarlyWarnings) -> None:
    zhang, wu = await village.hire("zhang"), await village.hire("wu", "supervisor")
    for user in ("one", "two", "three", "four", "five"):
        await raise_overdue(bank, user, zhang)
    found, _ = await warnings.list_all(zhang, "open", 10)
    outcomes: tuple[Outcome, ...] = ("confirmed", "false_alarm", "false_alarm", "watched")
    for warning, outcome in zip(found, outcomes, strict=False):
        await warnings.decide(zhang, warning, outcome, "看过")
    rules, last_run = await warnings.list_rules(wu)
    (told,) = [rule for rule in rules if rule.name == "说有逾期"]
    assert told.metrics == RuleMetrics("told_overdue", 5, 1, 1, 2, 1, 0, 0)
    assert told.metrics.false_share == pytest.approx(2 / 3)
    assert (told.mode, last_run) == ("live", bank.clock.now)


async def test_a_rule_on_trial_is_counted_and_shown_to_nobody(
    village: Village, bank: Bank, warnings: EarlyWarnings, on_trial: dict[str, RuleText]
) -> None:
    zhang, wu = await village.hire("zhang"), await village.hire("wu", "supervisor")
    await raise_overdue(bank, "wang", zhang, on_trial)
    for staff in (zhang, wu):
        assert await warnings.list_all(staff, "open", 10) == ([], 0)
    (row,) = await bank.list_warnings()
    hidden = WarningView.model_validate(
        {**{name: getattr(row, name, "") for name in WarningView.model_fields}, "amount": 0}
    )
    assert await refuse(warnings, wu, hidden) == 404
    assert await village.list_notifications() == []
    rules, _ = await warnings.list_rules(wu)
    assert [each.metrics for each in rules if each.metrics.shadow_raised] == [
        RuleMetrics("told_overdue", 0, 0, 0, 0, 0, 1, 1)
    ]


async def test_each_is_notified_once_a_day_of_what_is_new(village: Village, bank: Bank) -> None:
    zhang, wu = await village.hire("zhang"), await village.hire("wu", "supervisor")
    left = await village.hire("left", "agent")
    for user, manager in (("one", zhang), ("two", zhang), ("three", None), ("four", left)):
        await bank.meet(user)
        await bank.check_quota(user, has_overdue=True)
        await bank.apply(user, phone=f"1380000{len(user)}{ord(user[0])}", manager_id=manager.id if manager else None)
    await look(bank)
    path = "/early-warnings"
    told = [(zhang.id, "新的预警2条\n说有逾期2条，请核对", path), (wu.id, "新的预警2条\n说有逾期2条，请核对", path)]
    assert sorted(await village.list_notifications()) == sorted(told)
    await look(bank)  # nothing is new on the next day
    assert len(await village.list_notifications()) == 2
