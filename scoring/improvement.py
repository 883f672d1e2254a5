"""What would raise a quota: one thing that the customer can do or wait for, tried out by the policy itself."""

from bisect import bisect_left
from collections.abc import Iterator

from kit.money import format_yuan
from scoring.facts import Facts
from scoring.findings import Improvement
from scoring.policy import Policy
from scoring.quota import compute_quota, round_quota
from scoring.remedy import INCOME_MAX, STEP, with_fact

# Without a wish, the income is named that raises the quota by this much.
GAIN_PERCENT = 20


def find_improvement(facts: Facts, policy: Policy, limit: int) -> str:
    """A sentence that names the quota reached by it; empty if the quota is all that is wanted, or to be had."""
    quota, most = compute_quota(facts, policy, limit), round_quota(limit, policy)
    goal = min(most, facts.amount_wanted or most)
    if quota >= goal:
        is_capped = quota == most and compute_quota(facts, policy, policy.terms.amount_max) > most
        return "更高额度可由客户经理上门办理。" if is_capped else ""
    target = goal if facts.amount_wanted else min(most, quota * (100 + GAIN_PERCENT) // 100)
    for improvement in _list_improvements(facts, policy, limit, target):
        reached = compute_quota(with_fact(facts, improvement.fact, improvement.value), policy, limit)
        if reached > quota:
            return f"{improvement.deed}后，额度可到{format_yuan(reached)}。"
    return ""


def _list_improvements(facts: Facts, policy: Policy, limit: int, target: int) -> Iterator[Improvement]:
    if facts.existing_debt:
        yield Improvement("existing_debt", 0, f"还清现有欠款{format_yuan(facts.existing_debt)}")
    yield from policy.list_improvements(facts)
    incomes = range(0, INCOME_MAX, STEP)
    first = bisect_left(
        incomes, target, key=lambda yuan: compute_quota(with_fact(facts, policy.income, yuan), policy, limit)
    )
    if first < len(incomes):
        yield Improvement(policy.income, incomes[first], f"{policy.income_name}达到{format_yuan(incomes[first])}")
