"""What may come in as a turn: typed text that never commands, and payloads of our own buttons."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.server.payload import (
    MESSAGE_LENGTH_MAX,
    TurnError,
    TurnRequest,
    parse_payload,
    read_turn,
    strip_commands,
)
from connectors.settings import GatewaySettings

TURN = {"conversation_id": "conversation-1", "message_id": "17", "text": "你好", "payload": None}


def test_typed_text_is_left_to_rasas_understanding() -> None:
    first = TurnRequest("conversation-1", "17", "你好", None, is_repeated=False)
    assert read_turn(TURN) == first
    assert read_turn({k: v for k, v in TURN.items() if k != "payload"}) == first
    assert read_turn({**TURN, "is_repeated": True}) == replace(first, is_repeated=True)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("你好", "你好"),
        ("  你好 \n", "你好"),
        ("/restart", "restart"),
        ("//restart", "restart"),
        (" / / /restart ", "restart"),
        ("\u3000/restart", "restart"),
        ("/\u00a0/restart", "restart"),
        ("/\r/\x0b/\u2003/restart", "restart"),
        ("/\x1c/\x85/restart", "restart"),
        ('/inform{"amount": 1}', 'inform{"amount": 1}'),
        ("3/5号", "3/5号"),
        ("/", ""),
        (" \n ", ""),
        ("", ""),
    ],
)
def test_typed_commands_become_words(text: str, stripped: str) -> None:
    assert strip_commands(text) == stripped


@given(st.text(st.sampled_from("/ \t\n\r\x0b\x1c\x85\u00a0\u2003\u3000\ufeffx") | st.characters()))
def test_no_typed_text_can_be_a_command(text: str) -> None:
    # Rasa looks at the text without its outer white space.
    turn = read_turn({**TURN, "text": text})
    read, parsed = turn.text, turn.parse_data
    assert not read.strip().startswith("/")
    assert (parsed is None) is bool(read)


@pytest.mark.parametrize("text", ["/", "", " ", "///"])
def test_text_with_nothing_left_is_not_understood(text: str) -> None:
    turn = read_turn({**TURN, "text": text})
    read, parsed = turn.text, turn.parse_data
    assert read == ""
    assert parsed is not None
    assert (parsed["intent"]["name"], parsed["entities"]) == ("nlu_fallback", [])
    assert not turn.is_button


@pytest.mark.parametrize(
    ("payload", "intent", "entities"),
    [
        ("/affirm", "affirm", {}),
        ("/affirm{}", "affirm", {}),
        ('/inform{"product": "农户贷"}', "inform", {"product": "农户贷"}),
        ('/inform{"amount": 50000, "term": 12}', "inform", {"amount": 50000, "term": 12}),
        ('/inform{"note": "{/x}"}', "inform", {"note": "{/x}"}),
    ],
)
def test_a_buttons_payload_is_what_rasa_would_have_understood(
    payload: str, intent: str, entities: dict[str, Any]
) -> None:
    turn = read_turn({**TURN, "text": "种地养殖", "payload": payload})
    parsed = turn.parse_data
    assert (turn.conversation_id, turn.message_id, turn.text) == ("conversation-1", "17", "种地养殖")
    assert turn.is_button
    assert parsed is not None
    assert (parsed["text"], parsed["intent"]) == ("种地养殖", {"name": intent, "confidence": 1.0})
    assert parsed["intent_ranking"] == [parsed["intent"]]
    assert {entity["entity"]: entity["value"] for entity in parsed["entities"]} == entities


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "affirm",
        "/",
        "//affirm",
        "/{}",
        "/two words",
        "/affirm{",
        "/affirm{}x",
        '/inform{"amount": }',
        "/inform[1]",
        " /affirm",
        0,
        [],
        {"intent": "affirm"},
        True,
    ],
)
def test_a_payload_that_no_button_has_is_refused(payload: Any) -> None:
    with pytest.raises(TurnError):
        parse_payload(payload, "")
    with pytest.raises(TurnError):
        read_turn({**TURN, "payload": payload})


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        1,
        {},
        {**TURN, "conversation_id": ""},
        {**TURN, "conversation_id": None},
        {**TURN, "conversation_id": 1},
        {**TURN, "message_id": ""},
        {**TURN, "message_id": 17},
        {**TURN, "text": None},
        {**TURN, "text": ["你好"]},
        {**TURN, "text": "字" * (MESSAGE_LENGTH_MAX + 1)},
        {**TURN, "is_repeated": 1},
        {**TURN, "is_repeated": "true"},
        {**TURN, "is_repeated": None},
        {key: value for key, value in TURN.items() if key != "text"},
    ],
)
def test_a_body_that_is_no_turn_is_refused(body: Any) -> None:
    with pytest.raises(TurnError):
        read_turn(body)


def test_the_longest_message_the_gateway_takes_is_taken() -> None:
    settings = GatewaySettings(message_length_max=2000)
    assert read_turn({**TURN, "text": "字" * settings.message_length_max}).text == "字" * 2000
