"""Finds how often a sum comes: 每月5000, 一年收入8万, 8万一年, 半年流水30万, 80k a year."""

import re
from dataclasses import dataclass
from typing import cast

from understanding.clauses import Clause
from understanding.schemas import Fact, Period

_PERIOD = re.compile(
    r"(?P<odd>[上下前后]?半年|每半年|每?一个半月|[每一1两二三四2-4几]个?(?:季度?|周|星期|礼拜)|每个(?:季度|周|星期|"
    r"礼拜)|季度|"
    r"(?:(?<![0-9])[2-9]|[1-9][0-9]|[二两三四五六七八九几]|十[一二]?)(?:个多?月|年(?![代级])|天)|"
    r"(?:per|a|each|every) (?:week|quarter)|weekly|quarterly)"
    r"|(?P<day>每一?天|每日|(?<!十)一天|(?<![0-9])1天|天天|日均|日(?=流水|营业额|收入|销|入|进账|卖)|"
    r"(?:per|a|each|every) day|daily)"
    r"|(?P<month>每一?个?月|(?<!十)一个?月(?!份)|(?<![0-9])1个月|月均|月月|个把月|"
    r"(?<![0-9一二三四五六七八九十个每])月(?=流水|营业额|均|收入|销|入|薪|工资|进账|赚|挣|纯|净)|"
    r"(?:per|a|each|every) month|monthly(?! (?:re)?payments? (?:for|on)))"
    r"|(?P<year>每一?年|全年|一?整年|年均|年年|(?<!十)一年(?!半载)|(?<![0-9])1年|一年到头|常年|"
    r"(?<![0-9一二三四五六七八九十每半全去今前往])年(?=流水|营业额|均|收入|销|入|产值|纯|净|利润|薪|赚|挣|营收)|"
    r"(?:per|a|each|every) year|yearly|annual(?:ly)?)"
    r"|(?P<past>[去今前往]年|头年)|(?P<past_month>[上这本]个?月)"
)
# Said of the sum before it: 3000一个月, 5000/月, 8万块一年.
_BEHIND = re.compile(
    r"(?:元|块钱?|钱|左右|上下|多|吧| )*+"
    r"(?P<period>(?P<mark>/每?|每|(?:per|an?|each|every) )?(?:(?<!一)[一1])?个?(?:(?P<day>天|日|day)|(?P<month>月|"
    r"month)|"
    r"(?P<year>年|year)))(?![期半零份底级前后以之内多]|的?(?:利息|利|息|要?还|要|得|多少|好多|几|供|掏|连本))"
)
_PART_OF_YEAR = re.compile("^每|半年|季|周|星期|礼拜")
_REGULAR = re.compile("每|均|月月|天天|年年|年(?=[^ ])|per|each|every|ly$|^a ")
_IS_TERM_BEFORE = re.compile("(?:[借贷]款|(?<!收)[借贷用期分满有限]|[做开干用借贷种养]了)(?:个|了|是|为|:| )*$")
_IS_TERM_BEHIND = re.compile("(?:期|以内|之内|内|后|前|半|了|多了|还清|还完|结清|周转|零|to repay)")
_PAUSE = re.compile(r"[\s,，、。:]+")


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period at text[start:end]; a weak one is none beside a wish or a debt (今年想借5万, 借5万一年)."""

    period: Period
    is_weak: bool
    start: int
    end: int


def find_periods(text: str, clause: Clause) -> dict[Fact, FoundPeriod]:
    """The periods of the sums in a clause: that which stands nearest before each, else one right behind it."""
    found: dict[Fact, FoundPeriod] = {}
    sums = [value for value in clause.values if value.kind in ("sum", "number")]
    before = list(_PERIOD.finditer(text, clause.start, clause.end)) if sums else []
    for position, value in enumerate(sums):
        since = sums[position - 1].end if position else clause.start
        until = sums[position + 1].start if position + 1 < len(sums) else clause.end
        behind = _BEHIND.match(text, value.end, until)
        is_last = position + 1 == len(sums) or bool(_BEHIND.match(text, sums[position + 1].end, clause.end))
        nearest = [match for match in before if match.end() <= value.start and not _is_term(text, clause, match, value)]
        is_own = bool(nearest) and nearest[-1].start() >= since
        if behind and is_last and not is_own:
            found[value] = _take_behind(behind)
        elif nearest:
            found[value] = _take(nearest[-1])
    return found


def _take(match: re.Match[str]) -> FoundPeriod:
    name = match.lastgroup or ""
    if name == "past":
        return FoundPeriod("year", True, match.start(), match.end())
    if name == "past_month":
        return FoundPeriod("month", True, match.start(), match.end())
    period = cast(Period, name)  # the names of the other groups
    is_weak = name == "odd" and not _PART_OF_YEAR.search(match.group())
    return FoundPeriod(period, is_weak, match.start(), match.end())


def _take_behind(match: re.Match[str]) -> FoundPeriod:
    period: Period = "day" if match["day"] else "month" if match["month"] else "year"
    is_weak = period == "year" and not match["mark"]
    return FoundPeriod(period, is_weak, match.start("period"), match.end("period"))


def _is_term(text: str, clause: Clause, match: re.Match[str], value: Fact) -> bool:
    """Whether what could be a period is how long something lasts: 借一年5万, 做了一年了, 一年 5万."""
    if match.lastgroup in ("past", "past_month") or _REGULAR.search(match.group()):
        return False
    before = text[max(clause.start, match.start() - 3) : match.start()]
    is_alone = match.lastgroup in ("year", "odd") and _PAUSE.fullmatch(text, match.end(), value.start)
    return bool(_IS_TERM_BEFORE.search(before) or _IS_TERM_BEHIND.match(text, match.end()) or is_alone)
