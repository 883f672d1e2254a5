"""Marks the values that are parts of another: 30亩里头12亩是租的, 一共欠8万，房贷5万车贷3万."""

import re
from collections.abc import Sequence

from understanding.schemas import Fact

_WITHIN = re.compile(
    "(?:元|块钱?|钱|地|的|田|里|、|,|，|。| )*(?:其中|当中|里[面头边]|里(?=有)|包括|包含|含|"
    "(?<![没还])有(?=[^没]{0,6}$)|of which|including)"
    "[^,，。0-9没]{0,8}$"
)
_TOTAL = re.compile(
    "(?:一共|总共|合计|共计?|总[的计数]?|拢共|加起来|加一块儿?|全部|统共|in total|total|altogether)[^,，。0-9]{0,10}$"
)
_TOTAL_BEHIND = re.compile("(?:元|块钱?|钱|亩?地?)?(?:一共|总共|加起来|in total|total|altogether)")
# 农行5万、邮政3万和亲戚2万 are three debts, though two add up to the first.
_SPECIFIC = re.compile(
    "[房车网]贷|信用[卡社]|花呗|借呗|白条|[农工建中交]行|邮政|邮储|亲戚|朋友|打工|工资|种地|养|水田|旱地|流转|承包|"
    "租|包|自家|自己|果园|拖拉机|收割机"
)
_ADDS = re.compile("(?:元|块钱?|钱|地)?[ ,，]*(?:、|和|跟|加|还有|另外|外加|再)")
_REACH = 24
_KINDS = ("sum", "number", "area")
_CONTRASTS = re.compile(
    "去年|今年|前年|往年|旺季|淡季|以前|现在|目前|原来|好的时候|不好|差的|年成|平时|忙时|闲时|一共|总共|合计|共计"
    "|this year|now"
)


def mark_parts(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts with parts marked; a part without a role takes that of its whole, and the other way round."""
    marked = list(facts)
    for whole in range(len(facts)):
        if facts[whole].kind in _KINDS and not facts[whole].change:
            for part in _find_parts(text, marked, whole):
                marked[part] = _join(marked[part], marked[whole], is_part=True)
                marked[whole] = _join(marked[whole], marked[part], is_part=False)
    return marked


def mark_contrasts(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts; two of one role that are no sum get the note `contrast`: 去年30万今年20万, 十万八万的."""
    marked = list(facts)
    for place in range(1, len(facts)):
        one, other = marked[place - 1], marked[place]
        is_single = one.is_part or other.is_part or one.change or other.change
        if is_single or not _may_be_one(one, other):
            continue
        between = text[one.end : other.start]
        is_either = not between and one.kind == other.kind == "sum"
        if is_either or _CONTRASTS.search(between):
            marked[place - 1 : place + 1] = [fact.model_copy(update={"note": "contrast"}) for fact in (one, other)]
    return marked


def _may_be_one(one: Fact, other: Fact) -> bool:
    """Whether both may be meant for one question."""
    kinds = {one.kind, other.kind}
    is_alike = kinds <= {"sum", "number"} or kinds <= {"area", "number"}
    return is_alike and (one.role == other.role or not (one.role and other.role))


def _join(fact: Fact, other: Fact, *, is_part: bool) -> Fact:
    role = fact.role or other.role
    if not is_part:
        return fact.model_copy(update={"role": role})
    return fact.model_copy(update={"role": role, "is_part": True, "period": fact.period or other.period})


def _find_parts(text: str, facts: Sequence[Fact], whole: int) -> list[int]:
    """The places of the whole's parts, [] if it is none."""
    total = facts[whole]
    alike = [i for i, fact in enumerate(facts) if i != whole and _may_be_part(fact, total)]
    since = facts[whole - 1].end if whole else 0
    is_whole = not _SPECIFIC.search(text, since, total.start) and not _ADDS.match(text, total.end)
    if len(alike) > 1 and _sum_up(facts, alike) == (total.low, total.high) and is_whole:
        return alike
    is_total = _TOTAL.search(text, since, total.start) or _TOTAL_BEHIND.match(text, total.end)
    behind = [i for i in alike if i > whole]
    is_within = bool(behind) and _WITHIN.match(text[total.end : facts[behind[0]].start][-_REACH:])
    parts = alike if is_total else behind if is_within else []
    low, _ = _sum_up(facts, parts)
    return parts if low <= (total.high or 0) else []


def _may_be_part(fact: Fact, whole: Fact) -> bool:
    is_alike = (
        fact.kind == whole.kind and not fact.is_part and not fact.change and fact.is_negative == whole.is_negative
    )
    is_named_alike = fact.role == whole.role or not fact.role or not whole.role
    return (
        is_alike and is_named_alike and "other" not in (fact.role, whole.role) and (fact.low or 0) <= (whole.high or 0)
    )


def _sum_up(facts: Sequence[Fact], places: Sequence[int]) -> tuple[float, float]:
    return sum(facts[i].low or 0 for i in places), sum(facts[i].high or 0 for i in places)
