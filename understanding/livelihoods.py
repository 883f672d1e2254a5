"""Finds what customers live by and what their firm is called, in answer to the questions for them."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from understanding.products import names_trade

_FILE = Path(__file__).with_name("livelihoods.yml")
_LONGEST = 40
_CLAUSE = re.compile("[^,，。;；]+[,，。;；]*")
_MEASURED = re.compile("[0-9一二两三四五六七八九十百千半]+ ?(?:来|多)?(?:亩|万|元|块|年|月|口|人)")
_LEAD = re.compile(
    "(?:[我俺咱]们?家?|家里|本人|公司|企业|单位|全称|名称|名字|主要|一直|现在|目前|就|也|都|是|在|叫做?|的|[:：, ])*"
)
_TRAIL = "吧啊呀哦呢的了,，。.!！ "
_FIRM_LEAST = 4


class Words(NamedTuple):
    """The customer's own words: text[start:end]."""

    text: str
    start: int
    end: int


def find_livelihood(plain: str) -> Words | None:
    """What one grows, raises or deals in, where a message names it and is short enough to be only that.

    Clauses with sums or land and no crop are about something else: 种玉米，种了30亩地.
    """
    first, *others = _CLAUSE.findall(plain) or [plain]
    known = _compile("words")
    end = len(first)
    for clause in others:
        if _MEASURED.search(clause) and not known.search(clause):
            break
        end += len(clause)
    answer = _trim(plain[:end])
    is_named = names_trade(plain) or bool(_compile("words").search(plain))
    return answer if answer and is_named and len(answer.text) <= _LONGEST else None


def find_firm(plain: str) -> Words | None:
    """A firm's name, in a clause of its own: 丰收农资有限公司."""
    for clause in _CLAUSE.finditer(plain):
        answer = _trim(clause[0])
        if (
            answer
            and _FIRM_LEAST <= len(answer.text) <= _LONGEST
            and re.search(f"(?:{_load()['firms']})$", answer.text)
        ):
            return Words(answer.text, clause.start() + answer.start, clause.start() + answer.end)
    return None


def _trim(plain: str) -> Words | None:
    lead = _LEAD.match(plain)
    start = lead.end() if lead else 0
    text = plain[start:].rstrip(_TRAIL).replace(",", "，")  # as it is shown again
    return Words(text, start, start + len(text)) if text else None


@cache
def _compile(key: str) -> re.Pattern[str]:
    return re.compile("|".join(_load()[key]))


@cache
def _load() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
