"""What would have to change so that a customer who owes too much or earns too little can borrow."""

from bisect import bisect_left
from typing import Any, NamedTuple

from scoring.policy import Policy
from scoring.quota import is_lendable
from scoring.schemas import Facts, FarmerFacts
from scoring.wording import format_yuan

STEP = 1_000
INCOME_MAX = 100_000_000_000


class Remedy(NamedTuple):
    """`is_debt`: whether paying debt back is enough; `phrase`: what to do, to stand before 后."""

    is_debt: bool
    phrase: str


def find_remedy(facts: Facts, policy: Policy) -> Remedy:
    """For a customer who is not lendable: the debt to come down to, or else the income to reach."""
    debt = find_bearable_debt(facts, policy)
    if debt is None:
        income = find_needed_income(facts, policy)
        name = "家庭年收入" if isinstance(facts, FarmerFacts) else "年经营流水"
        return Remedy(False, f"{name}达到{format_yuan(income)}")
    return Remedy(True, f"把现有欠款还到{format_yuan(debt)}以内" if debt else "还清现有欠款")


def find_bearable_debt(facts: Facts, policy: Policy) -> int | None:
    """The most debt, in whole thousands of yuan, beside which a loan is possible; None when there is none."""
    repaid = range(facts.existing_debt // STEP + 1)
    most = facts.existing_debt // STEP * STEP
    steps = bisect_left(
        repaid, True, key=lambda n: is_lendable(with_fact(facts, "existing_debt", most - n * STEP), policy)
    )
    return most - steps * STEP if steps < len(repaid) else None


def find_needed_income(facts: Facts, policy: Policy) -> int:
    """The least yearly income or turnover, in whole thousands of yuan, that carries a loan beside today's debt."""
    name = "household_income" if isinstance(facts, FarmerFacts) else "annual_turnover"
    steps = range(INCOME_MAX // STEP)
    return bisect_left(steps, True, key=lambda n: is_lendable(with_fact(facts, name, n * STEP), policy)) * STEP


def with_fact(facts: Facts, name: str, value: Any) -> Facts:
    """The same customer with one fact changed."""
    return facts.model_copy(update={name: value})
