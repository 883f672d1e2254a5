"""A parser that is fuzzed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attack.inputs import Inputs


@dataclass(frozen=True)
class Parser:
    """`parse` takes what `draw` gives, and may raise `errors`; it gets so many `shares` of the time."""

    name: str
    draw: Callable[[Inputs], Any]
    parse: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = ()
    shares: int = 1
