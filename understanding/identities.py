"""Finds identity numbers and unified social credit codes as customers type them: grouped, full-width, with a typo."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kit.identity_numbers import is_credit_code, read_identity_number

_IDENTITY_LENGTH = 18
_GAP = "[ -]?"
_DIGITS = re.compile(rf"(?<![0-9a-z])[0-9](?:{_GAP}[0-9x]){{13,20}}(?![0-9a-z])")
_CODE = re.compile(rf"(?<![0-9a-z])[0-9a-z](?:{_GAP}[0-9a-z]){{15,19}}(?![0-9a-z])")


class Identifier(NamedTuple):
    """What text[start:end] is written for, without gaps and in capitals; `problem`: `length`, or `check` for a typo."""

    text: str
    start: int
    end: int
    problem: str = ""


def find_identity_number(plain: str, is_asked: bool) -> Identifier | None:
    """An identity number in a normalised text; one that cannot be right only as the answer to the question for it."""
    found = list(_list_identifiers(_DIGITS, plain))
    right = [each for each in found if read_identity_number(each.text)]
    if right or not is_asked or not found:
        return right[-1] if right else None
    problem = "check" if len(found[0].text) == _IDENTITY_LENGTH else "length"
    return found[0]._replace(problem=problem)


def find_credit_code(plain: str, is_asked: bool) -> Identifier | None:
    """A firm's credit code in a normalised text; one that cannot be right only as the answer to the question for it."""
    # 身份证号写错了，是990123…: told when the code was asked for.
    found = [each for each in _list_identifiers(_CODE, plain) if not read_identity_number(each.text)]
    right = [each for each in found if is_credit_code(each.text)]
    if right or not is_asked or not found:
        return right[-1] if right else None
    problem = "check" if len(found[0].text) == _IDENTITY_LENGTH else "length"
    return found[0]._replace(problem=problem)


def _list_identifiers(pattern: re.Pattern[str], plain: str) -> Iterator[Identifier]:
    for found in pattern.finditer(plain):
        yield Identifier(re.sub("[ -]", "", found[0]).upper(), *found.span())
