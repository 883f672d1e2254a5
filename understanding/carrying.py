"""Carries roles and periods on to values that only their neighbours name: 欠农行2万、邮政3万; 旺季一月8万，淡季3万."""

import re
from collections.abc import Sequence
from itertools import pairwise

from understanding.clauses import Clause
from understanding.retractions import is_alike
from understanding.roles import Cue
from understanding.schemas import Fact

_SHORT = 4
_CARRIED = ("existing_debt", "household_income", "annual_turnover", "land_mu", "machinery_value", "amount", "term")
_ENDING = "(?:元|块钱?|钱|多|左右|上下|出头|的|地|没还|还没还|未还|吧|呢|欠款|贷款)*+"
_JOINING = (
    "(?:[ ,，、]|和|跟|与|及|或者?|还是|加上?|再加上?|还有|另外|另|又|以及|外加|and|plus|"
    "还欠|欠|有|是|的|大概|差不多)*+"
)
_AND = re.compile(f"{_ENDING}{_JOINING}")
_JOINS = re.compile("和|跟|与|及|或|加|还有|另外|又|、|and|plus")
# Who else earns, and what else with: 一年打工5万种地3万.
_EARNERS = re.compile(
    "老婆|媳妇|老公|爱人|对象|丈夫|妻子|男人|女人|孩子他?[爸妈]|儿子|女儿|闺女|儿媳妇?|爸爸?|妈妈?|父亲|母亲|"
    "老[爹妈头]|我|他|她|两口子|种[地田菜粮]|地里|养[猪牛羊鸡鸭鱼殖]+|"
    "打零?工|零工|副业|卖粮食?|卖菜|跑车|跑运输|做工|上班|工地上?|其它|其他|别的|wife|husband|son"
)
_SEASON = re.compile(
    "(?:生意|行情|年景|收成)?(?:[今去前]年|不好|不行|好|差|孬|旺季?|淡季?|忙|闲|多|少|最[好差多少高低]|平时|平常|"
    "平均|旺|淡|高|低|有时候?|赶上好|行情)的?(?:时候?|月份?|年份?|年景|日子|季节|话|时节|那几个月)?"
    "(?:也|就|也就|才|大概|只有|能|有|是|到|差不多|做|卖|挣|赚|也能)*+"
)
_REMAINS = re.compile("还剩|只剩|剩下?|还欠|没还")
_ANOTHER_DEBT = re.compile("[房车网]贷|信用[卡社]|花呗|借呗|白条|[农工建中交]行|银行|邮|亲戚|朋友|另|外")
_BORROWED = re.compile("[借贷]")
_NOW = re.compile("现在|目前|如今|值|能卖|估")
_PAID = re.compile("买|花|原价|当时|当年")
_WISHES = re.compile("(?:元|块钱?|钱|吧|左右)*[ ,，、]*(?:我?想)?(?:用|借|贷|分|期限|用个|使|周转)*(?:是|个|:)?")
_PAUSE = re.compile("(?:元|块钱?|钱|吧|左右)*[ ,，、]*")
_IS = re.compile("[ ,，]*(?:这|那|都|全|也)*(?:是|算|属于)")


def carry_roles(text: str, facts: Sequence[Fact], clauses: Sequence[Clause], cues: Sequence[Cue]) -> list[Fact]:
    """The facts with roles and periods carried on; `cues` are the words that name sums."""
    carried: list[Fact] = []
    for fact in facts:
        before = next((f for f in reversed(carried) if is_alike(f, fact)), None)
        if not fact.role:
            fact = _name_from_next(text, fact, clauses, cues)
        if before and not fact.role:
            fact = _carry(text, before, fact, cues)
        carried.append(fact)
    return carried


def drop_past(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts; a price once paid and a loan's first sum are no longer asked: 房贷30万还剩18万, 12万买的现在值6万."""
    dropped: list[Fact] = []
    for place, fact in enumerate(facts):
        following = next((later for later in facts[place + 1 :] if later.kind == fact.kind), None)
        since = dropped[-1].end if dropped else 0
        between = text[fact.end : following.start] if following else ""
        is_past = following is not None and (
            _is_first_sum(text, fact, following, between)
            if following.role == "existing_debt"
            else fact.role == following.role == "machinery_value"
            and bool(_NOW.search(between) and _PAID.search(text, since, following.start))
        )
        dropped.append(fact.model_copy(update={"role": "other"}) if is_past else fact)
    return dropped


def _is_first_sum(text: str, fact: Fact, debt: Fact, between: str) -> bool:
    """Whether it is what was borrowed at first, of which the debt is left: 贷过10万，还剩6万."""
    is_borrowed = fact.role == "existing_debt" or (
        not fact.role and _BORROWED.search(text, max(fact.start - _SHORT, 0), fact.start)
    )
    return bool(is_borrowed and _REMAINS.search(between)) and not _ANOTHER_DEBT.search(between)


def name_by_term(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts; a bare sum and a bare span beside a wish belong to it: 5万，用半年; 我要贷8万，两年."""
    named = list(facts)
    for place, (fact, following) in enumerate(pairwise(facts)):
        between = text[fact.end : following.start]
        if fact.kind in ("sum", "number") and not fact.role and following.role == "term" and _WISHES.fullmatch(between):
            named[place] = fact.model_copy(update={"role": "amount"})
        if (
            named[place].role == "amount"
            and following.kind == "span"
            and not following.role
            and _PAUSE.fullmatch(between)
        ):
            named[place + 1] = following.model_copy(update={"role": "term"})
    return named


def _carry(text: str, before: Fact, fact: Fact, cues: Sequence[Cue]) -> Fact:
    between = text[before.end : fact.start]
    if before.period and _is_season(between):
        return fact.model_copy(update={"role": before.role, "period": fact.period or before.period})
    if before.role not in _CARRIED:
        return fact
    has_name = False
    if before.role == "existing_debt":
        if fact.period:
            return fact
        for cue in reversed(cues):
            if cue.role == "lender" and before.end <= cue.start and cue.end <= fact.start:
                has_name = True
                between = between[: cue.start - before.end] + between[cue.end - before.end :]
    elif before.role == "household_income":
        between, names = _EARNERS.subn("", between)
        has_name = names > 0
    is_next = not between and before.role in ("amount", "term")
    if _AND.fullmatch(between) and (has_name or is_next or _JOINS.search(between)):
        return fact.model_copy(update={"role": before.role, "period": fact.period or before.period})
    return fact


def _is_season(between: str) -> bool:
    return bool(_SEASON.fullmatch(between.lstrip("元块钱左右多吧 ,，、；;。")))


def _name_from_next(text: str, fact: Fact, clauses: Sequence[Clause], cues: Sequence[Cue]) -> Fact:
    """The fact, named by a clause that follows it: 信用社5万，还没还; 5万，都是欠亲戚的."""
    if fact.kind not in ("sum", "number"):
        return fact
    at = next((i for i, clause in enumerate(clauses) if clause.start <= fact.start < clause.end), len(clauses))
    following = clauses[at + 1] if at + 1 < len(clauses) else None
    is_last = following is not None and clauses[at].values[-1].start <= fact.start
    if following is None or following.values or following.joint == "stop" or not is_last:
        return fact
    inside = [c for c in cues if following.start <= c.start < following.end and not c.is_denied and c.role != "lender"]
    if not inside:
        return fact
    is_tail = inside[0].place == "tail" and inside[0].start - following.start <= _SHORT
    is_named = bool(_IS.match(text, following.start)) and inside[0].role in _CARRIED and inside[0].place != "near"
    return fact.model_copy(update={"role": inside[0].role}) if is_tail or is_named else fact
