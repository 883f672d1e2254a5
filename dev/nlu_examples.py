"""The language data: what customers say, with its intent and topic, for training and held out from it."""

from pathlib import Path
from typing import NamedTuple

import yaml

from kit.settings import ROOT
from knowledge.adapter import texts

TRAINING, HELD_OUT = ROOT / "bot" / "data" / "nlu", ROOT / "tests" / "bot" / "nlu"
MERGED = ROOT / "bot" / "data" / "merged_intents.yml"


class Example(NamedTuple):
    """A message, what it wants, and the name of its file."""

    text: str
    intent: str
    topic: str


def read_examples(folder: Path) -> list[Example]:
    """All examples of a folder's files, without the marks of entities; merged intents under their new names."""
    merged = read_merged_intents()
    return [
        Example(text, merged.get(intent, intent), path.stem)
        for path in sorted(folder.glob("*.yml"))
        for intent, text in texts.read_examples(path)
    ]


def read_merged_intents() -> dict[str, str]:
    """The new names of the intents that were merged."""
    merged: dict[str, str] = yaml.safe_load(MERGED.read_text(encoding="utf-8"))
    return merged
