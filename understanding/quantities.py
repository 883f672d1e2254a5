"""Finds sums of money, spans of time and land areas in a customer's text, without guessing."""

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from kit.numerals import MEASURE, NUMERAL, normalise, read_numeral
from understanding.number_context import (
    counts_things,
    hide_other_numbers,
    is_ended,
    is_free,
    is_rhythm,
    is_worth,
)

Kind = Literal["amount", "term", "area", "number"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What text[start:end] says: yuan, whole months, mu (亩), or a number that names no unit."""

    kind: Kind
    low: int | float
    high: int | float  # equal to low unless it is a range
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """A number with its unit, before its surroundings are judged."""

    kind: Kind
    low: Decimal
    high: Decimal
    scale: Decimal  # what a bare number on the other side of 到 is multiplied by: 10,000 in 五十到八十万
    start: int
    end: int


_CANDIDATE = re.compile(f"(?P<sign>(?:¥|rmb|cny) ?)?(?P<first>{NUMERAL}|半)")
_RUN = re.compile(f"(?:{NUMERAL}|半)+")
_CUT_OFF = re.compile(r"(?:^|[0-9 ])\.$")
_UNIT = re.compile(
    r"[来多余把]? ?(?:"
    r"(?P<money>(?:元|块(?![地田砖石板]|[一二三四五六七八九1-9](?![0-9年个月期亩分次天万千百十]))钱?|rmb|人民币)[整钱]?)"
    r"|(?P<year>年(?![级代])(?:期(?!间))?)"
    r"|(?P<month>个(?P<months_more>[来多半])?月|期(?![间望货末初待限])|月)"
    r"|(?P<mu>亩(?!产))"
    r"|(?P<fen>分(?=[地田]|水田|旱地|菜地)))"
)
_HALF = re.compile(r"半(?:(?P<year>年期?)|亩)")
_AND_HALF = re.compile("半(?![年载天个])")
_AND_MONTHS = re.compile(" ?[零又加和]? ?")
_AND_FEN = re.compile("(?P<fen>[一二三四五六七八九1-9])分")
_TO = re.compile(" ?(?:到|至|[-–—―~]{1,2}|(?P<either>、|或者?|还是)) ?")
_LONGEST_TERM = 600
_LARGEST_BARE = 9_999_999
# 收入80000欠20000: a word follows that is no unit, and the number is too large to count things.
_WORD_FOLLOWS = re.compile(f"(?!{NUMERAL}|{MEASURE}|[瓦伏转克升吨里码分股])[\u4e00-\u9fff]")
_NAME_FOLLOWS = re.compile("流水|收入|营业额|工资|利润|欠款|贷款")
_LEAST_BEFORE_NAME = 100
_LEAST_BEFORE_WORD = 1000


def find_quantities(text: str) -> list[Quantity]:
    """Every quantity in `text`, from left to right, not overlapping; any text is allowed."""
    plain = hide_other_numbers(normalise(text))
    found: list[Quantity] = []
    position = 0
    while candidate := _CANDIDATE.search(plain, position):
        start = candidate.start("first")
        reading = None if _CUT_OFF.search(plain[max(start - 2, 0) : start]) else _read(plain, start)
        if reading is None:
            run = _RUN.match(plain, start)
            position = run.end() if run else start + 1
            continue
        if candidate["sign"] and reading.kind in ("amount", "number"):
            reading = replace(reading, kind="amount", start=candidate.start())
        reading = _extend_to_range(plain, reading) or reading
        position = reading.end
        if reading.kind != "number" or _is_meant(plain, reading):
            found.append(_settle(plain, reading))
    return found


def _read(text: str, start: int) -> _Reading | None:
    """The number at `start` with its unit; it is of kind `number` when the unit is none of ours."""
    if half := _HALF.match(text, start):
        return _read_half(text, half)
    numeral = read_numeral(text, start)
    if numeral is None:
        return None
    is_round = numeral.unit >= 10_000 or numeral.low % numeral.unit == 0
    scale = Decimal(numeral.unit if is_round and numeral.unit >= 100 else 1)
    bare = _Reading("number", numeral.low, numeral.high, scale, start, numeral.end)
    if unit := _UNIT.match(text, numeral.end):
        counted = replace(bare, end=unit.end())
        if unit["money"]:
            return replace(counted, kind="amount")
        if unit["mu"] or unit["fen"]:
            return _read_area(text, counted, Decimal(1 if unit["mu"] else "0.1"))
        if numeral.unit < 1000:
            return _read_term(text, counted, unit) or bare
    is_sum = numeral.unit >= 1000 and not counts_things(text, numeral.end)
    return replace(bare, kind="amount") if is_sum else bare


def _read_half(text: str, half: re.Match[str]) -> _Reading | None:
    if not half["year"]:
        return _Reading("area", Decimal("0.5"), Decimal("0.5"), Decimal(1), half.start(), half.end())
    if is_rhythm(text, half.start()):
        return None
    return _Reading("term", Decimal(6), Decimal(6), Decimal(12), half.start(), half.end())


def _read_area(text: str, counted: _Reading, mu: Decimal) -> _Reading:
    more, end = Decimal(0), counted.end
    if half := _AND_HALF.match(text, end):
        more, end = Decimal("0.5"), half.end()
    elif (fen := _AND_FEN.match(text, end)) and (tenths := read_numeral(text, end)):
        more, end = tenths.low / 10, fen.end()
    low, high = counted.low * mu + more, counted.high * mu + more
    return replace(counted, kind="area", low=low, high=high, scale=mu, end=end)


def _read_term(text: str, counted: _Reading, unit: re.Match[str]) -> _Reading | None:
    """Months, or None for what only looks like a span: 几年, 1期, 3月, 每3个月, 一年收入, 96年."""
    is_one = counted.low == counted.high == 1
    first, name = text[counted.start], unit["month"]
    is_vague = first == "几" or (name == "期" and is_one) or (name == "月" and counted.low <= 12 and first != "两")
    if is_vague or is_rhythm(text, counted.start):
        return None
    scale, more, end = Decimal(12), Decimal(0), counted.end
    if name:
        scale, more = Decimal(1), Decimal("0.5" if unit["months_more"] == "半" else 0)
    elif half := _AND_HALF.match(text, end):
        more, end = Decimal(6), half.end()
    else:
        more, end = _read_months_more(text, end)
    if is_one and not more and is_worth(text, counted.start, end):
        return None
    low, high = counted.low * scale + more, counted.high * scale + more
    if not 1 <= low <= high <= _LONGEST_TERM:
        return None
    return _Reading("term", low, high, scale, counted.start, end)


def _read_months_more(text: str, end: int) -> tuple[Decimal, int]:
    """The months in 一年零三个月 and where they end; none and `end` where no months follow."""
    join = _AND_MONTHS.match(text, end)
    numeral = read_numeral(text, join.end()) if join else None
    unit = _UNIT.match(text, numeral.end) if numeral else None
    if join and numeral and is_worth(text, join.end(), unit.end() if unit else numeral.end):
        return Decimal(0), end  # 10万两年一个月还多少
    if numeral and unit and unit["month"] == "个月" and 1 <= numeral.low == numeral.high < 12:
        return numeral.low, unit.end()
    return Decimal(0), end


def _extend_to_range(text: str, left: _Reading) -> _Reading | None:
    """`left` and what follows 到 as one range; None if they are not the two ends of one."""
    to = _TO.match(text, left.end)
    if to is None and not (left.kind == "number" and text[left.end - 1] == "几"):
        return None
    right = _read(text, to.end() if to else left.end)
    if right is None or (right.kind == "number" and not is_ended(text, right.end)):
        return None
    if to and to["either"] and (left.kind != "number" or right.kind == "number"):
        return None
    kind, lows, high = right.kind, [left.low], right.high
    if left.kind == "number":
        lows = [left.low * right.scale]
        # In 5000到2万 the 5000 are yuan; in 80到50万 they would not be.
        if right.kind == "number" or (right.kind == "amount" and left.low >= 500):
            lows.append(left.low)
        elif right.kind == "amount" and lows[0] > high:
            lows, high = [right.low], left.high * right.scale
    elif right.kind == "number" and (right.high < 1000 or left.scale == 1):
        kind, high = left.kind, right.high * left.scale
    elif left.kind != right.kind:
        return None
    low = next((low for low in lows if low < high), None)
    return None if low is None else _Reading(kind, low, high, right.scale, left.start, right.end)


def _is_meant(text: str, reading: _Reading) -> bool:
    """Whether a number without a unit is one that the customer names; 借20个 is slang for 20万."""
    end = reading.end
    if text[end - 1 : end] != "个" and text[end : end + 1] in ("来", "多", "余") and counts_things(text, end):
        return False  # 两百多头
    is_slang = text[end : end + 1] == "个" and reading.high > 1
    is_complete = (
        is_ended(text, end)
        or (is_slang and is_ended(text, end + 1))
        or (reading.low >= _LEAST_BEFORE_NAME and bool(_NAME_FOLLOWS.match(text, end)))
        or (reading.low >= _LEAST_BEFORE_WORD and bool(_WORD_FOLLOWS.match(text, end)))
    )
    return reading.high <= _LARGEST_BARE and is_complete and is_free(text, reading.start, end)


def _settle(text: str, reading: _Reading) -> Quantity:
    low, high, end = reading.low, reading.high, reading.end
    if reading.kind == "term":
        low, high = Decimal(math.floor(low)), Decimal(math.ceil(high))
    if reading.kind == "number" and text[end : end + 1] == "个":
        end += 1
    return Quantity(reading.kind, _simplify(low), _simplify(high), reading.start, end)


def _simplify(number: Decimal) -> int | float:
    return int(number) if number % 1 == 0 else float(number)
