"""Dialogues written as YAML, spoken over the web chat with everything behind it real."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.dialogue_coverage import measure
from dev.stack import Stack
from kit.settings import Settings
from tests.end_to_end.customer import Customer, read_words

FOLDER = Path(__file__).parent / "dialogues"
DIALOGUES = [
    pytest.param(dialogue["turns"], id=f"{path.stem}: {dialogue['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
]
UNSPOKEN: set[str] = set()


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


async def test_the_dialogues_reach_every_rule_response_row_and_question(stack: Stack) -> None:
    """UNSPOKEN needs a broken service or a member of staff: tests/end_to_end/test_faults.py, test_desk_*."""
    settings = Settings(
        database_url=stack.environment["XIAOHE_DATABASE_URL"], tracker_url=stack.environment["XIAOHE_TRACKER_URL"]
    )
    missing = {coverage.kind: set(coverage.missing) - UNSPOKEN for coverage in await measure(settings)}
    assert missing == {"rules": set(), "responses": set(), "rows": set(), "questions": set()}
