"""Why the quota is what it is: each fact that changed it, measured by leaving that fact out."""

from collections.abc import Iterator

from kit.money import format_yuan
from scoring.facts import Facts
from scoring.findings import Effect, Finding
from scoring.policy import Policy
from scoring.quota import compute_quota, grade_customer
from scoring.remedy import find_bearable_debt, find_remedy, with_fact
from scoring.wording import format_about

UNLIMITED = 10**12


def explain_quota(facts: Facts, policy: Policy, limit: int) -> list[Effect]:
    """The facts that changed a quota above 0, the strongest first; at least one."""
    effects = [effect for effect in _list_effects(facts, policy, limit) if effect.yuan > 0]
    return sorted(effects, key=lambda effect: -effect.yuan)


def explain_refusal(facts: Facts, policy: Policy) -> Finding:
    """Why not even the smallest loan is possible, and what would help."""
    if find_bearable_debt(facts, policy) is None:
        code = policy.low_income_code
        cause = f"按您的{policy.income_name}{format_yuan(policy.get_income(facts))}测算"
    else:
        code, cause = "debt_too_high", f"扣除您现有欠款{format_yuan(facts.existing_debt)}后"
    text = f"{cause}，可贷额度不到起贷的{format_yuan(policy.terms.amount_min)}"
    return Finding("decline", code, text, find_remedy(facts, policy))


def _list_effects(facts: Facts, policy: Policy, limit: int) -> Iterator[Effect]:
    quota = compute_quota(facts, policy, limit)

    def measure_change(name: str, value: float) -> int:
        return compute_quota(with_fact(facts, name, value), policy, limit) - quota

    yield from policy.list_effects(facts, measure_change, policy.grade_share[grade_customer(facts, policy)])
    loss, debt = measure_change("existing_debt", 0), format_yuan(facts.existing_debt)
    yield Effect(loss, "existing_debt", f"您现有欠款{debt}，额度因此减少约{format_about(loss)}")
    loss, most = compute_quota(facts, policy, UNLIMITED) - quota, format_yuan(limit)
    if limit == policy.terms.amount_max:
        yield Effect(loss, "product_maximum", f"{policy.terms.name}最高{most}，已按最高额度测算")
    else:
        yield Effect(loss, "online_limit", f"线上最高可批{most}，更高额度可由客户经理上门办理")
