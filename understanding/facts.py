"""Reads the numbers of a message, and what it says there is none or some of, with the roles that its words name."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from understanding.carrying import carry_roles, drop_past, name_by_term
from understanding.clauses import split_clauses
from understanding.english_quantities import take_english
from understanding.extents import widen
from understanding.merging import merge_statements
from understanding.periods import FoundPeriod, find_periods
from understanding.qualifiers import qualify
from understanding.quantities import find_quantities
from understanding.retractions import drop_retracted
from understanding.roles import Cue, Kind, find_cues
from understanding.routing import Named, name_roles
from understanding.schemas import Fact, FactKind
from understanding.settling import Surroundings, is_paid_off
from understanding.statements import find_statements
from understanding.wholes import mark_contrasts, mark_parts

_KINDS: dict[str, FactKind] = {"amount": "sum", "term": "span", "area": "area", "number": "number"}
_NAMED: tuple[Kind, ...] = ("sum", "span", "area")
_HAS_NUMBER = re.compile("[0-9零一二两三四五六七八九十廿百千万亿几半俩]|[a-z]{3}")
# What names a person, a card or a door, and counts nothing.
_CODE = re.compile(
    r"(?:密码|验证码|卡号|尾号|编号|单号|工号|qq|微信号?|账号|身份证号?码?|电话号?码?|"
    r"手机号?码?)[是为: ]{0,2}[a-z0-9-]{3,}"
    r"|(?:单元|号楼|楼|栋|幢|门牌)[0-9]{2,5}(?![0-9万亩元块])|(?:打|拨)[0-9]{3,8}|(?<![0-9])(?:12378|12333|96110)(?![0-9])|qh[0-9]{6}-?[a-z0-9]*"
)
_PER_MU = re.compile("[每一]亩")
_PAUSE = re.compile("[,，。;；!！?？、]")
_EARNED = ("household_income", "annual_turnover")
_PERIODIC = (*_EARNED, "other")

Extents = dict[int, tuple[int, int]]


def find_facts(plain: str) -> list[Fact]:
    """Every sum, span, area, number and statement of none or some in a normalised text, from left to right.

    A fact's place is that of all the words that state it: 一年收入8万多. `low` and `high` are never negative:
    `is_negative` says that a sum is a loss. What find_statements says of its facts holds here too.
    """
    values = _read_values(plain) if _HAS_NUMBER.search(plain) else []
    return merge_statements(plain, values, find_statements(plain))


def _read_values(plain: str) -> list[Fact]:
    english, rest = take_english(_CODE.sub(lambda match: "\0" * len(match.group()), plain))
    quantities = sorted([*english, *find_quantities(rest)], key=lambda quantity: quantity.start)
    values, retracted = drop_retracted(
        plain,
        [Fact(kind=_KINDS[q.kind], low=float(q.low), high=float(q.high), start=q.start, end=q.end) for q in quantities],
    )
    if not values:
        return []
    cues = _find_cues(plain, values)
    name_ends = {c.end for found in cues.values() for c in found if not c.is_denied and c.place in ("noun", "verb")}
    # 流水不是60万，46万: what is taken back does not part the word from the value that stands.
    clauses = split_clauses(_blank(plain, retracted), values, name_ends)
    facts: list[Fact] = []
    extents: Extents = {}
    for clause in clauses:
        if clause.values:
            facts += _read_clause(Surroundings(plain, clause, cues, find_periods(plain, clause)), extents)
    facts = carry_roles(plain, facts, clauses, cues.get("sum", ()))
    facts = drop_past(plain, name_by_term(plain, facts))
    return widen(plain, mark_contrasts(plain, mark_parts(plain, _qualify(plain, facts))), extents, retracted)


def _blank(plain: str, places: Sequence[tuple[int, int]]) -> str:
    for start, end in places:
        plain = plain[:start] + re.sub("[^。;；!！?？]", "的", plain[start:end]) + plain[end:]
    return plain


def _find_cues(plain: str, values: Sequence[Fact]) -> dict[str, list[Cue]]:
    kinds = {value.kind for value in values}
    return {kind: find_cues(plain, kind) for kind in _NAMED if kind in kinds or "number" in kinds}


def _read_clause(around: Surroundings, extents: Extents) -> list[Fact]:
    """The values of a clause with their roles and periods, without those that are a period or a measure themselves.

    Adds to `extents` how far the words that name them reach.
    """
    facts: list[Fact] = []
    used: list[FoundPeriod] = []
    for value, named in name_roles(around).items():
        period = around.periods.get(value)
        if period and period.is_weak and named.role not in _EARNED:
            period = None
        if period:
            used.append(period)
        is_cleared = not named.role and value.kind in ("sum", "number") and is_paid_off(around, value)
        role = "other" if is_cleared else named.role
        is_repeated = period is not None and named.role in ("", *_PERIODIC)
        facts.append(value.model_copy(update={"role": role, "period": period.period if period and is_repeated else ""}))
        extents[value.start] = _measure_extent(around, value, named, period)
    # 一亩收1000: the mu is what the sum is for.
    is_per_mu = any(_PER_MU.fullmatch(around.text, c.start, c.end) and not c.is_denied for c in around.list_cues("sum"))
    kept = (
        fact
        for fact in facts
        if not (fact.kind == "span" and any(p.start < fact.end and fact.start < p.end for p in used))
        and not (fact.kind == "area" and is_per_mu and fact.low == fact.high == 1)
    )
    return sorted(kept, key=lambda fact: fact.start)


def _measure_extent(around: Surroundings, value: Fact, named: Named, period: FoundPeriod | None) -> tuple[int, int]:
    cues = [named.cue] if named.cue else []
    if named.role == "machinery_value":
        cues += [cue for cue in around.list_cues("sum") if cue.role == named.role and cue.end <= value.start]
    elif named.cue and named.cue.role == "machinery_value":
        cues = []  # 想买拖拉机5万: the machine is the purpose
    spans = [(value.start, value.end), *((c.start, c.end) for c in cues)]
    if period:
        spans.append((period.start, period.end))
    return min(start for start, _ in spans), max(end for _, end in spans)


def _qualify(plain: str, facts: Sequence[Fact]) -> list[Fact]:
    qualified: list[Fact] = []
    pauses = [0, *(match.end() for match in _PAUSE.finditer(plain))]
    for fact in facts:
        since = max(qualified[-1].end if qualified else 0, pauses[bisect_right(pauses, fact.start) - 1])
        has_earlier = bool(fact.role) and any(f.role == fact.role and f.kind == fact.kind for f in qualified)
        qualified.append(qualify(plain, fact, since, has_earlier))
    return qualified
