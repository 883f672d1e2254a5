"""A policy whose customers are graded by a scorecard."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.decide import decide
from scoring.policy import Policy
from scoring.policy_file import PolicyError, load_policies
from scoring.quota import compute_quota, grade_customer
from scoring.schemas import parse_request
from scoring.scorecards.scorecard import Scorecard
from tests.scoring.folders import add_card, copy_policies

SINCE = date(2026, 11, 1)
GRADES = {"A": 590, "B": 560, "C": 530, "D": 0}
GOOD = {"annual_turnover": 600_000, "years_in_business": 8, "existing_debt": 0, "has_overdue": False}
CARD: dict[str, Any] = {
    "name": "traders",
    "since": SINCE,
    "source": "drawn for tests",
    "target": "went_bad",
    "scale": {},
    "base": 500,
    "approved_by": "风险部李红、信贷部王强",
    "characteristics": {
        "years_in_business": {
            "kind": "number",
            "direction": "rising",
            "reason": "经营时间还不长",
            "bands": [{"points": 0}, {"start": 3, "points": 40}, {"start": 6, "points": 50}],
            "missing": {"points": 0},
        },
        "debt_ratio": {
            "kind": "number",
            "direction": "falling",
            "reason": "欠款占流水偏多",
            "bands": [{"points": 45}, {"start": 20, "points": 10}, {"start": 60, "points": 0}],
            "missing": {"points": 0},
        },
    },
}


def make_folder(tmp_path: Path, grades: dict[str, int] = GRADES, **changes: Any) -> Path:
    folder = copy_policies(tmp_path)
    add_card(folder, "trader_loan", Scorecard.model_validate(CARD | changes), grades)
    return folder


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return load_policies(make_folder(tmp_path_factory.mktemp("card")))["trader_loan"].get_policy(SINCE)


def make_facts(**changes: Any) -> Any:
    return parse_request({"product": "trader_loan", "facts": GOOD | changes}).facts


def test_the_card_grades_from_its_day_on(tmp_path: Path) -> None:
    policies = load_policies(make_folder(tmp_path))
    before = policies["trader_loan"].get_policy(date(2026, 10, 31))
    after = policies["trader_loan"].get_policy(SINCE)
    assert (before.version, before.card) == ("trader_loan@2026-07-01", None)
    assert after.version == "trader_loan@2026-11-01"
    assert after.card
    assert after.card.version == "traders@2026-11-01"


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, "A"),
        ({"years_in_business": 3}, "B"),
        ({"existing_debt": 150_000}, "B"),
        ({"years_in_business": 3, "existing_debt": 150_000}, "C"),
        ({"years_in_business": 1, "existing_debt": 400_000}, "D"),
        ({"years_in_business": 1, "existing_debt": 10, "annual_turnover": 0}, "D"),
    ],
)
def test_grades(policy: Policy, changes: dict[str, Any], grade: str) -> None:
    assert grade_customer(make_facts(**changes), policy) == grade


def test_what_cost_points_is_told_in_approved_words(policy: Policy) -> None:
    best = decide(make_facts(), policy, SINCE)
    assert not [reason for reason in best.reasons if reason.code.startswith("card_")]
    lower = decide(make_facts(years_in_business=3, existing_debt=60_000), policy, SINCE)
    assert [(reason.code, reason.text) for reason in lower.reasons if reason.amount is None] == [
        ("card_years_in_business", "经营时间还不长，评分低一些"),
    ]
    both = decide(make_facts(years_in_business=1, existing_debt=130_000), policy, SINCE)
    assert [reason.code for reason in both.reasons[:2]] == ["card_years_in_business", "card_debt_ratio"]
    for decision in (best, lower, both):
        assert sum(reason.amount or 0 for reason in decision.reasons) == decision.quota
        assert len(decision.reasons) <= 4


@given(
    turnover=st.integers(0, 5_000_000),
    debt=st.integers(0, 2_000_000),
    years=st.floats(0, 40),
    more=st.integers(1, 1_000_000),
)
def test_more_income_and_less_debt_never_cost_quota(
    policy: Policy, turnover: int, debt: int, years: float, more: int
) -> None:
    facts = make_facts(annual_turnover=turnover, existing_debt=debt, years_in_business=years)
    quota = compute_quota(facts, policy, 300_000)
    richer = facts.model_copy(update={"annual_turnover": turnover + more})
    freer = facts.model_copy(update={"existing_debt": max(0, debt - more)})
    assert compute_quota(richer, policy, 300_000) >= quota
    assert compute_quota(freer, policy, 300_000) >= quota


@pytest.mark.parametrize(
    ("changes", "grades", "complaint"),
    [
        ({"approved_by": ""}, GRADES, "may not score customers"),
        ({"characteristics": {"shoe_size": CARD["characteristics"]["years_in_business"]}}, GRADES, "nobody is asked"),
        (
            {"characteristics": {"debt_ratio": CARD["characteristics"]["years_in_business"]}},
            GRADES,
            "debt_ratio has to be falling",
        ),
        ({}, {"A": 75, "B": 55, "C": 35, "D": 0}, "A needs points from 501 to 595"),
        ({}, {"A": 596, "B": 560, "C": 530, "D": 0}, "A needs points"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, changes: dict[str, Any], grades: dict[str, int], complaint: str
) -> None:
    with pytest.raises(PolicyError, match=complaint):
        load_policies(make_folder(tmp_path, grades, **changes))


def test_a_card_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "scorecards" / "traders.yml").unlink()
    with pytest.raises(PolicyError, match=r"trader_loan\.yml: traders\.yml"):
        load_policies(folder)
