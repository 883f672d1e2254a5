"""The language of a message: Chinese or English, or nothing that tells it."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from understanding.schemas import Fact, FactKind, Language

_FILE = Path(__file__).with_name("language.yml")
_HAN = re.compile(r"[\u3400-\u9fff]")
# 8w, 20mu and QH202607-AB12C are no words.
_WORD = re.compile(r"(?<![a-z0-9])[a-z]+(?:'[a-z]+)?(?![a-z0-9])")
# Kinds whose value is spelt as it is in either language.
_SPELT: tuple[FactKind, ...] = ("name", "place", "product")


def find_language(plain: str, facts: Sequence[Fact] = ()) -> Language | None:
    """`en` for a text of English words, `zh` for one with Chinese; None for 8w, ok, pinyin or a name (of `facts`)."""
    for fact in facts:
        if fact.kind in _SPELT and _HAN.search(plain[fact.start : fact.end]):
            plain = plain[: fact.start] + " " * (fact.end - fact.start) + plain[fact.end :]
    if _HAN.search(plain):
        return "zh"
    lists = _load_words()
    words = [word for word in _WORD.findall(plain) if word not in lists["measures"]]
    telling = sum(word in lists["telling"] for word in words)
    known = telling + sum(word in lists["others"] for word in words)
    return "en" if telling and known * 2 >= len(words) else None


@cache
def _load_words() -> dict[str, frozenset[str]]:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in content.items()}
