"""Dialogues written as YAML, spoken over the web chat with everything behind it real."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.customer import Customer, read_words

FOLDER = Path(__file__).parent / "dialogues"
DIALOGUES = [
    pytest.param(dialogue["turns"], id=f"{path.stem}: {dialogue['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("turns", DIALOGUES)
def test_dialogue(turns: list[dict[str, Any]], customer: Customer) -> None:
    for number, expected in enumerate(turns, 1):
        turn = customer.press(expected["press"]) if "press" in expected else customer.say(expected["say"])
        heard = read_words(turn)
        where = f"turn {number}, {expected}: heard {heard!r} {list(customer.buttons)}"
        assert all(words in heard for words in _list(expected.get("hear"))), where
        assert not any(words in heard for words in _list(expected.get("never"))), where
        assert all(title in customer.buttons for title in _list(expected.get("buttons"))), where
        assert turn["holder"] == expected.get("holder", "bot"), where
        assert bool(turn["replies"]) == (expected.get("hear") is not None), where


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
