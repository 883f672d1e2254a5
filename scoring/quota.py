"""The grade and the quota: what the customer can repay, less what is owed, times the grade's share, within limits."""

from decimal import Decimal

from scoring.facts import Facts
from scoring.policy import DEBT_RATIO, Grade, Policy, find_band
from scoring.scorecards.scorecard import Row


def measure_debt_ratio(facts: Facts, policy: Policy) -> Decimal:
    """Existing debt in percent of a year's income; infinite when there is debt but no income."""
    if facts.existing_debt == 0:
        return Decimal(0)
    income = policy.get_income(facts)
    return Decimal(facts.existing_debt) * 100 / income if income else Decimal("Infinity")


def grade_customer(facts: Facts, policy: Policy) -> Grade:
    """The best grade whose points are reached: those of the scorecard, if the policy has one."""
    if policy.card:
        points = policy.card.score(list_card_facts(facts, policy))
    else:
        points = find_band(policy.points_debt, measure_debt_ratio(facts, policy)) + policy.count_points(facts)
    return next(grade for grade, needed in policy.grade_points.items() if points >= needed)


def list_card_facts(facts: Facts, policy: Policy) -> Row:
    """What a scorecard is asked with."""
    return {**facts.model_dump(), DEBT_RATIO: measure_debt_ratio(facts, policy)}


def compute_quota(facts: Facts, policy: Policy, limit: int) -> int:
    """Yuan, rounded down as the policy says, between 0 and the limit."""
    share = policy.grade_share[grade_customer(facts, policy)]
    carried = (policy.measure_capacity(facts) - facts.existing_debt) * share / 100
    return round_quota(min(max(carried, Decimal(0)), Decimal(limit)), policy)


def round_quota(yuan: Decimal | int, policy: Policy) -> int:
    """Down to the step that the policy sets for a sum of this size."""
    step = find_band(policy.rounding, yuan)
    return int(yuan // step) * step


def is_debt_too_high(facts: Facts, policy: Policy) -> bool:
    """Whether existing debt alone exceeds what the policy allows for a year's income."""
    return policy.get_income(facts) > 0 and measure_debt_ratio(facts, policy) > policy.debt_max


def is_lendable(facts: Facts, policy: Policy) -> bool:
    """Whether income and debt leave room for the smallest loan."""
    quota = compute_quota(facts, policy, policy.terms.online_limit)
    return not is_debt_too_high(facts, policy) and quota >= policy.terms.amount_min
