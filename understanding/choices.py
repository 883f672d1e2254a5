"""Finds which option of a question a message chooses: a way of repaying, whether one is married."""

import re
from collections.abc import Iterator
from functools import cache

from forms.catalogue import load_catalogue
from lending.schedule import Method
from products.schemas import REPAYMENT_NAMES
from understanding.schemas import Fact


def find_choices(plain: str, method: Method | None) -> Iterator[Fact]:
    """The options that a normalised text chooses; `method` is the way of repaying that it names (rates.py)."""
    if method:
        yield Fact(kind="choice", role="repayment", text=REPAYMENT_NAMES[method], end=len(plain))
    for slot, options in _compile():
        found = [(option, match) for option, said in options if (match := said.search(plain))]
        if len(found) == 1:
            option, match = found[0]
            yield Fact(kind="choice", role=slot, text=option, start=match.start(), end=match.end())


@cache
def _compile() -> tuple[tuple[str, tuple[tuple[str, re.Pattern[str]], ...]], ...]:
    return tuple(
        (question.slot, tuple((option, re.compile(said)) for option, said in question.options.items()))
        for question in load_catalogue().questions.values()
        if question.options
    )
