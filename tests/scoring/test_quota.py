"""Grade, debt ratio and quota of one customer, in whole yuan."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.business import BusinessFacts
from scoring.policy import Policy
from scoring.policy_file import Policies
from scoring.quota import compute_quota, grade_customer, measure_debt_ratio


@pytest.fixture
def policy(policies: Policies) -> Policy:
    return policies["trader_loan"].get_policy(date(2026, 8, 1))


def make_facts(annual_turnover: int, existing_debt: int = 0) -> BusinessFacts:
    return BusinessFacts(
        annual_turnover=annual_turnover, years_in_business=5, existing_debt=existing_debt, has_overdue=False
    )


@pytest.mark.parametrize(
    ("turnover", "debt", "ratio"), [(600_000, 0, "0"), (600_000, 90_000, "15"), (0, 0, "0"), (0, 1, "Infinity")]
)
def test_debt_ratio(policy: Policy, turnover: int, debt: int, ratio: str) -> None:
    assert measure_debt_ratio(make_facts(turnover, debt), policy) == Decimal(ratio)


def test_grade_falls_with_debt(policy: Policy) -> None:
    assert [grade_customer(make_facts(500_000, debt), policy) for debt in (0, 50_000, 150_000)] == ["A", "B", "B"]


@pytest.mark.parametrize(
    ("turnover", "quota"),
    [
        (166_666, 49_000),  # 49,999.80: in steps of 1,000
        (166_667, 50_000),  # 50,000.10
        (183_333, 50_000),  # 54,999.90: in steps of 5,000
        (183_334, 55_000),  # 55,000.20
    ],
)
def test_quota_is_rounded_down_in_steps(policy: Policy, turnover: int, quota: int) -> None:
    everybody = policy.model_copy(update={"grade_share": dict.fromkeys("ABCD", Decimal(100))})
    assert compute_quota(make_facts(turnover), everybody, 300_000) == quota


@pytest.mark.parametrize(("debt", "quota"), [(0, 300_000), (10_000_000, 0)])
def test_quota_stays_between_zero_and_the_limit(policy: Policy, debt: int, quota: int) -> None:
    assert compute_quota(make_facts(10_000_000, debt), policy, 300_000) == quota
