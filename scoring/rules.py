"""Rules for every kind of customer: each checks one thing and returns a finding, or None."""

from kit.money import format_yuan
from scoring.facts import Facts
from scoring.findings import Finding, Rule
from scoring.policy import Policy
from scoring.quota import is_debt_too_high
from scoring.remedy import find_remedy
from scoring.wording import format_number, format_share


def check_age_minimum(facts: Facts, policy: Policy) -> Finding | None:
    """Minors cannot borrow."""
    if facts.age is None or facts.age >= policy.age_min:
        return None
    age = format_number(policy.age_min)
    text = f"您填写的年龄是{facts.age}岁，年满{age}岁才能申请贷款"
    return Finding("decline", "age_below_minimum", text, remedy=f"年满{age}岁")


def check_age_maximum(facts: Facts, policy: Policy) -> Finding | None:
    """Applicants repay out of earnings, so they must be of working age; products for firms set no maximum."""
    if facts.age is None or policy.age_max is None or facts.age <= policy.age_max:
        return None
    age = format_number(policy.age_max)
    text = f"您填写的年龄是{facts.age}岁，{policy.terms.name}的申请人不超过{age}岁"
    return Finding("decline", "age_above_maximum", text, advice=f"可以请不超过{age}岁的家人作为申请人来办理。")


def check_service_area(facts: Facts, policy: Policy) -> Finding | None:
    """A county bank lends only where it can visit."""
    if facts.in_service_area is not False:
        return None
    text = "您的住所或经营地不在本行的服务区域内"
    return Finding("decline", "outside_area", text, advice="建议您向住所或经营地当地的银行申请。")


def check_overdue(facts: Facts, policy: Policy) -> Finding | None:
    """Customers with overdue debts get no new loan."""
    if not facts.has_overdue:
        return None
    text = "您目前有逾期，或近两年内逾期超过90天"
    return Finding("decline", "overdue", text, remedy="结清逾期且近两年内没有超过90天的逾期")


def check_debt_burden(facts: Facts, policy: Policy) -> Finding | None:
    """Customers who already owe too much for their income get no new loan."""
    if not is_debt_too_high(facts, policy):
        return None
    income = f"{policy.income_name}{format_yuan(policy.get_income(facts))}的{format_share(policy.debt_max)}"
    text = f"您现有欠款{format_yuan(facts.existing_debt)}，超过{income}"
    return Finding("decline", "debt_too_high", text, remedy=find_remedy(facts, policy))


def check_amount_wanted(facts: Facts, policy: Policy) -> Finding | None:
    """Above the online limit an account manager decides."""
    if facts.amount_wanted is None or facts.amount_wanted <= policy.terms.online_limit:
        return None
    wanted = format_yuan(facts.amount_wanted)
    if facts.amount_wanted > policy.terms.amount_max:
        limit = f"{policy.terms.name}最高{format_yuan(policy.terms.amount_max)}"
    else:
        limit = f"线上最高{format_yuan(policy.terms.online_limit)}"
    return Finding("review", "amount_above_limit", f"您想要{wanted}，{limit}，需要客户经理与您面谈")


PERSON: tuple[Rule, ...] = (check_age_minimum, check_age_maximum, check_service_area, check_overdue)
MONEY: tuple[Rule, ...] = (check_debt_burden, check_amount_wanted)
