"""The rules that apply to every kind of customer, on both sides of their limits."""

from datetime import date
from typing import Any

import pytest

from scoring.business import BusinessFacts
from scoring.policy import Policy
from scoring.policy_file import Policies
from scoring.rules import (
    check_age_maximum,
    check_age_minimum,
    check_amount_wanted,
    check_debt_burden,
    check_overdue,
    check_service_area,
)


@pytest.fixture
def policy(policies: Policies) -> Policy:
    return policies["trader_loan"].get_policy(date(2026, 8, 1))


def make_facts(**facts: Any) -> BusinessFacts:
    usual = {"annual_turnover": 600_000, "years_in_business": 3, "existing_debt": 0, "has_overdue": False}
    return BusinessFacts.model_validate({**usual, **facts})


@pytest.mark.parametrize(
    ("rule", "passes", "fails", "code"),
    [
        (check_age_minimum, {"age": 18}, {"age": 17}, "age_below_minimum"),
        (check_age_maximum, {"age": 65}, {"age": 66}, "age_above_maximum"),
        (check_service_area, {"in_service_area": True}, {"in_service_area": False}, "outside_area"),
        (check_overdue, {"has_overdue": False}, {"has_overdue": True}, "overdue"),
        (check_debt_burden, {"existing_debt": 150_000}, {"existing_debt": 150_001}, "debt_too_high"),
        (check_amount_wanted, {"amount_wanted": 300_000}, {"amount_wanted": 300_001}, "amount_above_limit"),
    ],
)
def test_rule(policy: Policy, rule: Any, passes: dict[str, Any], fails: dict[str, Any], code: str) -> None:
    assert rule(make_facts(**passes), policy) is None
    finding = rule(make_facts(**fails), policy)
    assert finding.code == code
    assert finding.outcome == ("review" if rule is check_amount_wanted else "decline")
    # A refusal always tells the customer what to do.
    assert finding.outcome == "review" or finding.remedy or finding.advice


@pytest.mark.parametrize("rule", [check_age_minimum, check_age_maximum, check_service_area, check_amount_wanted])
def test_a_missing_optional_fact_is_not_judged(policy: Policy, rule: Any) -> None:
    assert rule(make_facts(), policy) is None
