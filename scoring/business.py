"""Businesses (商户贷, 小微企业贷): traders and firms judged by their turnover and years in business."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from kit.money import format_years, format_yuan
from scoring import rules
from scoring.facts import Facts, Money, Strict
from scoring.findings import Finding, Improvement, Part, Rule
from scoring.policy import Percent, Points, Policy, Years, Yuan, find_band
from scoring.wording import format_counted, format_number


class BusinessFacts(Facts):
    """`annual_turnover` and `years_in_business` without a break."""

    annual_turnover: Money
    years_in_business: Annotated[float, Field(ge=0, le=200, allow_inf_nan=False)]


class BusinessRequest(Strict):
    """Asks for a decision on a product for traders or firms."""

    product: str
    facts: BusinessFacts


class BusinessPolicy(Policy):
    """How businesses are judged. 小微企业贷 has no `age_max`: a firm outlives its legal representative."""

    facts_type = BusinessFacts
    income = "annual_turnover"
    income_name = "年经营流水"
    low_income_code = "turnover_too_low"

    years_min: Years
    turnover_share: Percent
    turnover_verify: Yuan
    points_turnover: Points
    points_years: Points

    def list_rules(self) -> tuple[Rule, ...]:
        """The shared rules and those for businesses, the strongest first."""
        return (*rules.PERSON, check_years_in_business, *rules.MONEY, check_turnover_size)

    def measure_capacity(self, facts: BusinessFacts) -> Decimal:
        """A share of the yearly turnover."""
        return facts.annual_turnover * self.turnover_share / 100

    def count_points(self, facts: BusinessFacts) -> int:
        """Points for turnover and years in business."""
        points = find_band(self.points_turnover, facts.annual_turnover)
        return points + find_band(self.points_years, facts.years_in_business)

    def list_parts(self, facts: BusinessFacts, share: Decimal) -> Iterator[Part]:
        """The share of the turnover."""
        counted = self.turnover_share * share / 100
        turnover = f"年流水{format_yuan(facts.annual_turnover)}，{format_counted(counted)}"
        yield Part("annual_turnover", facts.annual_turnover * counted / 100, turnover)

    def list_improvements(self, facts: BusinessFacts) -> Iterator[Improvement]:
        """The next bands of years in business."""
        for needed in self.points_years:
            if needed > Decimal(str(facts.years_in_business)):
                yield Improvement("years_in_business", float(needed), f"经营满{format_number(needed)}年")


def check_years_in_business(facts: BusinessFacts, policy: BusinessPolicy) -> Finding | None:
    """A business must have existed for some years."""
    if Decimal(str(facts.years_in_business)) >= policy.years_min:
        return None
    needed = format_number(policy.years_min)
    text = f"您已经营{format_years(facts.years_in_business)}，{policy.terms.name}要求经营满{needed}年"
    return Finding("decline", "business_too_young", text, remedy=f"经营满{needed}年")


def check_turnover_size(facts: BusinessFacts, policy: BusinessPolicy) -> Finding | None:
    """An unusually high turnover is checked against the accounts."""
    if facts.annual_turnover <= policy.turnover_verify:
        return None
    turnover, most = format_yuan(facts.annual_turnover), format_yuan(policy.turnover_verify)
    return Finding("review", "turnover_to_verify", f"您的年流水{turnover}，超过{most}需要客户经理核实账目")
