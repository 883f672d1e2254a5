"""What rules and the quota have to tell the customer."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple


class Finding(NamedTuple):
    """What a rule found. `remedy` is what the customer can do, in words that 后 can follow (结清逾期后); `advice` is a
    whole sentence, for findings that the customer cannot remedy."""

    outcome: Literal["review", "decline"]
    code: str
    text: str
    remedy: str = ""
    advice: str = ""


class Effect(NamedTuple):
    """A reason for the quota, and the yuan by which it changed the quota."""

    yuan: int
    code: str
    text: str


Rule = Callable[[Any, Any], Finding | None]
"""(facts, policy) -> a finding, or None if the rule is satisfied."""
QuotaChange = Callable[[str, float], int]
"""(fact, other value) -> yuan by which the quota would change if the fact had that value."""
