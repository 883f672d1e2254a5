"""What customers meant is learned from the offers they took, without what is private."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.turn_view import GivenAnswer, TurnView
from unanswered.accepted import find_accepted

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
OFFERED, CHOSEN = {"act": "suggest"}, {"act": "ask_question"}
ANSWERS = {2: [GivenAnswer(entry_id="card-lost")]}


def make_turn(turn_id: int, text: str, choice: dict[str, Any], *, is_pressed: bool = False) -> TurnView:
    return TurnView(
        id=turn_id,
        conversation_id="c",
        at=NOW + timedelta(seconds=turn_id),
        kind="text",
        text=text,
        is_pressed=is_pressed,
        is_understood=True,
        choice=choice,
        handoff=None,
    )


PRESSED = make_turn(2, "银行卡丢了怎么挂失？", CHOSEN, is_pressed=True)


@pytest.mark.parametrize(
    ("text", "following", "accepted"),
    [
        ("卡找不着了咋整", PRESSED, [("卡找不着了咋整", "card-lost")]),
        # Typed: it may be something else.
        ("卡找不着了咋整", make_turn(2, "银行卡丢了怎么挂失？", CHOSEN), []),
        ("卡找不着了咋整", make_turn(3, "都不是", {"act": "none_of_these"}, is_pressed=True), []),
        ("卡找不着了咋整", PRESSED.model_copy(update={"id": 3}), []),
        ("卡找不着了咋整", None, []),
        ("丢了", PRESSED, []),
        # Nothing private is learned.
        ("我叫李桂兰，卡找不着了咋整", PRESSED, []),
        ("卡找不着了，打我13800138000", PRESSED, []),
    ],
)
def test_an_offer_that_was_taken(text: str, following: TurnView | None, accepted: list[tuple[str, str]]) -> None:
    turns = [make_turn(1, text, OFFERED), *([following] if following else [])]
    assert find_accepted(turns, ANSWERS) == accepted


def test_what_was_not_offered_teaches_nothing() -> None:
    turns = [make_turn(1, "卡找不着了咋整", {"act": "answer"}), PRESSED]
    assert find_accepted(turns, ANSWERS) == []
