"""The quota: what the customer can carry, less what is owed, times the grade's share, within the limits."""

from decimal import Decimal

from scoring.policy import BusinessPolicy, FarmerPolicy, Policy, find_band
from scoring.schemas import BusinessFacts, Facts, FarmerFacts
from scoring.scorecard import get_yearly_income, grade_customer, measure_debt_ratio


def compute_quota(facts: Facts, policy: Policy, limit: int) -> int:
    """Yuan, rounded down as the policy says, between 0 and the limit."""
    share = policy.grade_share[grade_customer(facts, policy)]
    quota = (measure_capacity(facts, policy) - facts.existing_debt) * share / 100
    return round_down(min(max(quota, Decimal(0)), Decimal(limit)), policy)


def measure_capacity(facts: Facts, policy: Policy) -> Decimal:
    """The loans of all banks together that the customer can repay, in yuan, before the grade's share."""
    if isinstance(facts, FarmerFacts) and isinstance(policy, FarmerPolicy):
        return min(measure_means(facts, policy), facts.household_income * policy.income_ceiling / 100)
    if isinstance(facts, BusinessFacts) and isinstance(policy, BusinessPolicy):
        return facts.annual_turnover * policy.turnover_share / 100
    raise TypeError(f"{type(facts).__name__} do not belong to {policy.product}")


def measure_means(facts: FarmerFacts, policy: FarmerPolicy) -> Decimal:
    """What income, land and machinery add up to, in yuan."""
    return (
        facts.household_income * policy.income_share / 100
        + Decimal(str(facts.land_mu)) * policy.land_value
        + facts.machinery_value * policy.machinery_share / 100
    )


def round_down(amount: Decimal, policy: Policy) -> int:
    """To a whole step: small amounts in small steps."""
    step = find_band(policy.rounding, amount)
    return int(amount // step) * step


def is_debt_too_high(facts: Facts, policy: Policy) -> bool:
    """Whether existing debt alone is more than the policy lets a year's income or turnover carry."""
    return get_yearly_income(facts) > 0 and measure_debt_ratio(facts) > policy.debt_max


def is_lendable(facts: Facts, policy: Policy) -> bool:
    """Whether income and debt leave room for the smallest loan."""
    return (
        not is_debt_too_high(facts, policy) and compute_quota(facts, policy, policy.online_limit) >= policy.amount_min
    )
