"""Finds the words that name what a value is (roles.yml): 欠 a debt, 流水 a turnover, 月供 nothing that a form asks."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Kind = Literal["sum", "span", "area"]
Place = Literal["noun", "verb", "near", "tail"]

_FILE = Path(__file__).with_name("roles.yml")
_LOOK = re.compile(r"\(\?<?[!=][^()]*\)")
_LATIN = re.compile("[a-z]{2}")
# 不借, 没贷过, 不是收入, but not 能不能借 and 要不借.
_DENIED_BEFORE = re.compile(
    r"(?:(?<![能要想可会是用好差])不|(?<![有])没有?|没得|莫|唔|别|(?<![农])无|未|并非)(?:想|要|是|再|用|打算|得|去|有)*$|"
    r"(?:n't|not|no|never) $"
)
_COUNTED = re.compile("[: ]?[0-9一二两三四五六七八九十几]")
_DENIED_BEHIND = re.compile(
    r"(?:啥的|什么的|都|也|就|是)*(?:没有|没得|木有|没(?=$|[ ,。])|无(?=$|[ ,。]))(?! ?[0-9一二两三四五六七八九十几半])"
)


# 除去开支剩5万
_EXCEPT = re.compile(
    "(?:除去|除掉|除开|除了|扣除|扣掉|刨去|刨掉|刨除|抛开|抛去|去掉|去了|不算)(?:各种|所有|家里|一?些|的)*$"
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A word at text[start:end] that names values of one kind; `is_denied`: 不借, 没有网贷. The rest: roles.yml."""

    start: int
    end: int
    role: str
    place: Place
    needs_period: bool = False
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class _Meaning:
    role: str
    place: Place
    needs_period: bool


def find_cues(text: str, kind: Kind) -> list[Cue]:
    """The words of a normalised text that name values of a kind, from left to right, not overlapping."""
    pattern, meanings = _load(kind, has_latin=bool(_LATIN.search(text)))
    return [_make_cue(text, match, meanings[match.lastindex or 0]) for match in pattern.finditer(text)]


def _make_cue(text: str, match: re.Match[str], meaning: _Meaning) -> Cue:
    start, end = match.span()
    before, behind = text[max(start - 6, 0) : start], text[end : end + 8]
    # 农机没有收入8万
    is_counted = meaning.place == "noun" and _COUNTED.match(behind)
    is_denied = bool(
        (_DENIED_BEFORE.search(before) and not is_counted)
        or _DENIED_BEHIND.match(behind)
        or (meaning.role == "other" and _EXCEPT.search(before))
    )
    return Cue(start, end, meaning.role, meaning.place, meaning.needs_period, is_denied)


@cache
def _load(kind: Kind, *, has_latin: bool) -> tuple[re.Pattern[str], dict[int, _Meaning]]:
    """All words for a kind in one pattern, each followed by an empty group, and what each group's word means."""
    words: dict[str, _Meaning] = {}
    for row in yaml.safe_load(_FILE.read_text(encoding="utf-8")):
        if kind in row["kinds"]:
            meaning = _Meaning(row["role"], row["place"], row.get("needs_period", False))
            words |= {word.replace("_", " "): meaning for word in row["words"].split()}
    chosen = [word for word in sorted(words, key=_measure, reverse=True) if has_latin or not _is_latin(word)]
    pattern = "|".join(f"(?<![a-z]){word}(?![a-z])()" if _is_latin(word) else f"{word}()" for word in chosen)
    return re.compile(pattern), {number: words[word] for number, word in enumerate(chosen, 1)}


def _measure(word: str) -> int:
    """The length of what a word matches, without what it looks at."""
    word = re.sub(r"\[[^]]*\]", "x", word)
    while (shorter := _LOOK.sub("", word)) != word:
        word = shorter
    return len(re.sub(r"\(\?:|[()?*]", "", word))


def _is_latin(word: str) -> bool:
    return word[0].isascii() and word[0].isalpha()
