"""What actions see of the last message."""

from typing import Any

import pytest
from rasa_sdk.interfaces import Tracker

from bot.actions.message import Message, read_message


def read(latest: dict[str, Any] | None) -> Message:
    state: Any = {"sender_id": "1", "latest_message": latest}
    return read_message(Tracker.from_dict(state))


def entity(value: Any, start: int, name: str = "product") -> dict[str, Any]:
    return {"entity": name, "value": value, "start": start, "end": start + len(str(value))}


@pytest.mark.parametrize(
    ("latest", "message"),
    [
        (None, Message("")),
        ({}, Message("")),
        ({"text": None, "intent": None, "entities": None}, Message("")),
        ({"text": "好", "intent": {"name": "affirm", "confidence": 0.99}}, Message("好", "affirm")),
        ({"text": "好", "intent": {"name": "affirm", "confidence": 1.0}}, Message("好", "affirm")),
        ({"text": "好", "intent": {"name": None, "confidence": 0.0}}, Message("好")),
        (
            {"text": "同意", "intent": {"name": "affirm", "confidence": 1.0}, "metadata": {"is_button": True}},
            Message("同意", "affirm", is_button=True),
        ),
    ],
)
def test_a_message_is_read(latest: dict[str, Any] | None, message: Message) -> None:
    assert read(latest) == message


def test_of_several_entities_of_one_name_the_first_counts() -> None:
    entities = [entity("农户贷", 0), entity("商户贷", 4), entity("柳河镇", 8, "region")]
    message = read({"text": "农户贷和商户贷，柳河镇", "entities": entities})
    assert message.entities == {"product": "农户贷", "region": "柳河镇"}


def test_what_it_is_not_does_not_count() -> None:
    entities = [entity("农户贷", 2), entity("商户贷", 6)]
    assert read({"text": "不是农户贷是商户贷", "entities": entities}).entities == {"product": "商户贷"}


def test_an_entity_of_a_button_has_no_place_in_the_text() -> None:
    button = {"text": "都不是", "intent": {"name": "inform", "confidence": 1.0}, "entities": [entity("农户贷", 0)]}
    assert read(button).entities == {"product": "农户贷"}
