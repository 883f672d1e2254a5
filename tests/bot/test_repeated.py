"""What a message was answered with before, read from dialogues as Rasa 3.6.21 writes them."""

from typing import Any

import pytest

from bot.server.repeated import find_answers

BUTTONS = [{"title": "种地养殖", "payload": '/inform{"product": "农户贷"}'}]


def hear(message_id: str | None, text: str = "我想贷款") -> dict[str, Any]:
    return {
        "event": "user",
        "timestamp": 1782896400.1,
        "metadata": {"model_id": "3d0b"},
        "text": text,
        "parse_data": {"text": text, "intent": {"name": "apply_for_loan", "confidence": 0.98}, "entities": []},
        "input_channel": "gateway",
        "message_id": message_id,
    }


def say(text: str | None, utter_action: str | None = None, **data: Any) -> dict[str, Any]:
    every = dict.fromkeys(("elements", "quick_replies", "buttons", "attachment", "image", "custom"))
    metadata = {"model_id": "3d0b"} | ({"utter_action": utter_action} if utter_action else {})
    return {
        "event": "bot",
        "timestamp": 1782896400.2,
        "metadata": metadata,
        "text": text,
        "data": every | data,
    }


def act(name: str) -> dict[str, Any]:
    return {"event": "action", "timestamp": 1782896400.15, "name": name, "policy": "RulePolicy", "confidence": 1.0}


SLOT = {"event": "slot", "timestamp": 1782896400.15, "name": "requested_slot", "value": "product"}
START = [act("action_session_start"), {"event": "session_started", "timestamp": 1782896400.0}, act("action_listen")]
LOOP = {"event": "active_loop", "timestamp": 1782896400.15, "name": "application_form"}
GREETED = [hear("16", "你好"), act("utter_greet"), say("您好", "utter_greet"), act("action_listen")]
ASKED = [
    hear("17"),
    act("application_form"),
    LOOP,
    SLOT,
    say("好的，几个问题就好。"),
    say("您主要是做什么的？", "utter_ask_product", buttons=BUTTONS),
    act("action_listen"),
]


def read(answers: list[dict[str, Any]] | None) -> list[tuple[Any, ...]] | None:
    if answers is None:
        return None
    return [(a["text"], a["utter_action"], a.get("buttons"), a.get("custom")) for a in answers]


@pytest.mark.parametrize(
    ("events", "answers"),
    [
        pytest.param([], None, id="a dialogue that has not begun"),
        pytest.param(START, None, id="nothing was said yet"),
        pytest.param([*START, *GREETED], None, id="only another message"),
        pytest.param(
            [*START, *GREETED, *ASKED],
            [
                ("好的，几个问题就好。", None, None, None),
                ("您主要是做什么的？", "utter_ask_product", BUTTONS, None),
            ],
            id="the last message",
        ),
        pytest.param([*START, *ASKED, *GREETED], None, id="an earlier message"),
        pytest.param([*START, hear("17"), act("action_listen")], [], id="the last message, answered with silence"),
        pytest.param([*START, *GREETED, hear("17")], [], id="the last message, not answered yet"),
        pytest.param(
            [*START, *ASKED, hear(None, "/remind"), say("还在吗？")], None, id="something happened by itself since"
        ),
        pytest.param([*START, *GREETED, hear("1")], None, id="an id that begins alike"),
        pytest.param(
            [hear("17"), say(None, custom={"handoff": {"reason": "complaint"}}), say("已为您转人工客服")],
            [
                (None, None, None, {"handoff": {"reason": "complaint"}}),
                ("已为您转人工客服", None, None, None),
            ],
            id="a request to the gateway",
        ),
        pytest.param(
            [hear("17"), say("这个我没看明白。", "utter_default", custom={"understood": False})],
            [("这个我没看明白。", "utter_default", None, {"understood": False})],
            id="a mark for the gateway",
        ),
        pytest.param([hear("17"), say("图", image="a.png")], [("图", None, None, None)], id="an image"),
    ],
)
def test_the_answers_to_the_last_message_are_found(
    events: list[dict[str, Any]], answers: list[tuple[Any, ...]] | None
) -> None:
    assert read(find_answers(events, "17")) == answers


def test_events_without_data_or_metadata_are_read() -> None:
    events = [hear("17"), {"event": "bot", "timestamp": 1.0, "text": "您好", "data": None, "metadata": None}]
    assert read(find_answers(iter(events), "17")) == [("您好", None, None, None)]


def test_nothing_of_the_dialogue_is_changed() -> None:
    events = [hear("17"), say("您好", buttons=BUTTONS)]
    before = repr(events)
    for answer in find_answers(events, "17") or []:
        answer.pop("buttons")
    assert repr(events) == before
