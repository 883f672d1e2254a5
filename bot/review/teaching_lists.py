"""The lists of sentences that teach: examples of intents, similar questions of entries.

Files are changed as text, so that their comments and order stay.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

from bot.review.dialogue_case import write_inline
from knowledge.adapter.texts import strip_annotations
from understanding.normalise import normalise

Key = Literal["examples", "similar_questions"]
ALIKE = 0.85  # share of characters in the same order: of 7 characters one may differ
_ITEM = re.compile(r"- (?:intent|id): (?P<name>[\w-]+)\s*$")
_END = "- id: end"  # closes the last list of a file
_TEXT = re.compile(r"(?P<indent> +)- (?P<text>.*\S)")
_KEY = re.compile(r"  (?P<key>\w+):")  # of the item itself, not of its English
_MARKS = re.compile(r"\W+")


class TeachingList(NamedTuple):
    """The sentences of one intent, or of one entry, in one file, without annotations.

    A further one belongs before line `end`, counted from 0, behind `indent`.
    """

    path: Path
    key: Key
    name: str
    texts: tuple[str, ...]
    indent: str
    end: int


def read_lists(folder: Path, key: Key) -> list[TeachingList]:
    """All lists of a folder's files: bot/data/nlu has `examples`, knowledge/seed `similar_questions`."""
    return [own for path in sorted(folder.glob("*.yml")) for own in _read_file(path, key)]


def choose_list(text: str, name: str, lists: Iterable[TeachingList]) -> TeachingList | None:
    """Of the lists of this name, that with the most similar sentence; None where there is none."""
    return max((own for own in lists if own.name == name), key=lambda own: _find_likeness(text, own), default=None)


def find_alike(text: str, lists: Iterable[TeachingList]) -> tuple[str, str] | None:
    """A sentence of nearly the same characters, and whose it is."""
    plain = _simplify(text)
    for own in lists:
        for known in own.texts:
            matcher = SequenceMatcher(None, _simplify(known), plain, autojunk=False)
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
                return known, own.name
    return None


def add_text(own: TeachingList, text: str) -> None:
    """Writes a sentence of one line below the others of its list."""
    lines = own.path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(own.end, f"{own.indent}- {text if own.key == 'examples' else write_inline(text)}\n")
    own.path.write_text("".join(lines), encoding="utf-8")


def _read_file(path: Path, key: Key) -> Iterator[TeachingList]:
    name, is_open = "", False
    found: list[re.Match[str]] = []
    end = 0
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), _END]):
        if item := _ITEM.match(line):
            if found:
                texts = tuple(_read_text(text["text"], key) for text in found)
                yield TeachingList(path, key, name, texts, found[0]["indent"], end)
            name, is_open, found = item["name"], False, []
        elif is_open and (text := _TEXT.match(line)):
            found.append(text)
            end = number + 1
        elif other := _KEY.match(line):
            is_open = other["key"] == key


def _read_text(written: str, key: Key) -> str:
    return strip_annotations(written) if key == "examples" else str(yaml.safe_load(written))


def _simplify(text: str) -> str:
    """Letters and digits in plain spelling; of a text of marks alone, these."""
    return _MARKS.sub("", normalise(text)) or text


def _find_likeness(text: str, own: TeachingList) -> float:
    plain = _simplify(text)
    return max(SequenceMatcher(None, _simplify(known), plain, autojunk=False).ratio() for known in own.texts)
