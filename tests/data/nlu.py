"""Reads NLU examples without Rasa."""

import re
from pathlib import Path

import yaml

_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_examples(folder: Path) -> list[tuple[str, str]]:
    """Plain text and intent of every example in a folder's files."""
    return [
        (_ANNOTATION.sub(r"\1", line.strip()[2:]).strip(), item["intent"])
        for path in sorted(folder.glob("*.yml"))
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in item
        for line in item["examples"].splitlines()
        if line.strip().startswith("- ")
    ]
