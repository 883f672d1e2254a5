"""What businesses can repay, how they are scored, and how traders differ from firms."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.business import BusinessFacts, BusinessPolicy, check_turnover_size, check_years_in_business
from scoring.policy_file import Policies
from scoring.rules import check_age_maximum


@pytest.fixture
def trader(policies: Policies) -> BusinessPolicy:
    return get_policy(policies, "trader_loan")


@pytest.fixture
def firm(policies: Policies) -> BusinessPolicy:
    return get_policy(policies, "firm_loan")


def get_policy(policies: Policies, product: str) -> BusinessPolicy:
    policy = policies[product].get_policy(date(2026, 8, 1))
    assert isinstance(policy, BusinessPolicy)
    return policy


def make_facts(annual_turnover: int = 0, years_in_business: float = 0, age: int | None = None) -> BusinessFacts:
    return BusinessFacts(
        annual_turnover=annual_turnover,
        years_in_business=years_in_business,
        age=age,
        existing_debt=0,
        has_overdue=False,
    )


def test_capacity_is_the_products_share_of_turnover(trader: BusinessPolicy, firm: BusinessPolicy) -> None:
    facts = make_facts(annual_turnover=100_001)
    assert trader.measure_capacity(facts) == Decimal("30000.3")
    assert firm.measure_capacity(facts) == Decimal("25000.25")


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        (make_facts(), 5),
        (make_facts(annual_turnover=199_999, years_in_business=0.9), 5),
        (make_facts(annual_turnover=200_000, years_in_business=1), 25),
        (make_facts(annual_turnover=1_000_000, years_in_business=5), 70),
    ],
)
def test_points(trader: BusinessPolicy, facts: BusinessFacts, points: int) -> None:
    assert trader.count_points(facts) == points


def test_only_traders_have_a_maximum_age(trader: BusinessPolicy, firm: BusinessPolicy) -> None:
    facts = make_facts(age=66)
    assert check_age_maximum(facts, trader) is not None
    assert check_age_maximum(facts, firm) is None


@pytest.mark.parametrize(("years", "is_found"), [(1.0, True), (1.1, False), (1.2, False)])
def test_years_are_compared_by_their_written_digits(trader: BusinessPolicy, years: float, is_found: bool) -> None:
    limit = trader.model_copy(update={"years_min": Decimal("1.1")})
    assert bool(check_years_in_business(make_facts(years_in_business=years), limit)) is is_found


@pytest.mark.parametrize(("turnover", "is_found"), [(5_000_000, False), (5_000_001, True)])
def test_a_high_turnover_is_checked(trader: BusinessPolicy, turnover: int, is_found: bool) -> None:
    assert bool(check_turnover_size(make_facts(annual_turnover=turnover), trader)) is is_found


def test_the_bands_of_years_to_come_are_named(trader: BusinessPolicy) -> None:
    improvements = trader.list_improvements(make_facts(annual_turnover=300_000, years_in_business=2))
    assert [tuple(each) for each in improvements] == [
        ("years_in_business", 3.0, "经营满3年"),
        ("years_in_business", 5.0, "经营满5年"),
    ]
