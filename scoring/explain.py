"""Why the quota is what it is: what each fact adds or takes, in sums that add up to the quota, and what would help."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from kit.money import format_yuan
from scoring.facts import Facts
from scoring.findings import Finding, Part, Reason
from scoring.policy import Policy
from scoring.quota import compute_quota, grade_customer, list_card_facts
from scoring.remedy import find_bearable_debt, find_remedy
from scoring.scorecards.scorecard import Loss
from scoring.wording import format_counted


def explain_quota(facts: Facts, policy: Policy, limit: int, room: int) -> list[Reason]:
    """At most `room` (at least 1) sentences whose amounts add up to a quota above 0, in the order of the calculation.

    The last one says the total and what is taken off it, after the parts that the others have no room for.
    """
    reasons = list(_list_parts(facts, policy))
    subtotal, quota = sum(reason.amount for reason in reasons), compute_quota(facts, policy, limit)
    if len(reasons) == 1 and subtotal == quota:
        return reasons
    total = _tell_total(subtotal, quota, policy, limit)
    return [*reasons[: room - 1], _merge([*reasons[room - 1 :], total])]


def explain_grade(facts: Facts, policy: Policy, room: int) -> list[Loss]:
    """What cost the most points of a scorecard, in its approved words; nothing with the best grade."""
    if not policy.card or grade_customer(facts, policy) == "A":
        return []
    return policy.card.list_losses(list_card_facts(facts, policy))[:room]


def explain_refusal(facts: Facts, policy: Policy) -> Finding:
    """Why not even the smallest loan is possible, and what would help."""
    if find_bearable_debt(facts, policy) is None:
        code = policy.low_income_code
        cause = f"按您的{policy.income_name}{format_yuan(policy.get_income(facts))}测算"
    else:
        code, cause = "debt_too_high", f"扣除您现有欠款{format_yuan(facts.existing_debt)}后"
    text = f"{cause}，可贷额度不到起贷的{format_yuan(policy.terms.amount_min)}"
    return Finding("decline", code, text, find_remedy(facts, policy))


def _list_parts(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """In whole yuan that still add up: the total is rounded down after each part, not each part alone."""
    share = policy.grade_share[grade_customer(facts, policy)]
    debt = f"现有欠款{format_yuan(facts.existing_debt)}，{format_counted(share)}"
    exact, told = Decimal(0), 0
    for part in (
        *policy.list_parts(facts, share),
        Part("existing_debt", -facts.existing_debt * share / 100, debt),
    ):
        exact += part.yuan
        amount = math.floor(exact) - told
        told += amount
        if amount:
            yield Reason(part.code, f"{part.basis}{'算' if amount > 0 else '减'}{format_yuan(abs(amount))}", amount)


def _tell_total(subtotal: int, quota: int, policy: Policy, limit: int) -> Reason:
    code, text, left = "total", f"合计{format_yuan(subtotal)}", subtotal
    if subtotal > limit:
        is_most = limit == policy.terms.amount_max
        code = "product_maximum" if is_most else "online_limit"
        left = limit
        name = policy.terms.name if is_most else "线上"
        text += f"，{name}最高{format_yuan(limit)}，减{format_yuan(subtotal - left)}"
    if left > quota:
        text += f"，去零头{format_yuan(left - quota)}"
    if subtotal > quota:
        text += f"，为{format_yuan(quota)}"
    return Reason(code, text, quota - subtotal)


def _merge(reasons: Sequence[Reason]) -> Reason:
    text = "；".join(reason.text for reason in reasons)
    largest = max(reasons, key=lambda reason: abs(reason.amount))
    return Reason(largest.code, text, sum(reason.amount for reason in reasons))
