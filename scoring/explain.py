"""Why the quota is what it is: every fact that really moved it, measured by taking that fact away.

Reason codes: household_income, land, machinery, annual_turnover, years_in_business, existing_debt, online_limit,
product_maximum; income_too_low, turnover_too_low and debt_too_high where nothing can be lent.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from scoring.policy import BusinessPolicy, FarmerPolicy, Policy
from scoring.quota import compute_quota, measure_means
from scoring.remedy import find_remedy, with_fact
from scoring.rules import Finding
from scoring.schemas import BusinessFacts, Facts, FarmerFacts, Reason
from scoring.scorecard import get_yearly_income, grade_customer
from scoring.wording import format_number, format_share, format_yuan

UNLIMITED = 10**12


class Effect(NamedTuple):
    """A reason with the yuan by which it moved the quota."""

    yuan: int
    code: str
    text: str


def explain_quota(facts: Facts, policy: Policy, limit: int) -> list[Reason]:
    """True reasons of a quota above 0, the strongest first; at least one."""
    effects = [effect for effect in _weigh(facts, policy, limit) if effect.yuan > 0]
    effects.sort(key=lambda effect: -effect.yuan)
    return [Reason(code=effect.code, text=effect.text) for effect in effects]


def explain_refusal(facts: Facts, policy: Policy) -> Finding:
    """Why not even the smallest loan is possible, and what would help."""
    remedy, least = find_remedy(facts, policy), format_yuan(policy.amount_min)
    if remedy.is_debt:
        text = f"扣除您现有欠款{format_yuan(facts.existing_debt)}后，可贷额度不到起贷的{least}"
        return Finding("decline", "debt_too_high", text, remedy.phrase)
    is_farmer = isinstance(facts, FarmerFacts)
    name, code = ("家庭年收入", "income_too_low") if is_farmer else ("年经营流水", "turnover_too_low")
    text = f"按您的{name}{format_yuan(get_yearly_income(facts))}测算，可贷额度不到起贷的{least}"
    return Finding("decline", code, text, remedy.phrase)


def _weigh(facts: Facts, policy: Policy, limit: int) -> Iterator[Effect]:
    quota = compute_quota(facts, policy, limit)

    def measure(name: str, value: int | float) -> int:
        return compute_quota(with_fact(facts, name, value), policy, limit)

    if isinstance(facts, FarmerFacts) and isinstance(policy, FarmerPolicy):
        yield Effect(quota - measure("household_income", 0), "household_income", _describe_income(facts, policy))
        gain = quota - measure("land_mu", 0)
        land = format_number(facts.land_mu)
        yield Effect(gain, "land", f"您种地{land}亩，额度因此增加约{format_yuan(gain)}")
        gain = quota - measure("machinery_value", 0)
        value = format_yuan(facts.machinery_value)
        yield Effect(gain, "machinery", f"您家农机约值{value}，额度因此增加约{format_yuan(gain)}")
    if isinstance(facts, BusinessFacts) and isinstance(policy, BusinessPolicy):
        yield Effect(quota - measure("annual_turnover", 0), "annual_turnover", _describe_turnover(facts, policy))
        better = (edge for edge in policy.points_years if measure("years_in_business", float(edge)) > quota)
        if edge := next(better, None):
            loss = measure("years_in_business", float(edge)) - quota
            years, needed = format_number(facts.years_in_business), format_number(edge)
            text = f"您已经营{years}年，经营满{needed}年时额度可提高约{format_yuan(loss)}"
            yield Effect(loss, "years_in_business", text)
    loss = measure("existing_debt", 0) - quota
    debt = format_yuan(facts.existing_debt)
    yield Effect(loss, "existing_debt", f"您现有欠款{debt}，额度因此减少约{format_yuan(loss)}")
    yield _weigh_limit(compute_quota(facts, policy, UNLIMITED) - quota, policy, limit)


def _weigh_limit(loss: int, policy: Policy, limit: int) -> Effect:
    most = format_yuan(limit)
    if limit == policy.amount_max:
        return Effect(loss, "product_maximum", f"{policy.title}最高{most}，已按最高额度测算")
    return Effect(loss, "online_limit", f"线上最高可批{most}，更高额度可由客户经理上门办理")


def _describe_income(facts: FarmerFacts, policy: FarmerPolicy) -> str:
    income = format_yuan(facts.household_income)
    if measure_means(facts, policy) > facts.household_income * policy.income_ceiling / 100:
        return f"您家年收入约{income}，所有贷款合计控制在年收入的{format_share(policy.income_ceiling)}以内"
    return f"您家年收入约{income}，按年收入的{_format_counted(policy.income_share, facts, policy)}计入额度"


def _describe_turnover(facts: BusinessFacts, policy: BusinessPolicy) -> str:
    turnover = format_yuan(facts.annual_turnover)
    return f"您的年经营流水约{turnover}，按流水的{_format_counted(policy.turnover_share, facts, policy)}测算"


def _format_counted(share: Decimal, facts: Facts, policy: Policy) -> str:
    return format_share(share * policy.grade_share[grade_customer(facts, policy)] / 100)
