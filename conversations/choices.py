"""Matches a typed text to one of the choices last shown, for channels without buttons."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol, TypeVar

_NUMBER = re.compile(r"(?:我?选)?第?(?P<number>[0-9]{1,2}|[一二三四五六七八九十])(?:个|号|项)?")
_CHINESE = {character: value for value, character in enumerate("一二三四五六七八九十", start=1)}
_EDGES = "(（【[ \t\r\n.。、,，!！?？)）】]「」"


class Choice(Protocol):
    """A choice shown to the customer: its title, and a number unless the question itself asks for one."""

    @property
    def title(self) -> str: ...

    @property
    def number(self) -> int | None: ...


AnyChoice = TypeVar("AnyChoice", bound=Choice)


def match_choice(text: str, choices: Sequence[AnyChoice]) -> AnyChoice | None:
    """The choice with that title, or else with that number; None when the text is neither."""
    said = unicodedata.normalize("NFKC", text).strip(_EDGES)
    for choice in choices:
        if said == unicodedata.normalize("NFKC", choice.title).strip(_EDGES):
            return choice
    found = _NUMBER.fullmatch(said)
    if found is None:
        return None
    number = _CHINESE.get(found["number"]) or int(found["number"])
    return next((choice for choice in choices if choice.number == number), None)
