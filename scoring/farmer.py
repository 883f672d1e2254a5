"""Farmers (农户贷): households judged by their income, land and machinery."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from kit.money import format_yuan
from scoring import rules
from scoring.facts import Facts, Money, Strict
from scoring.findings import Effect, Finding, QuotaChange, Rule
from scoring.policy import Mu, Percent, Points, Policy, Years, Yuan, YuanPerMu, find_band
from scoring.wording import format_about, format_number, format_share

FarmerPolicyName = Literal["farmer_loan"]


class FarmerFacts(Facts):
    """`land_mu`: land farmed, in mu. `household_income`: a year's, after costs; 0 for a loss."""

    land_mu: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    machinery_value: Money
    household_income: Money


class FarmerRequest(Strict):
    """Asks for a decision on a product for farmers."""

    product: str
    facts: FarmerFacts


class FarmerPolicy(Policy):
    """How farmers are judged."""

    facts_type = FarmerFacts
    income = "household_income"
    income_name = "家庭年收入"
    low_income_code = "income_too_low"

    product: FarmerPolicyName
    age_max: Years
    income_share: Percent
    income_ceiling: Percent
    land_value: YuanPerMu
    machinery_share: Percent
    land_verify: Mu
    machinery_verify: Yuan
    points_land: Points
    points_machinery: Points
    points_income: Points

    def list_rules(self) -> tuple[Rule, ...]:
        """The shared rules, then those on property that has to be inspected."""
        return (*rules.PERSON, *rules.MONEY, check_land_size, check_machinery_size)

    def measure_capacity(self, facts: FarmerFacts) -> Decimal:
        """The household's means, at most a multiple of its yearly income."""
        return min(self.measure_means(facts), facts.household_income * self.income_ceiling / 100)

    def measure_means(self, facts: FarmerFacts) -> Decimal:
        """What income, land and machinery add up to, in yuan."""
        return (
            facts.household_income * self.income_share / 100
            + Decimal(str(facts.land_mu)) * self.land_value
            + facts.machinery_value * self.machinery_share / 100
        )

    def count_points(self, facts: FarmerFacts) -> int:
        """Points for land, machinery and income."""
        return (
            find_band(self.points_land, facts.land_mu)
            + find_band(self.points_machinery, facts.machinery_value)
            + find_band(self.points_income, facts.household_income)
        )

    def list_effects(self, facts: FarmerFacts, change: QuotaChange, share: Decimal) -> Iterator[Effect]:
        """What the quota loses without income, land or machinery."""
        income = f"您家年收入约{format_about(facts.household_income)}"
        if self.measure_capacity(facts) < self.measure_means(facts):
            text = f"{income}，所有贷款合计控制在年收入的{format_share(self.income_ceiling)}以内"
        else:
            text = f"{income}，按年收入的{format_share(self.income_share * share / 100)}计入额度"
        yield Effect(-change("household_income", 0), "household_income", text)
        gain = -change("land_mu", 0)
        yield Effect(gain, "land", f"您种地{format_number(facts.land_mu)}亩，额度因此增加约{format_about(gain)}")
        gain, value = -change("machinery_value", 0), format_about(facts.machinery_value)
        yield Effect(gain, "machinery", f"您家农机按{value}计，额度因此增加约{format_about(gain)}")


def check_land_size(facts: FarmerFacts, policy: FarmerPolicy) -> Finding | None:
    """Large farms are inspected."""
    if Decimal(str(facts.land_mu)) <= policy.land_verify:
        return None
    text = f"您种地{format_number(facts.land_mu)}亩，超过{format_number(policy.land_verify)}亩需要客户经理实地核实"
    return Finding("review", "land_to_verify", text)


def check_machinery_size(facts: FarmerFacts, policy: FarmerPolicy) -> Finding | None:
    """Expensive machinery is inspected."""
    if facts.machinery_value <= policy.machinery_verify:
        return None
    value, most = format_about(facts.machinery_value), format_yuan(policy.machinery_verify)
    return Finding("review", "machinery_to_verify", f"您家农机按{value}计，超过{most}需要客户经理实地核实")
