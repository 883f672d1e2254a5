"""Finds sums, spans and areas in English words, alone or within Chinese: 12 months, 100 thousand, 20 mu."""

import re
from decimal import Decimal

from understanding.quantities import Kind, Quantity

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS: dict[str, int | Decimal] = {
    **{word: number for number, word in enumerate(_ONES, 1)},
    "fifteen": 15,
    "eighteen": 18,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "a hundred": 100,
    "half a": Decimal("0.5"),
    "a couple of": 2,
}
_SCALES = {"k": 1000, "thousand": 1000, "grand": 1000, "w": 10_000, "wan": 10_000, "million": 1_000_000}

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}(?![0-9,])|[0-9]{1,9})(?:\.[0-9]{1,4})?(?![0-9])|" + "|".join(
    sorted(_WORDS, key=len, reverse=True)
)
_QUANTITY = re.compile(
    rf"(?<![a-z0-9.,$€£])(?:(?P<low>{_NUMBER}) ?(?:(?P<low_scale>k|w) ?)?(?:to|or|-|~) ?)?(?P<high>{_NUMBER})[ -]?"
    r"(?:(?P<money>(?:(?P<scale>k|w|wan|thousand|grand|million)(?![a-z]))? ?(?:yuan|rmb|cny|kuai)?)"
    r"|(?P<year>y(?:ea)?rs?)|(?P<month>mo(?:nth)?s?)|(?P<mu>mu|mou))"
    r"(?P<half> and (?:a )?half)?(?![a-z])(?! (?:old|ago|dollar))"
)
_ONE_YEAR = re.compile(r"(?:(?:for|of|in|over|within|than) |^)(?P<span>(?:a|one) year(?P<half> and a half)?)(?![a-z])")
# What may follow a number that counts nothing: borrow 50000 for 2 years.
_COUNTED = re.compile(
    r"(?<![a-z0-9.,])[$€£]? ?[0-9][0-9,.]* ?"
    r"(?!(?:for|and|or|to|in|per|each|every|at|with|on|from|is|was|please|but|now|then|left|i|my|we|yuan|rmb|cny|kuai|"
    r"k|w|wan|thousand|grand|million|annually|yearly|monthly|daily|a|so|can|total|only|over|within)(?![a-z]))"
    r"[a-z]{3,}"
)
_ENGLISH = re.compile(r"[a-z]{2}")
_LONGEST_TERM = 600


def take_english(text: str) -> tuple[list[Quantity], str]:
    """The quantities in English words of a lower-case text, and the text with them blanked out, of the same length."""
    if not _ENGLISH.search(text):
        return [], text
    found = []
    for match in _QUANTITY.finditer(text):
        quantity = _read(match)
        if quantity:
            found.append(quantity)
    for match in _ONE_YEAR.finditer(text):
        months = 18 if match["half"] else 12
        if not any(q.start < match.end() and match.start("span") < q.end for q in found):
            found.append(Quantity("term", months, months, match.start("span"), match.end("span")))
    for quantity in found:
        text = _blank(text, quantity.start, quantity.end)
    return sorted(found, key=lambda q: q.start), _COUNTED.sub(lambda match: "\0" * len(match.group()), text)


def _read(match: re.Match[str]) -> Quantity | None:
    kind: Kind
    scale = Decimal(1)
    if match["year"]:
        kind, scale = "term", Decimal(12)
    elif match["month"]:
        kind = "term"
    elif match["mu"]:
        kind = "area"
    elif match["money"].strip() in ("", "k", "w") and not match["low"]:
        return None  # 5000, 50k: read as in Chinese
    elif not match["money"].strip():
        return None
    else:
        kind, scale = "amount", Decimal(_SCALES.get(match["scale"] or "", 1))
    high = _value(match["high"]) * scale
    low = high
    if match["low"]:
        low = _value(match["low"]) * (Decimal(_SCALES[match["low_scale"]]) if match["low_scale"] else scale)
    if match["half"]:
        low, high = low + scale / 2, high + scale / 2
    if low > high or not high or (kind == "term" and not (1 <= low <= high <= _LONGEST_TERM and low % 1 == 0)):
        return None
    return Quantity(kind, _simplify(low), _simplify(high), match.start(), match.start() + len(match.group().rstrip()))


def _value(written: str) -> Decimal:
    return Decimal(_WORDS[written]) if written in _WORDS else Decimal(written.replace(",", ""))


def _simplify(number: Decimal) -> int | float:
    return int(number) if number % 1 == 0 else float(number)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\0" * (end - start) + text[end:]
