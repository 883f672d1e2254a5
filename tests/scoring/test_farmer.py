"""What farmers can repay, how they are scored, and what has to be inspected."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.farmer import FarmerFacts, FarmerPolicy, check_land_size, check_machinery_size
from scoring.policy_file import Policies


@pytest.fixture
def policy(policies: Policies) -> FarmerPolicy:
    policy = policies["farmer_loan"].get_policy(date(2026, 8, 1))
    assert isinstance(policy, FarmerPolicy)
    return policy


def make_facts(land_mu: float = 0, machinery_value: int = 0, household_income: int = 0) -> FarmerFacts:
    return FarmerFacts(
        land_mu=land_mu,
        machinery_value=machinery_value,
        household_income=household_income,
        existing_debt=0,
        has_overdue=False,
    )


@pytest.mark.parametrize(
    ("facts", "capacity"),
    [
        (make_facts(household_income=80_000), "80000"),
        (make_facts(household_income=80_000, land_mu=15, machinery_value=20_000), "110500"),
        (make_facts(household_income=80_000, land_mu=0.1), "80150"),
        # At most two and a half times the income.
        (make_facts(household_income=80_000, land_mu=100), "200000"),
        (make_facts(land_mu=100, machinery_value=200_000), "0"),
    ],
)
def test_capacity(policy: FarmerPolicy, facts: FarmerFacts, capacity: str) -> None:
    assert policy.measure_capacity(facts) == Decimal(capacity)


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        (make_facts(), 0),
        (make_facts(land_mu=4.9), 0),
        (make_facts(land_mu=5), 10),
        (make_facts(machinery_value=50_000), 15),
        (make_facts(household_income=100_000), 30),
        (make_facts(land_mu=50, machinery_value=150_000, household_income=100_000), 80),
    ],
)
def test_points(policy: FarmerPolicy, facts: FarmerFacts, points: int) -> None:
    assert policy.count_points(facts) == points


@pytest.mark.parametrize(("land_mu", "is_found"), [(300, False), (300.1, False), (300.2, True)])
def test_land_is_compared_by_its_written_digits(policy: FarmerPolicy, land_mu: float, is_found: bool) -> None:
    limit = policy.model_copy(update={"land_verify": Decimal("300.1")})
    assert bool(check_land_size(make_facts(land_mu=land_mu), limit)) is is_found


@pytest.mark.parametrize(("machinery_value", "is_found"), [(500_000, False), (500_001, True)])
def test_expensive_machinery_is_inspected(policy: FarmerPolicy, machinery_value: int, is_found: bool) -> None:
    assert bool(check_machinery_size(make_facts(machinery_value=machinery_value), policy)) is is_found


def test_each_fact_says_what_it_adds_and_the_ceiling_what_it_takes(policy: FarmerPolicy) -> None:
    facts = make_facts(household_income=10_000, land_mu=15, machinery_value=1_000)
    assert [tuple(part) for part in policy.list_parts(facts, Decimal(85))] == [
        ("household_income", 8_500, "年收入1万元，按85%"),
        ("land", 19_125, "土地15亩，每亩1275元，"),
        ("machinery", 340, "农机1000元，按34%"),
        ("income_ceiling", -6_715, "最多算到年收入的2.125倍，"),
    ]
