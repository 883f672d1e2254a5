"""Gives each value the role that the words of its clause name, the nearest first: 欠5万收入10万, 8万的欠款."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from understanding.clauses import Clause
from understanding.roles import Cue
from understanding.schemas import Fact
from understanding.settling import Surroundings, settle_role

# How far, in characters, a word may stand from its value; one of a single character less far.
_REACH, _REACH_SHORT, _REACH_LATIN, _REACH_BEHIND = 16, 10, 32, 9
_BESIDE = 4
_LARGEST_OTHER = 500  # a bare number above is neither years nor mu
_LEAST_AGE, _GREATEST_AGE = 16, 99

_LANES = (("sum", "number"), ("span",), ("area",))
_NEAR = re.compile("(?:个|了|的|地|点|着|笔|大概|大约|差不多|起码|至少|将近|快|不到|有|一共|整| )*+")
_NEAR_SUM = re.compile(
    "(?:个|了|点|着|笔|大概|大约|差不多|起码|至少|将近|快|不到|有|一共|整|改成|改为|改到|改|换成|调到|调成|降到|加到|提高到|提到|能到|是|要|想|为|"
    "就|按|填|写|报|:| )*+"
)
_BEHIND = re.compile(
    "(?:元|块钱?|钱|左右|上下|多|出头|以上|不到|吧|呢|整| )*"
    "(?: of (?:my |the )?)?(?P<link>(?:都|全)?(?:是|就是|算是|为|属于)?"
    "(?:的|那个|我|家里|借|在?[农工建中邮]行|信用社|银行|跟?亲戚|朋友)*)"
)
_LINK = re.compile("是|为|的|属于")
_DEPOSIT = re.compile("存|定期|国债|理财|保险|合同")
_AGE_BEFORE = re.compile("(?:今年|刚?满|都|快|[爸爹妈娘爷奶我他她人]|虚岁|实岁|年龄|法人)(?:都|快|也|今年|有)*$")
_AGE_BEHIND = re.compile("多?(?:了|$|[ ,，。])")


class Named(NamedTuple):
    """The role of a value, and the word that names it."""

    role: str
    cue: Cue | None = None


def name_roles(around: Surroundings) -> dict[Fact, Named]:
    """The role of each value in a clause, "" where no word names it."""
    roles: dict[Fact, Named] = {}
    for lane in _LANES:
        values = [value for value in around.clause.values if value.kind in lane]
        used: set[int] = set()
        for value, since, until in _walk(around.clause, values):
            cue = _find_cue(around, value, since, until, used)
            if cue:
                used.add(cue.start)
                roles[value] = Named(settle_role(around, value, cue), cue)
            else:
                roles[value] = Named(_name_by_unit(around, value))
    return roles


def _walk(clause: Clause, values: Sequence[Fact]) -> Iterator[tuple[Fact, int, int]]:
    """Each value with the end of the one before it and the start of the one behind it, or those of the clause."""
    since = clause.start
    for value, following in zip_longest(values, values[1:]):
        yield value, since, following.start if following else clause.end
        since = value.end


def _find_cue(around: Surroundings, value: Fact, since: int, until: int, used: set[int]) -> Cue | None:
    for kind in ("sum", "area", "span") if value.kind == "number" else (value.kind,):
        cues = [cue for cue in around.list_cues(kind) if since <= cue.start and cue.start not in used]
        if value.kind == "number" and kind != "sum":
            cues = _list_beside(value, cues)
        if cue := _choose(around, value, cues, until):
            return cue
    return None


def _list_beside(value: Fact, cues: Sequence[Cue]) -> list[Cue]:
    """The verbs right before a number without a unit: 种了15, 做了5."""
    if (value.high or 0) > _LARGEST_OTHER:
        return []
    return [cue for cue in cues if cue.place == "verb" and 0 <= value.start - cue.end <= 1]


def _choose(around: Surroundings, value: Fact, cues: Sequence[Cue], until: int) -> Cue | None:
    """The word that names the value: one before it, unless one right behind it fits better."""
    before = _find_before(around, value, cues)
    own = [cue for cue in cues if cue.end <= until]
    behind, is_linked = _find_behind(around, value, own)
    if before and behind and behind.place == "tail" and value.kind == "span":
        return behind if behind.role == "term" or value.start - before.end > 1 else before
    if before and (behind is None or not is_linked or value.start - before.end <= _BESIDE):
        return before
    if behind is None or is_linked or behind.place == "tail" or until == around.clause.end:
        return behind
    # In 8万收入5万 the word may belong to either: it goes to the second unless that has one of its own behind it.
    following = next(v for v in around.clause.values if v.start == until)
    rest = [cue for cue in cues if cue.start >= until]
    return None if own[-1] is behind and _find_behind(around, following, rest)[0] is None else behind


def _find_before(around: Surroundings, value: Fact, cues: Sequence[Cue]) -> Cue | None:
    """The last word before the value that is within reach; one that must be near only where there is no other."""
    near = None
    for cue in reversed(cues):
        if cue.end > value.start or cue.is_denied or cue.role == "lender":
            continue
        if cue.place == "near":
            near = near or (cue if _is_near(around, value, cue) else None)
        elif cue.place != "tail" and value.start - cue.end <= _measure_reach(around.text, cue):
            return cue
    return near


def _is_near(around: Surroundings, value: Fact, cue: Cue) -> bool:
    has_period = value in around.periods and not around.periods[value].is_weak
    words = _NEAR_SUM if cue.role == "amount" else _NEAR
    is_vague = value.kind == "number" and (cue.role == "land_mu" or value.low != int(value.low or 0))
    is_beside = words.fullmatch(around.text, cue.end, value.start)
    return bool(is_beside) and (has_period or not cue.needs_period) and not is_vague


def _measure_reach(text: str, cue: Cue) -> int:
    if text[cue.start].isascii():
        return _REACH_LATIN
    return _REACH if cue.end - cue.start > 1 else _REACH_SHORT


def _find_behind(around: Surroundings, value: Fact, cues: Sequence[Cue]) -> tuple[Cue | None, bool]:
    """The word right behind the value, and whether 的 or 是 ties them."""
    text = around.text
    behind = (cue for cue in cues if value.end <= cue.start and cue.place != "near" and cue.role != "lender")
    cue = next(behind, None)
    if cue is None or cue.start - value.end > _REACH_BEHIND or cue.is_denied:
        return None, False
    tie = _BEHIND.fullmatch(text, value.end, cue.start)
    if tie is None:
        return None, False
    is_linked = bool(_LINK.search(tie["link"]))
    is_borrowed = cue.role == "loan" and cue.start == value.end
    is_tied = (is_linked and value.kind != "span") or text[cue.end : cue.end + 1] == "的" or is_borrowed
    return (cue, is_linked) if is_tied or cue.place in ("noun", "tail") else (None, False)


def _name_by_unit(around: Surroundings, value: Fact) -> str:
    """`term` for what is counted in 期, unless it is a deposit's; `other` for an age: 我爹七十了."""
    if value.kind == "number":
        return "other" if _LEAST_AGE <= (value.low or 0) <= _GREATEST_AGE and _is_age(around.text, value) else ""
    is_term = value.kind == "span" and around.text[value.end - 1] == "期"
    return "term" if is_term and not _DEPOSIT.search(around.words) else ""


def _is_age(text: str, value: Fact) -> bool:
    is_person = _AGE_BEFORE.search(text[max(value.start - _BESIDE, 0) : value.start])
    return bool(is_person and _AGE_BEHIND.match(text, value.end))
