"""What became of the facts about one field: a value, or why there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.actions.slots import Slots
from understanding.schemas import Fact


@dataclass(frozen=True, slots=True)
class Found:
    """A value that can be taken as it is."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unclear:
    """A value that cannot be taken; `hint` chooses the wording of the next question (domain.yml)."""

    hint: str
    low: str | None = None
    high: str | None = None


Taken = Found | Unclear
Take = Callable[[Sequence[Fact], Slots, Any], Taken]
"""From the facts about one field (at least one), the slots and the field's value before."""
