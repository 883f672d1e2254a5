"""Finds what a customer wants the money for in an English answer, with the words of english_purposes.yml."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from understanding.purposes import ForbiddenKind, Purpose

_FILE = Path(__file__).with_name("english_purposes.yml")
_QUESTION = re.compile(r"\?|^(?:what|how|when|where|which|who|why|can|do|does|is|are|will)\b")
_LONGEST = 60


class _Words(NamedTuple):
    lead: re.Pattern[str]
    uses: re.Pattern[str]
    forbidden: dict[ForbiddenKind, re.Pattern[str]]


def find_english_purpose(plain: str) -> Purpose | None:
    """The use that an English answer to the question for it names; None in questions, and where none is named."""
    if not plain.isascii() or len(plain) > _LONGEST or _QUESTION.search(plain):
        return None
    words = _load()
    lead = words.lead.match(plain)
    end = len(plain.rstrip(" .,!"))
    start = min(lead.end() if lead else 0, end)
    if forbidden := next((kind for kind, pattern in words.forbidden.items() if pattern.search(plain)), None):
        return Purpose(plain[start:end], start, end, forbidden)
    return Purpose(plain[start:end], start, end) if words.uses.search(plain, start, end) else None


@cache
def _load() -> _Words:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    forbidden = {kind: re.compile(rf"\b(?:{pattern})\b") for kind, pattern in content["forbidden"].items()}
    uses = "|".join(content["uses"].split())
    return _Words(re.compile(content["lead"]), re.compile(rf"\b(?:{uses})\b"), forbidden)
