"""What rules and the quota have to tell the customer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, NamedTuple


class Finding(NamedTuple):
    """What a rule found. `remedy` is what the customer can do, in words that 后 can follow (结清逾期后); `advice` is a
    whole sentence, for findings that the customer cannot remedy."""

    outcome: Literal["review", "decline"]
    code: str
    text: str
    remedy: str = ""
    advice: str = ""


class Part(NamedTuple):
    """What a fact adds to the quota, or takes from it, in yuan.

    `basis` says what it is worked out from, in words that 算 or 减 and the sum follow: `土地15亩，每亩1275元，`.
    """

    code: str
    yuan: Decimal
    basis: str


class Improvement(NamedTuple):
    """Another value of a fact that might raise the quota, and what the customer has to do for it."""

    fact: str
    value: float
    deed: str


class Reason(NamedTuple):
    """A sentence on the quota, and the yuan that its sums add up to."""

    code: str
    text: str
    amount: int


Rule = Callable[[Any, Any], Finding | None]
"""(facts, policy) -> a finding, or None if the rule is satisfied."""
