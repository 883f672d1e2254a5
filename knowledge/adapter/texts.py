"""The texts the adapter is trained on and measured with: groups of texts that mean the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from kit.settings import ROOT
from knowledge.seeding import read_seed

PARAPHRASES = Path(__file__).parent / "paraphrases"
HELD_OUT = Path(__file__).parent / "held_out"
NLU = ROOT / "bot" / "data" / "nlu"
Groups = dict[str, list[str]]
"""Each group's texts by its id."""

_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class _Group(BaseModel):
    """One group of a file of paraphrases."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    texts: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=128)]], Field(min_length=1)]


_FILE = TypeAdapter(list[_Group])


def read_groups(path: Path) -> Groups:
    """The groups of one file; raises pydantic.ValidationError on a malformed one, ValueError if a group comes twice."""
    groups = _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    if twice := {group.id for group in groups if [other.id for other in groups].count(group.id) > 1}:
        raise ValueError(f"{path}: more than once: {', '.join(sorted(twice))}")
    return {group.id: group.texts for group in groups}


def read_entry_texts() -> Groups:
    """The question and similar questions of every entry of the seed."""
    return {entry.id: [entry.question, *entry.similar_questions] for _, entry in read_seed()}


def read_intent_texts(folder: Path = NLU) -> Groups:
    """The examples of every intent, without annotations."""
    texts: Groups = {}
    for path in sorted(folder.glob("*.yml")):
        for intent, text in read_examples(path):
            texts.setdefault(intent, []).append(text)
    return texts


def read_examples(path: Path) -> Iterator[tuple[str, str]]:
    """Intent and text of every example of one file, without annotations."""
    for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        if "intent" in item:
            for line in filter(str.strip, item["examples"].splitlines()):
                yield item["intent"], strip_annotations(line.strip().removeprefix("- ").strip())


def strip_annotations(text: str) -> str:
    """The text without the marks of entities: [农户贷](product)提款."""
    return _ANNOTATION.sub(r"\1", text)
