"""What the gateway may ask of the Rasa server: intents of a text that never commands, and turns with an act."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.server.payload import (
    TEXT_LENGTH_MAX,
    PayloadError,
    read_forget_request,
    read_intents_request,
    read_turn,
    strip_commands,
)
from connectors.settings import GatewaySettings
from understanding.schemas import Act, Fact

ACT = {"name": "inform", "facts": [{"kind": "sum", "role": "amount", "low": 80000.0, "high": 80000.0}]}
TURN = {"conversation_id": "conversation-1", "message_id": "17", "act": ACT}


def test_a_turn_is_its_act() -> None:
    turn = read_turn(TURN)
    assert (turn.conversation_id, turn.message_id, turn.is_repeated) == ("conversation-1", "17", False)
    assert read_turn({**TURN, "is_repeated": True}).is_repeated
    parsed = turn.parse_data
    assert (parsed["intent"], parsed["act"]) == ({"name": "inform", "confidence": 1.0}, ACT)
    assert parsed["text"] == ""
    assert [read_turn({**TURN, **more}).parse_data["channel"] for more in ({}, {"channel": "wechat"})] == ["", "wechat"]


def test_any_act_of_the_gateway_is_taken() -> None:
    act = Act(name="answer", row="asks", facts=(Fact(kind="none", role="existing_debt"),), values={"entry": "a"})
    body = {**TURN, "act": act.model_dump(mode="json", exclude_defaults=True)}
    assert Act.model_validate(read_turn(body).parse_data["act"]) == act


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
        {**TURN, "message_id": ""},
        {**TURN, "message_id": 17},
        {**TURN, "act": None},
        {**TURN, "act": "inform"},
        {**TURN, "act": {}},
        {**TURN, "act": {"name": 1}},
        {**TURN, "act": {"name": "/restart"}},
        {**TURN, "act": {"name": "two words"}},
        {**TURN, "is_repeated": 1},
        {**TURN, "is_repeated": None},
        {**TURN, "channel": None},
    ],
)
def test_a_body_that_is_no_turn_is_refused(body: Any) -> None:
    with pytest.raises(PayloadError):
        read_turn(body)


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
        ("3/5号", "3/5号"),
        ("/", ""),
        ("", ""),
    ],
)
def test_typed_commands_become_words(text: str, stripped: str) -> None:
    assert strip_commands(text) == stripped


@given(st.text(st.sampled_from("/ \t\n\r\x0b\x1c\x85\u00a0\u2003\u3000\ufeffx") | st.characters(), min_size=1))
def test_no_typed_text_can_be_a_command(text: str) -> None:
    try:
        read = read_intents_request({"text": text}).text
    except PayloadError:
        return
    # Rasa looks at the text without its outer white space.
    assert not read.strip().startswith("/")


def test_the_vector_comes_with_the_text_or_not() -> None:
    alone = read_intents_request({"text": "你好"})
    assert (alone.vector, alone.fingerprint) == (None, "")
    packed = base64.b64encode(b"1234").decode()
    asked = read_intents_request({"text": "你好", "vector": packed, "fingerprint": "e5"})
    assert (asked.vector, asked.fingerprint) == (b"1234", "e5")


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"text": ""},
        {"text": "  "},
        {"text": ["你好"]},
        {"text": "字" * (TEXT_LENGTH_MAX + 1)},
        {"text": "你好", "vector": 1, "fingerprint": "e5"},
        {"text": "你好", "vector": "no base64!", "fingerprint": "e5"},
        {"text": "你好", "vector": "AAAA", "fingerprint": "e5"},
        {"text": "你好", "vector": "AAAAAA=="},
        {"text": "你好", "vector": "AAAAAA==", "fingerprint": 5},
        {"text": "你好", "fingerprint": "e5"},
    ],
)
def test_a_body_without_a_text_is_refused(body: Any) -> None:
    with pytest.raises(PayloadError):
        read_intents_request(body)


def test_the_longest_message_the_gateway_takes_is_taken() -> None:
    settings = GatewaySettings(message_length_max=TEXT_LENGTH_MAX)
    assert len(read_intents_request({"text": "字" * settings.message_length_max}).text) == TEXT_LENGTH_MAX


def test_what_is_to_be_forgotten_is_one_conversation_or_the_idle_ones() -> None:
    assert read_forget_request({"conversation_id": "conversation-1"}).conversation_id == "conversation-1"
    assert read_forget_request({"before": 1_700_000_000}).before == 1_700_000_000.0


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"conversation_id": ""},
        {"conversation_id": 1},
        {"before": "now"},
        {"before": True},
        {"conversation_id": "conversation-1", "before": 1},
    ],
)
def test_nothing_is_forgotten_by_mistake(body: Any) -> None:
    with pytest.raises(PayloadError):
        read_forget_request(body)
