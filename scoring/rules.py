"""The rules of the credit policy: each looks at one thing and says nothing, or why it stands in the way.

To add a rule: write a function here, name it in RULES, and add a case to `tests/scoring/cases/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from scoring.policy import BusinessPolicy, FarmerPolicy, Policy, TraderPolicy
from scoring.quota import is_debt_too_high
from scoring.remedy import find_remedy
from scoring.schemas import BusinessFacts, Facts, FarmerFacts, Product
from scoring.scorecard import get_yearly_income
from scoring.wording import format_number, format_share, format_yuan


@dataclass(frozen=True)
class Finding:
    """What a rule found. `remedy` stands before 后 and is what the customer can do; `advice` is said where there is
    nothing of the kind."""

    outcome: Literal["review", "decline"]
    code: str
    text: str
    remedy: str = ""
    advice: str = ""


Rule = Callable[[Any, Any], Finding | None]


def check_age_minimum(facts: Facts, policy: Policy) -> Finding | None:
    """Nobody under age borrows."""
    if facts.age is None or facts.age >= policy.age_min:
        return None
    age = format_number(policy.age_min)
    text = f"您填写的年龄是{facts.age}岁，年满{age}岁才能申请贷款"
    return Finding("decline", "age_below_minimum", text, remedy=f"年满{age}岁")


def check_age_maximum(facts: Facts, policy: FarmerPolicy | TraderPolicy) -> Finding | None:
    """An unsecured loan to a person ends with working life."""
    if facts.age is None or facts.age <= policy.age_max:
        return None
    age = format_number(policy.age_max)
    text = f"您填写的年龄是{facts.age}岁，{policy.title}的申请人不超过{age}岁"
    return Finding("decline", "age_above_maximum", text, advice=f"可以请不超过{age}岁的家人作为申请人来办理。")


def check_service_area(facts: Facts, policy: Policy) -> Finding | None:
    """A county bank lends where it can visit."""
    if facts.in_service_area is not False:
        return None
    text = "您的住所或经营地不在本行的服务区域内"
    return Finding("decline", "outside_area", text, advice="建议您向住所或经营地当地的银行申请。")


def check_overdue(facts: Facts, policy: Policy) -> Finding | None:
    """Overdue debts are settled before new ones are made."""
    if not facts.has_overdue:
        return None
    text = "您目前有逾期，或近两年内逾期超过90天"
    return Finding("decline", "overdue", text, remedy="结清逾期且近两年内没有超过90天的逾期")


def check_years_in_business(facts: BusinessFacts, policy: BusinessPolicy) -> Finding | None:
    """A business has to have shown that it lasts."""
    years = Decimal(str(facts.years_in_business))
    if years >= policy.years_min:
        return None
    needed = format_number(policy.years_min)
    text = f"您已经营{format_number(years)}年，{policy.title}要求经营满{needed}年"
    return Finding("decline", "business_too_young", text, remedy=f"经营满{needed}年")


def check_debt_burden(facts: Facts, policy: Policy) -> Finding | None:
    """Who owes much already is not helped by owing more."""
    if not is_debt_too_high(facts, policy):
        return None
    name = "家庭年收入" if isinstance(facts, FarmerFacts) else "年经营流水"
    income = f"{name}{format_yuan(get_yearly_income(facts))}的{format_share(policy.debt_max)}"
    text = f"您现有欠款{format_yuan(facts.existing_debt)}，超过{income}"
    return Finding("decline", "debt_too_high", text, remedy=find_remedy(facts, policy).phrase)


def check_amount_wanted(facts: Facts, policy: Policy) -> Finding | None:
    """Above the online limit a human decides."""
    if facts.amount_wanted is None or facts.amount_wanted <= policy.online_limit:
        return None
    wanted = format_yuan(facts.amount_wanted)
    if facts.amount_wanted > policy.amount_max:
        limit = f"{policy.title}最高{format_yuan(policy.amount_max)}"
    else:
        limit = f"线上最高{format_yuan(policy.online_limit)}"
    return Finding("review", "amount_above_limit", f"您想要{wanted}，{limit}，需要客户经理与您面谈")


def check_land_size(facts: FarmerFacts, policy: FarmerPolicy) -> Finding | None:
    """Large farms are looked at, not believed."""
    if facts.land_mu <= policy.land_verify:
        return None
    text = f"您种地{format_number(facts.land_mu)}亩，超过{format_number(policy.land_verify)}亩需要客户经理实地核实"
    return Finding("review", "land_to_verify", text)


def check_machinery_size(facts: FarmerFacts, policy: FarmerPolicy) -> Finding | None:
    """Costly machines are looked at, not believed."""
    if facts.machinery_value <= policy.machinery_verify:
        return None
    value, most = format_yuan(facts.machinery_value), format_yuan(policy.machinery_verify)
    return Finding("review", "machinery_to_verify", f"您家农机约值{value}，超过{most}需要客户经理实地核实")


def check_turnover_size(facts: BusinessFacts, policy: BusinessPolicy) -> Finding | None:
    """A turnover beyond the usual is read from the accounts, not believed."""
    if facts.annual_turnover <= policy.turnover_verify:
        return None
    turnover, most = format_yuan(facts.annual_turnover), format_yuan(policy.turnover_verify)
    return Finding("review", "turnover_to_verify", f"您的年经营流水约{turnover}，超过{most}需要客户经理核实账目")


# The strongest first: law, then what no money mends, then money.
_PERSON: tuple[Rule, ...] = (check_age_minimum, check_age_maximum, check_service_area, check_overdue)
_FIRM: tuple[Rule, ...] = (check_age_minimum, check_service_area, check_overdue)
_MONEY: tuple[Rule, ...] = (check_debt_burden, check_amount_wanted)
RULES: Mapping[Product, tuple[Rule, ...]] = {
    "farmer_loan": (*_PERSON, *_MONEY, check_land_size, check_machinery_size),
    "trader_loan": (*_PERSON, check_years_in_business, *_MONEY, check_turnover_size),
    "firm_loan": (*_FIRM, check_years_in_business, *_MONEY, check_turnover_size),
}


def apply_rules(facts: Facts, policy: Policy) -> list[Finding]:
    """Everything that stands in the way, the strongest first."""
    return [finding for rule in RULES[policy.product] if (finding := rule(facts, policy))]
