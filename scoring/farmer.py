"""Farmers (农户贷): households judged by their income, land and machinery."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from kit.money import format_yuan
from scoring import rules
from scoring.facts import Facts, Money, Strict
from scoring.findings import Finding, Part, Rule
from scoring.policy import Mu, Percent, Points, Policy, Years, Yuan, YuanPerMu, find_band
from scoring.wording import format_counted, format_number, format_share


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

    def list_parts(self, facts: FarmerFacts, share: Decimal) -> Iterator[Part]:
        """Income, land and machinery, less what is above the ceiling."""
        counted = self.income_share * share / 100
        income = f"年收入{format_yuan(facts.household_income)}，{format_counted(counted)}"
        yield Part("household_income", facts.household_income * counted / 100, income)
        each = self.land_value * share / 100
        land = f"土地{format_number(facts.land_mu)}亩，每亩{format_number(each)}元，"
        yield Part("land", Decimal(str(facts.land_mu)) * each, land)
        counted = self.machinery_share * share / 100
        machinery = f"农机{format_yuan(facts.machinery_value)}，{format_counted(counted)}"
        yield Part("machinery", facts.machinery_value * counted / 100, machinery)
        excess = self.measure_means(facts) - self.measure_capacity(facts)
        ceiling = f"最多算到年收入的{format_share(self.income_ceiling * share / 100)}，"
        yield Part("income_ceiling", -excess * share / 100, ceiling)


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
    value, most = format_yuan(facts.machinery_value), format_yuan(policy.machinery_verify)
    return Finding("review", "machinery_to_verify", f"您家农机按{value}计，超过{most}需要客户经理实地核实")
