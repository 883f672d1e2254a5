"""The language data: what customers say, with its intent and topic, for training and held out from it."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from kit.settings import ROOT

TRAINING, HELD_OUT = ROOT / "bot" / "data" / "nlu", ROOT / "tests" / "bot" / "nlu"
MERGED = ROOT / "bot" / "data" / "merged_intents.yml"
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class Example(NamedTuple):
    """A message, what it wants, and the name of its file."""

    text: str
    intent: str
    topic: str


def read_examples(folder: Path) -> list[Example]:
    """All examples of a folder's files, without the marks of entities; merged intents under their new names."""
    merged = read_merged_intents()
    return [
        Example(_ANNOTATION.sub(r"\1", line.strip()[2:]).strip(), merged.get(item["intent"], item["intent"]), path.stem)
        for path in sorted(folder.glob("*.yml"))
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in item
        for line in item["examples"].splitlines()
        if line.strip().startswith("- ")
    ]


def read_merged_intents() -> dict[str, str]:
    """The new names of the intents that were merged."""
    merged: dict[str, str] = yaml.safe_load(MERGED.read_text(encoding="utf-8"))
    return merged
