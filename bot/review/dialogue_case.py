"""Writes a visit as a dialogue case of tests/end_to_end/dialogues, to be edited by hand."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from conversations.schemas import MessageView
from conversations.turn_view import TurnView
from understanding.turn_masking import HIDDEN

HEADER = f"""\
# Written by `python -m bot review` from real conversations; edit each case: what should be heard, an invented name or
# number for {HIDDEN}, turns that do not matter taken out.
"""
BEGINNING_MAX = 16
_BEGINNING = re.compile(r"[^，。！？；：:;,!?\n*{}]+")


def add_case(path: Path, name: str, turns: Sequence[tuple[TurnView, Sequence[MessageView]]]) -> None:
    """Appends a case of masked turns with their replies; begins the file if it is not there."""
    text = path.read_text(encoding="utf-8") if path.exists() else HEADER
    path.write_text(text + write_case(name, turns), encoding="utf-8")


def write_case(name: str, turns: Sequence[tuple[TurnView, Sequence[MessageView]]]) -> str:
    """The case as YAML, a line for each turn: what was said or pressed, and how each reply began."""
    lines = [f"- name: {write_inline(name)}", "  turns:"]
    for turn, replies in turns:
        case: dict[str, Any] = {"press" if turn.is_pressed else "say": turn.text}
        if heard := [beginning for reply in replies if (beginning := _find_beginning(reply.text))]:
            case["hear"] = heard[0] if len(heard) == 1 else heard
        if turn.handoff:
            case["holder"] = "queue"
        lines.append(f"    - {{ {write_inline(case)[1:-1]} }}")
    return "\n".join(lines) + "\n"


def _find_beginning(text: str) -> str:
    """The first words of a reply that are the same for everybody."""
    found = _BEGINNING.search(text)
    return found[0].strip()[:BEGINNING_MAX] if found else ""


def write_inline(value: Any) -> str:
    """As YAML writes it on one line: in quotes only where they are needed."""
    dumped = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10_000)
    return dumped.removesuffix("...\n").strip()
