"""Finds the numbers that a text of the bank's states: sums, spans of time and yearly rates, however they are spelt."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from kit.numerals import normalise
from understanding.english_quantities import take_english
from understanding.quantities import find_quantities
from understanding.rates import list_rates

NumberKind = Literal["amount", "term", "rate"]
_JOIN = re.compile(" ?(?:到|至|[-–—―~]{1,2}) ?")
_KINDS: dict[str, NumberKind] = {"amount": "amount", "term": "term"}
_LEAST_BARE = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """What text[start:end] states: yuan, months, or percent a year; `high` differs where it is a range in one unit."""

    kind: NumberKind
    low: Decimal
    high: Decimal
    start: int
    end: int


def find_numbers(text: str) -> list[Number]:
    """All of them, from left to right; a range whose ends have each a unit is two."""
    plain = normalise(text)
    rates = [Number("rate", rate, rate, start, end) for rate, start, end in list_rates(plain)]
    english, rest = take_english(plain)
    stated = [*english, *find_quantities(rest)]
    others = [
        part
        for each in stated
        if (kind := _KINDS.get(each.kind) or ("amount" if each.low >= _LEAST_BARE else None))
        for part in _split(rest, Number(kind, Decimal(str(each.low)), Decimal(str(each.high)), each.start, each.end))
    ]
    apart = [each for each in others if not any(each.start < rate.end and rate.start < each.end for rate in rates)]
    return sorted([*rates, *apart], key=lambda number: number.start)


def _split(plain: str, number: Number) -> list[Number]:
    """The two ends of a range, if each is right by itself."""
    join = _JOIN.search(plain, number.start, number.end)
    if number.low == number.high or join is None:
        return [number]
    places = (number.start, join.start()), (join.end(), number.end)
    ends = []
    for wanted, (start, end) in zip((number.low, number.high), places, strict=True):
        read = find_quantities(plain[start:end])
        if len(read) != 1 or read[0].kind != number.kind or Decimal(str(read[0].low)) != wanted:
            return [number]
        ends.append(Number(number.kind, wanted, wanted, start, end))
    return ends
