"""Reads what a whole message wants of a loan that its writer has: 我的贷款, 我想用款3万, 我要续贷 (own_loans.yml)."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from understanding.loan_words import LENGTH_MAX, LOAN, ME, OF, tidy
from understanding.word_rules import WordRule, read_rule, read_words

_FILE = Path(__file__).with_name("own_loans.yml")
_DIGITS = "[0-9一二两三四五六七八九十]"
_DAY = re.compile(f"(?:{_DIGITS}+(?:月份?|[号日]|天后?|个(?:月|星期|礼拜)后)(?:底|初)?)+")
_SUM = re.compile(
    f"(?:[0-9]+(?:\\.[0-9]+)?|{_DIGITS}+)(?:[万千百wk]+{_DIGITS}?(?:[千百])?)(?:来|多)?(?:元|块钱?)?"
    "|[0-9]{3,}(?:元|块钱?)?|[0-9]+(?:元|块钱?)"
)
_OWN = re.compile(f"{ME}{OF}(?:的|名下|[这那上][一几两]?笔|[这那](?=#))(?:#的?)?{OF}{LOAN}")
_ENGLISH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (act, re.compile(pattern))
    for act, pattern in (
        ("review_loan", "(?:i want to |i'd like to )?(?:do |start )?(?:my |the )?(?:yearly|annual) review"),
        ("renew_loan", "(?:i want to |i'd like to |i would like to |can i |please )?renew (?:my|the) loan"),
        (
            "draw_loan",
            "(?:i want to |i'd like to |i would like to |can i )?draw (?:[0-9,.]+k? )?(?:yuan )?from my (?:line|limit)",
        ),
        ("repay_loan", "how do i (?:re)?pay my loan"),
        (
            "my_loans",
            "(?:show |check |what are )?my loans?(?: balance)?|how much do i (?:still )?owe(?: you)?"
            "|when is my next (?:payment|instalment)(?: due)?|when does my loan (?:mature|end)",
        ),
    )
)
# What may be said inside a form without answering it.
_NAMES_LOAN = re.compile("(?:我|俺|咱|本人)[^,，。]{0,6}贷款|续贷|用款|提款|支用|年审|my loan")


class _Wish(NamedTuple):
    """The rules of an act, and what is not the act all the same."""

    act: str
    rules: tuple[WordRule, ...]
    unless: re.Pattern[str]

    def is_said_by(self, text: str) -> bool:
        return any(rule.is_followed_by(text) for rule in self.rules) and not self.unless.fullmatch(text)


def find_own_loan(plain: str) -> str:
    """The act that the whole of a normalised text wants; "" for none."""
    text = tidy(plain)
    if len(text) > LENGTH_MAX:
        return ""
    marked = _OWN.sub("@", _SUM.sub("#", _DAY.sub("$", text)))
    wishes, never = _load()
    found = (wish.act for wish in wishes if wish.is_said_by(marked) and not never.search(marked))
    english = plain.strip(" .!?")
    return next(found, "") or next((act for act, pattern in _ENGLISH if pattern.fullmatch(english)), "")


def names_own_loan(plain: str) -> bool:
    """Whether it speaks of a loan in so many words, so that it is no answer to something else."""
    return bool(_NAMES_LOAN.search(plain))


@cache
def _load() -> tuple[tuple[_Wish, ...], re.Pattern[str]]:
    """The acts with their rules, and what is in none of their texts."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    words = read_words(content["words"])
    wishes = tuple(_read_wish(act, listed, words) for act, listed in content["acts"].items())
    return wishes, re.compile(content["never"])


def _read_wish(act: str, listed: list[dict[str, Any]], words: dict[str, str]) -> _Wish:
    rules = tuple(read_rule(each, words) for each in listed if "all" in each)
    unless = "|".join(each["unless"] for each in listed if "unless" in each)
    return _Wish(act, rules, re.compile(unless or "(?!)"))
