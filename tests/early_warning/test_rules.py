"""Each rule: when it holds, why, in words for staff, and on what facts."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from early_warning.case import Case
from early_warning.rules import RULES, Finding
from tests.early_warning.cases import NOW, make_case, tell

VALUES: dict[str, dict[str, int]] = {
    "several_applications": {"applications_max": 2, "days": 30},
    "contradicting_facts": {"difference": 50, "days": 365},
    "portrait_changed": {"fall": 40},
    "told_overdue": {"days": 180},
    "stage_overdue": {"alerts_min": 3},
    "no_contact": {"days": 14},
    "renewal_without_contact": {"due_days": 60, "days": 30},
}
INCOME = {"household_income": 100_000.0}
LONG_AGO = NOW - timedelta(days=40)
LOAN: dict[str, Any] = {"kind": "loan", "stage": "", "due_on": date(2026, 8, 20), "last_contact_at": LONG_AGO}
OPEN = [tell(f"申请QH{number}", days, is_open=True) for number, days in ((2, 20), (3, 5))]
CASES: list[tuple[str, str, Case, str]] = [
    (
        "several_applications",
        "three within a month",
        make_case(*OPEN),
        "30天内同一个人有3笔在办的申请，另有申请QH2、申请QH3",
    ),
    ("several_applications", "two", make_case(OPEN[0]), ""),
    ("several_applications", "one of them is over", make_case(OPEN[0], tell("申请QH3", 5)), ""),
    ("several_applications", "far from each other", make_case(OPEN[0], tell("申请QH3", 31, is_open=True)), ""),
    ("several_applications", "a loan", make_case(*OPEN, kind="loan"), ""),
    (
        "contradicting_facts",
        "three times as much as before",
        make_case(tell("申请QH0", 100, household_income=30_000), facts=INCOME),
        "家庭年收入这次说10万元，2026年3月13日申请QH0说3万元，相差70%",
    ),
    (
        "contradicting_facts",
        "two facts, each against the newest who says it",
        make_case(
            tell(days=1, land_mu=50),
            tell("申请QH0", 2, land_mu=10, annual_turnover=0),
            facts={"land_mu": 10, "annual_turnover": 60_000},
        ),
        "年流水这次说6万元，2026年6月19日申请QH0说0元，相差100%；种的地这次说10亩，2026年6月20日测额度说50亩，相差80%",
    ),
    ("contradicting_facts", "half as much", make_case(tell(days=9, household_income=50_000), facts=INCOME), ""),
    ("contradicting_facts", "long ago", make_case(tell(days=366, household_income=1), facts=INCOME), ""),
    ("contradicting_facts", "said later", make_case(tell(days=-1, household_income=1), facts=INCOME), ""),
    ("contradicting_facts", "not said now", make_case(tell(days=1, household_income=1)), ""),
    (
        "portrait_changed",
        "half of it a day later",
        make_case(tell(days=-1, household_income=50_000), facts=INCOME),
        "家庭年收入申请时说10万元，2026年6月22日测额度说5万元，少了50%",
    ),
    ("portrait_changed", "more than before", make_case(tell(days=-1, household_income=900_000), facts=INCOME), ""),
    ("portrait_changed", "said before", make_case(tell(days=1, household_income=50_000), facts=INCOME), ""),
    ("told_overdue", "in a quota check", make_case(tell(days=1, has_overdue=True)), "2026年6月20日测额度说有逾期"),
    ("told_overdue", "in the application", make_case(facts={"has_overdue": 1}), "2026年6月21日申请QH1说有逾期"),
    (
        "told_overdue",
        "denied later",
        make_case(tell(days=5, has_overdue=True), tell("申请QH9", 1, has_overdue=False)),
        "2026年6月16日测额度说有逾期，2026年6月20日申请QH9又说没有",
    ),
    ("told_overdue", "none", make_case(tell(has_overdue=False)), ""),
    ("told_overdue", "half a year ago", make_case(tell(days=171, has_overdue=True)), ""),
    (
        "stage_overdue",
        "alerted three times",
        make_case(alerts=3),
        "“审核中”超期后提醒了3次还没办，2026年6月28日起没有动过",
    ),
    ("stage_overdue", "alerted twice", make_case(alerts=2), ""),
    (
        "no_contact",
        "for two weeks",
        make_case(last_contact_at=NOW - timedelta(days=14, minutes=1)),
        "最后一次联系是2026年6月17日，超过14天没有联系",
    ),
    ("no_contact", "for a week", make_case(last_contact_at=NOW - timedelta(days=7)), ""),
    ("no_contact", "a loan needs none", make_case(**LOAN), ""),
    (
        "renewal_without_contact",
        "due in fifty days",
        make_case(**LOAN),
        "2026年8月20日到期，最后一次联系是2026年5月22日，超过30天",
    ),
    (
        "renewal_without_contact",
        "past due",
        make_case(**{**LOAN, "due_on": date(2026, 6, 1)}),
        "2026年6月1日到期，最后一次联系是2026年5月22日，超过30天",
    ),
    ("renewal_without_contact", "due in a year", make_case(**{**LOAN, "due_on": date(2027, 7, 1)}), ""),
    ("renewal_without_contact", "they have spoken", make_case(**{**LOAN, "last_contact_at": NOW}), ""),
    ("renewal_without_contact", "an application", make_case(last_contact_at=LONG_AGO), ""),
]


def check(rule: str, case: Case) -> Finding | None:
    return RULES[rule].check(case, VALUES[rule], NOW)


@pytest.mark.parametrize(
    ("rule", "case", "reason"),
    [(rule, case, reason) for rule, _, case, reason in CASES],
    ids=[f"{rule}: {label}" for rule, label, _, _ in CASES],
)
def test_a_rule(rule: str, case: Case, reason: str) -> None:
    finding = check(rule, case)
    assert (finding.reason if finding else "") == reason


def test_every_rule_has_a_case_that_holds_and_one_that_does_not() -> None:
    for holds in (True, False):
        assert {rule for rule, _, _, reason in CASES if bool(reason) is holds} == RULES.keys()


def test_time_alone_changes_no_facts() -> None:
    """Else what staff have closed would be back the next day."""
    for rule, label, case, reason in CASES:
        tomorrow = RULES[rule].check(case, VALUES[rule], NOW + timedelta(days=1))
        if reason:
            assert tomorrow == check(rule, case), label


def test_a_further_application_is_another_fact() -> None:
    before = check("several_applications", make_case(*OPEN))
    after = check("several_applications", make_case(*OPEN, tell("申请QH4", -1, is_open=True)))
    assert before
    assert after
    assert before.facts != after.facts


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_either_way_round_two_numbers_differ_as_much(one: float, other: float) -> None:
    findings = [
        check("contradicting_facts", make_case(tell(days=1, land_mu=before), facts={"land_mu": now}))
        for before, now in ((one, other), (other, one))
    ]
    assert (findings[0] is None) == (findings[1] is None)
