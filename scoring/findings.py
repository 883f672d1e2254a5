"""What rules and the quota have to tell the customer."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple


class Finding(NamedTuple):
    """What a rule found. `remedy` is what the customer can do, worded to stand before 后; `advice` is a sentence of
    its own, for findings that the customer cannot remedy."""

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
"""(facts, policy) -> what stands in the way, if anything."""
QuotaChange = Callable[[str, float], int]
"""(fact, other value) -> yuan by which the quota would change if the fact had that value."""
