"""What Rasa answers, right and wrong, and what is asked of it."""

import json
from typing import Any

import httpx
import pytest

from connectors.bot_client import RasaBot, read_outcome
from conversations.schemas import ConsentGiven, HandoffRequest, Reply, ReplyButton, TurnOutcome
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient

GREETING = {"messages": [{"text": "您好", "buttons": []}], "handoff": None, "consents": []}


@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (GREETING, TurnOutcome(replies=[Reply(text="您好")])),
        ({"messages": []}, TurnOutcome()),
        ({"messages": [{"text": ""}, {"text": None}, {}]}, TurnOutcome()),
        ({"messages": [{"text": "您好", "buttons": None}]}, TurnOutcome(replies=[Reply(text="您好")])),
        (
            {"messages": [{"text": "一"}, {"text": "二", "buttons": [{"title": "三", "payload": "/deny"}]}]},
            TurnOutcome(
                replies=[Reply(text="一"), Reply(text="二", buttons=[ReplyButton(title="三", payload="/deny")])]
            ),
        ),
        (
            {"messages": [], "handoff": {"reason": "complaint", "slots": {"amount": 5}}},
            TurnOutcome(handoff=HandoffRequest(reason="complaint", slots={"amount": 5})),
        ),
        (
            {"messages": [], "handoff": {"reason": "complaint"}, "consents": None},
            TurnOutcome(handoff=HandoffRequest(reason="complaint")),
        ),
        (
            {"messages": [], "consents": [{"purpose": "quota", "wording_version": "2026-07"}]},
            TurnOutcome(consents=[ConsentGiven(purpose="quota", wording_version="2026-07")]),
        ),
        ({**GREETING, "more": 1}, TurnOutcome(replies=[Reply(text="您好")])),
    ],
)
def test_a_turn_is_read(turn: dict[str, Any], outcome: TurnOutcome) -> None:
    assert read_outcome(turn) == outcome


@pytest.mark.parametrize(
    "turn",
    [
        None,
        [],
        "",
        1,
        {},
        {"messages": None},
        {"messages": 1},
        {"messages": ["您好"]},
        {"messages": [None]},
        {"messages": [[]]},
        {"messages": {"text": "您好"}},
        {"messages": [{"text": 1}]},
        {"messages": [{"text": ["您好"]}]},
        {"messages": [{"text": "您好", "buttons": 1}]},
        {"messages": [{"text": "您好", "buttons": ["转人工"]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转人工"}]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转人工", "payload": None}]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转" * 65, "payload": "/request_human"}]}]},
        {"messages": [], "handoff": "complaint"},
        {"messages": [], "handoff": ["complaint"]},
        {"messages": [], "handoff": {"slots": {}}},
        {"messages": [], "handoff": {"reason": None}},
        {"messages": [], "handoff": {"reason": "r" * 33}},
        {"messages": [], "handoff": {"reason": "complaint", "slots": []}},
        {"messages": [], "handoff": {"reason": "complaint", "to": "boss"}},
        {"messages": [], "consents": ["quota"]},
        {"messages": [], "consents": [{"purpose": "quota"}]},
        {"messages": [], "consents": {"purpose": "quota"}},
    ],
    ids=lambda turn: json.dumps(turn, ensure_ascii=False)[:60],
)
def test_another_shape_is_a_fault_of_rasa(turn: Any) -> None:
    with pytest.raises(ServiceUnavailable, match="unknown shape"):
        read_outcome(turn)


def test_a_fault_does_not_repeat_what_the_customer_filled_in() -> None:
    handoff = {"reason": None, "slots": {"name": "张建国", "phone": "13812345678"}}
    with pytest.raises(ServiceUnavailable) as raised:
        read_outcome({"messages": [], "handoff": handoff})
    assert "张建国" not in str(raised.value)
    assert "13812345678" not in str(raised.value)


class Rasa:
    """Answers every turn alike; remembers what it was asked."""

    def __init__(self, status: int, turn: Any) -> None:
        self.status, self.turn = status, turn
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, content=json.dumps(self.turn))


async def ask(rasa: Rasa, **message: Any) -> TurnOutcome:
    client = ServiceClient(
        "rasa", "http://rasa", deadline=2, tries=1, token="let-me-in", transport=httpx.MockTransport(rasa)
    )
    try:
        return await RasaBot(client).answer("conversation-1", "17", **message)
    finally:
        await client.close()


async def test_a_message_is_given_to_rasa_with_the_token() -> None:
    rasa = Rasa(200, GREETING)
    assert await ask(rasa, text="开店摆摊", payload="/inform") == TurnOutcome(replies=[Reply(text="您好")])
    (request,) = rasa.asked
    assert (request.method, request.url.path) == ("POST", "/turns")
    assert request.headers["Authorization"] == "Bearer let-me-in"
    assert json.loads(request.content) == {
        "conversation_id": "conversation-1",
        "message_id": "17",
        "text": "开店摆摊",
        "payload": "/inform",
    }


@pytest.mark.parametrize("turn", [{"messages": []}, {"messages": [{"text": ""}]}, [], None, "", {}])
async def test_a_bot_with_nothing_to_say_is_away(turn: Any) -> None:
    with pytest.raises(ServiceUnavailable):
        await ask(Rasa(200, turn), text="你好")


@pytest.mark.parametrize(
    ("status", "error"), [(500, ServiceUnavailable), (504, ServiceUnavailable), (401, ServiceRefused)]
)
async def test_a_turn_is_given_once_even_when_it_fails(status: int, error: type[Exception]) -> None:
    rasa = Rasa(status, {"error": {"code": "fault", "reason": "broken"}})
    with pytest.raises(error):
        await ask(rasa, text="你好")
    assert len(rasa.asked) == 1
