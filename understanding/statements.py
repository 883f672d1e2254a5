"""Finds what a message says there is none or some of, without a number: 没欠账, 有台拖拉机, 没有逾期, 都还清了."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from understanding.overdue import find_overdue
from understanding.schemas import Bound, Fact

_FILE = Path(__file__).with_name("statements.yml")
_LATIN = re.compile("[a-z]{2}")
_TRIGGER = re.compile("[没无不免冇莫木零0清完结未有欠亏赔着白逾征信拖按准]")
# 如果没有贷款, 是不是没有贷款就能办: no statements; nor is 没有贷款吗.
_SUPPOSED = re.compile(
    "如果|要是|假如|假设|万一|若|是不是|是否|只要|除非|必须|得先|要先|等|怎么|怎样|为什么|为啥|什么时候|多久|如何|能不能|可不可以|"
    "想|快|即将|马上|准备|打算|争取|尽快|不是|帮|替|if"
)
_ASKS_AT_ONCE = re.compile("[的了过]?(?: |呢|啊|的?话)*(?:吗|么|嘛?[?？]|是吧|的话|没有[?？])")
_ASKS = re.compile("[吗么?？]|怎么|咋|什么|啥|多少|能|可以|影响|会|算|行不|谁|哪|办|[不没]$")
_LESS = re.compile("(?:有|到)?(?:那么|这么|多少|几个|太多|很多|那样)")  # 没欠那么多
_HEDGED = re.compile("应该|好像|可能|大概|估计|貌似|也许|差不多|基本上?|几乎|记得|印象|probably|i think|maybe")
_THEIRS = re.compile("你们?|您|贵行|咱们?行|银行|他|她|父|母|爸|爹|妈|哥|弟|姐|妹|叔|儿子|女儿|朋友|别人|遗产|听说")
_PAID = re.compile("清|还完|还掉|还上|paid")
_PAID_ALL = re.compile("[都全]")
_SORT = re.compile("[房车网]贷|花呗|借呗|白条|信用卡|微粒贷|按揭")
_EXCEPT = re.compile("除了?(?![去掉])")
_OWED = re.compile("[欠贷债账借]|loan|debt")
_CLAUSE = re.compile(r"[^,，。.!！?？;；\n]*[?？]?")
_MARKS = ",，。.!！?？;；\n"
_BEFORE = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of statements.yml."""

    role: str
    says: Literal["none", "some"]
    words: re.Pattern[str]
    is_part: bool
    is_loss: bool
    is_english: bool


def find_statements(text: str) -> list[Fact]:
    """Facts of the kinds none and some from left to right, one for a role, the least doubtful.

    `bound` is "about" where the customer is not sure (应该没有贷款), `is_part` where he names one sort (没有网贷,
    没有拖拉机), `is_negative` where he tells a loss without a sum (今年亏本了). 已经还清了 alone names no role: it is
    `settled`, whatever was asked. For `has_overdue` see overdue.py.
    """
    has_latin = bool(_LATIN.search(text))
    if not has_latin and not _TRIGGER.search(text):
        return []
    rows = (row for row in _load() if has_latin or not row.is_english)
    found = (_read(text, row, match) for row in rows for match in row.words.finditer(text))
    overdue = find_overdue(text)
    return _keep_best([*(fact for fact in found if fact and not (overdue and not fact.role)), *overdue])


def _read(text: str, row: _Row, match: re.Match[str]) -> Fact | None:
    start, end = match.span()
    before = text[max(text.rfind(mark, 0, start) for mark in _MARKS) + 1 : start]
    clause = _CLAUSE.match(text, end)
    behind = clause.group() if clause else ""
    is_paid = row.says == "none" and bool(_PAID.search(match.group()))
    is_question = match.group().endswith("没") and "有" in before  # 有贷款没
    is_less = row.says == "none" and bool(_LESS.match(behind))
    if is_question or is_less or _SUPPOSED.search(before[-_BEFORE:]) or _ASKS_AT_ONCE.match(text, end):
        return None
    if (row.says == "some" or is_paid) and (_ASKS.search(behind) or (row.says == "some" and _THEIRS.search(before))):
        return None
    kind = row.says
    if row.role == "existing_debt" and _EXCEPT.search(before):
        kind = "some"  # 除了房贷没有别的贷款
    is_sort = is_paid and bool(_SORT.search(before)) and not _PAID_ALL.search(match.group())
    is_vague = is_paid and not _PAID_ALL.search(match.group()) and not _OWED.search(text)
    bound: Bound = "about" if _HEDGED.search(before) else ""
    return Fact(
        kind=kind,
        role="" if is_vague else row.role,
        start=start,
        end=end,
        bound=bound,
        note="settled" if is_vague else "",
        is_part=row.is_part or is_sort,
        is_negative=row.is_loss,
    )


def _keep_best(facts: Iterable[Fact]) -> list[Fact]:
    best: dict[str, Fact] = {}
    for fact in facts:
        if fact.role not in best or _measure_doubt(fact) < _measure_doubt(best[fact.role]):
            best[fact.role] = fact
    return sorted(best.values(), key=lambda fact: fact.start)


def _measure_doubt(fact: Fact) -> tuple[bool, bool, bool, int]:
    """Least for what stands: where there is some of one sort, there is not none."""
    return fact.kind == "none", fact.is_part, bool(fact.bound), fact.start


@cache
def _load() -> tuple[_Row, ...]:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    pieces: dict[str, str] = content["pieces"]
    return tuple(
        _Row(
            role=row["role"],
            says=row["says"],
            words=re.compile(_fill(row["words"], pieces), re.VERBOSE),
            is_part=row.get("is_part", False),
            is_loss=row.get("is_loss", False),
            is_english=row.get("english", False),
        )
        for row in content["rows"]
    )


def _fill(words: str, pieces: dict[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda name: pieces[name.group(1)], words)
