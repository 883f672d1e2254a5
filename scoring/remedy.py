"""What has to change before a customer who owes too much or earns too little can borrow."""

from bisect import bisect_left

from kit.money import format_yuan
from scoring.facts import Facts
from scoring.policy import Policy
from scoring.quota import is_lendable

STEP = 1_000
INCOME_MAX = 100_000_000_000


def find_remedy(facts: Facts, policy: Policy) -> str:
    """What a customer who is not lendable has to do, in words that 后 can follow: repay debt or else earn more."""
    debt = find_bearable_debt(facts, policy)
    if debt is None:
        return f"{policy.income_name}达到{format_yuan(find_needed_income(facts, policy))}"
    return f"把现有欠款还到{format_yuan(debt)}以内" if debt else "还清现有欠款"


def find_bearable_debt(facts: Facts, policy: Policy) -> int | None:
    """The most debt, in whole thousands of yuan, that still leaves room for a loan; None if none does."""
    debts = range(facts.existing_debt // STEP * STEP, -1, -STEP)
    first = bisect_left(debts, True, key=lambda debt: is_lendable(with_fact(facts, "existing_debt", debt), policy))
    return debts[first] if first < len(debts) else None


def find_needed_income(facts: Facts, policy: Policy) -> int:
    """The least yearly income, in whole thousands of yuan, that allows a loan on top of the present debt."""
    steps = range(INCOME_MAX // STEP)
    return bisect_left(steps, True, key=lambda n: is_lendable(with_fact(facts, policy.income, n * STEP), policy)) * STEP


def with_fact(facts: Facts, name: str, value: float) -> Facts:
    """The same customer with one fact changed."""
    return facts.model_copy(update={name: value})
