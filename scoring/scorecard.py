"""The points scorecard: facts give points by bands of the policy, points give a grade."""

from decimal import Decimal

from scoring.policy import BusinessPolicy, FarmerPolicy, Grade, Policy, find_band
from scoring.schemas import BusinessFacts, Facts, FarmerFacts


def get_yearly_income(facts: Facts) -> int:
    """What loans are repaid from, in yuan a year: a household's income, a business's turnover."""
    if isinstance(facts, FarmerFacts):
        return facts.household_income
    if isinstance(facts, BusinessFacts):
        return facts.annual_turnover
    raise TypeError(f"no yearly income in {type(facts).__name__}")


def measure_debt_ratio(facts: Facts) -> Decimal:
    """Existing debt in percent of a year's income or turnover; infinite when there is debt and nothing comes in."""
    if facts.existing_debt == 0:
        return Decimal(0)
    income = get_yearly_income(facts)
    return Decimal(facts.existing_debt) * 100 / income if income else Decimal("Infinity")


def count_points(facts: Facts, policy: Policy) -> int:
    """All points of a customer. Raises TypeError when facts and policy belong to different products."""
    points = find_band(policy.points_debt, measure_debt_ratio(facts))
    if isinstance(facts, FarmerFacts) and isinstance(policy, FarmerPolicy):
        points += find_band(policy.points_land, Decimal(str(facts.land_mu)))
        points += find_band(policy.points_machinery, Decimal(facts.machinery_value))
        points += find_band(policy.points_income, Decimal(facts.household_income))
    elif isinstance(facts, BusinessFacts) and isinstance(policy, BusinessPolicy):
        points += find_band(policy.points_turnover, Decimal(facts.annual_turnover))
        points += find_band(policy.points_years, Decimal(str(facts.years_in_business)))
    else:
        raise TypeError(f"{type(facts).__name__} do not belong to {policy.product}")
    return points


def grade_customer(facts: Facts, policy: Policy) -> Grade:
    """The best grade whose points are reached."""
    points = count_points(facts, policy)
    return next(grade for grade, needed in policy.grade_points.items() if points >= needed)
