"""Figures of products that were typed by hand into texts, and will be wrong once a product is changed: pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kit.money import format_months, format_yuan
from products.schemas import Product
from products.variables import VARIABLE
from understanding.numbers import Number, NumberKind, find_numbers
from understanding.products import list_names

# The numbers of a product by the variable that stands for each.
NUMBERS: Mapping[str, NumberKind] = {
    "amount_min": "amount",
    "online_limit": "amount",
    "amount_max": "amount",
    "spouse_consent_from": "amount",
    "term_max": "term",
    "rate_min": "rate",
    "rate_max": "rate",
}
# Words beside a sum that say which of several equal ones it is.
_WORDS = {
    "online_limit": re.compile("线上|online", re.IGNORECASE),
    "spouse_consent_from": re.compile("配偶|夫妻|spouse", re.IGNORECASE),
}
_SENTENCE_END = re.compile(r"[。！？；;!?\n]|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[，,。！？；;!?\n]")
_AND = re.compile(r"\s*(?:、|和|与|及|或|and|or|,|/)\s*(?:the )?", re.IGNORECASE)
# What variables say is right by itself, and addresses say nothing.
_HIDDEN = re.compile(f"{VARIABLE.pattern}|https://[^\\s()\u0080-\uffff]+")
_SAYS_RATE = re.compile("%|％|百分之|利率|厘")


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """text[start:end] states a number that a product will have no more; `product` "": no product is named.

    `replacement` says the same by variables. Not `is_sure`: it may as well be another number, which stays.
    """

    start: int
    end: int
    product: str
    is_sure: bool
    replacement: str


def find_typed(text: str, title: str, old: Product, new: Product) -> list[TypedNumber]:
    """Those in a text under a title, as it speaks of a product that is changed."""
    before, after = read_numbers(old), read_numbers(new)
    if all(before[name] == after[name] for name in NUMBERS):
        return []
    plain = _HIDDEN.sub(lambda found: "\0" * len(found[0]), text)  # all else stays in its place
    names, titles = list_names(text), {name for name, _, _ in list_names(title)}
    is_named = old.name in titles or any(name == old.name for name, _, _ in names)
    is_nameless = not names and not titles and bool(_SAYS_RATE.search(text))
    if not is_named and not is_nameless:
        return []
    return list(_find(plain, names, titles, old.name, before, after))


def replace_typed(text: str, found: Sequence[TypedNumber]) -> str:
    """The text with variables in place of these numbers."""
    for number in sorted(found, key=lambda each: each.start, reverse=True):
        text = text[: number.start] + number.replacement + text[number.end :]
    return text


def read_numbers(product: Product) -> dict[str, Decimal | None]:
    """The numbers of a product by name."""
    sums = {name: getattr(product, name) for name, kind in NUMBERS.items() if kind != "rate"}
    lowest, highest = product.annual_rate
    numbers = {name: None if value is None else Decimal(value) for name, value in sums.items()}
    return {**numbers, "rate_min": lowest, "rate_max": highest}


def _find(
    text: str,
    names: Sequence[tuple[str, int, int]],
    titles: set[str],
    product: str,
    before: Mapping[str, Decimal | None],
    after: Mapping[str, Decimal | None],
) -> Iterator[TypedNumber]:
    for number in find_numbers(text):
        owners = _find_owners(text, number.start, names) or titles
        if (owners and product not in owners) or (not owners and number.kind != "rate"):
            continue
        chosen = {value: _choose(text, number, value, before, after) for value in (number.low, number.high)}
        if not any(chosen.values()):
            continue
        ends = [
            _write(value, number.kind, chosen[value], product) for value in dict.fromkeys((number.low, number.high))
        ]
        is_sure = bool(owners) and all(
            name is None or _is_alone(name, value, before, after, text, number) for value, name in chosen.items()
        )
        yield TypedNumber(number.start, number.end, product if owners else "", is_sure, "至".join(ends))


def _find_owners(text: str, place: int, names: Sequence[tuple[str, int, int]]) -> set[str]:
    """The products of which the number at a place is said: named last before it, or else next in its sentence."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= place), default=0)
    until = next((end for end in ends if end > place), len(text))
    ahead = [name for name in names if name[1] < place]
    if ahead and ahead[-1][1] >= start:
        return _join(text, ahead)
    behind = [name for name in names if place < name[1] < until]
    return {behind[0][0]} if behind else _join(text, ahead)


def _join(text: str, ahead: Sequence[tuple[str, int, int]]) -> set[str]:
    """The last named, with those named in one breath with it."""
    owners: set[str] = set()
    following: int | None = None
    for name, start, end in reversed(ahead):
        if following is not None and not _AND.fullmatch(text, end, following):
            break
        owners.add(name)
        following = start
    return owners


def _choose(
    text: str,
    number: Number,
    value: Decimal,
    before: Mapping[str, Decimal | None],
    after: Mapping[str, Decimal | None],
) -> str | None:
    """Which number of the product it is, if that one is changed."""
    equal = [name for name, kind in NUMBERS.items() if kind == number.kind and before[name] == value]
    said = [name for name, words in _WORDS.items() if name in equal and words.search(_read_clause(text, number))]
    changed = [name for name in said or equal if after[name] != before[name]]
    return changed[-1] if changed else None


def _is_alone(
    name: str,
    value: Decimal,
    before: Mapping[str, Decimal | None],
    after: Mapping[str, Decimal | None],
    text: str,
    number: Number,
) -> bool:
    """Whether no other number, that stays, is as large and could be meant."""
    if name in _WORDS and _WORDS[name].search(_read_clause(text, number)):
        return True
    same = [other for other, kind in NUMBERS.items() if kind == number.kind and before[other] == value]
    return all(after[other] != before[other] for other in same)


def _read_clause(text: str, number: Number) -> str:
    ends = [match.end() for match in _CLAUSE_END.finditer(text, 0, number.start)]
    behind = _CLAUSE_END.search(text, number.end)
    return text[ends[-1] if ends else 0 : behind.start() if behind else len(text)]


def _write(value: Decimal, kind: NumberKind, name: str | None, product: str) -> str:
    if name:
        return f"{{{name}:{product}}}"
    if kind == "rate":
        return f"{value}%"
    return format_yuan(int(value)) if kind == "amount" else format_months(int(value))
