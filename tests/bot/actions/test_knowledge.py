"""Questions: answered, asked back, left alone, or honestly not answered at all."""

import json
from typing import Any

import httpx
import pytest

from bot.actions.knowledge import TITLE_LENGTH_MAX, make_button
from kit.database import Database
from knowledge.api import create_app
from knowledge.settings import KnowledgeSettings
from knowledge.tables import KnowledgeEntry, SimilarQuestion
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from tests.fakes import FixedClock
from tests.knowledge.hashing_encoder import HashingEncoder

CARD = {"entry_id": "card-lost", "question": "社保卡丢了怎么补办？", "answer": "带身份证到网点补卡。"}
RATE = {"entry_id": "loan-rate", "question": "农户贷年利率是多少？", "answer": "4.90%起。"}


class Service:
    """Answers every request alike; remembers what was asked for."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.status, self.answer = status, answer
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, json=self.answer)


async def ask(service: Service, text: str, intent: str = "ask_question", **more: Any) -> ActionResult:
    clients = make_clients(knowledge=httpx.MockTransport(service))
    return await call_action(clients, "action_answer_question", {}, text, intent, **more)


def find(outcome: str, *entries: dict[str, str]) -> dict[str, Any]:
    return {"outcome": outcome, "matches": [{**entry, "score": 0.5} for entry in entries]}


@pytest.mark.parametrize(
    "intent", ["ask_question", "nlu_fallback", "out_of_scope", "renew_loan", "draw_loan", "repay_loan"]
)
async def test_what_is_found_is_answered_whatever_it_was_taken_for(intent: str) -> None:
    service = Service(find("answer", CARD, RATE))
    turn = await ask(service, "社保卡丢了", intent)
    assert (turn.said, turn.heard, turn.events) == (["utter_answer"], "带身份证到网点补卡。", [])
    (request,) = service.asked
    assert (request.url.path, request.url.params["q"]) == ("/v1/search", "社保卡丢了")


async def test_several_that_may_be_meant_are_offered_with_a_human_as_the_last() -> None:
    turn = await ask(Service(find("suggest", CARD, RATE)), "卡的利率")
    assert turn.said == ["utter_suggest"]
    assert turn.responses[0]["buttons"] == [
        {"title": "社保卡丢了怎么补办？", "payload": '/ask_question{"entry": "card-lost"}'},
        {"title": "农户贷年利率是多少？", "payload": '/ask_question{"entry": "loan-rate"}'},
        {"title": "都不是，转人工", "payload": "/request_human"},
    ]


@pytest.mark.parametrize(
    ("intent", "response"),
    [("ask_question", "utter_no_answer"), ("nlu_fallback", "utter_default"), ("out_of_scope", "utter_default")],
)
async def test_what_is_not_found_is_not_answered(intent: str, response: str) -> None:
    turn = await ask(Service(find("none", CARD)), "今天天气怎么样", intent)
    assert (turn.said, turn.events) == ([response], [])


async def test_a_suggestion_pressed_gives_its_entry_without_a_search() -> None:
    entry = {**CARD, "category": "social_security_card", "similar_questions": []}
    service = Service(entry)
    turn = await ask(service, "社保卡丢了怎么补办？", entities={"entry": "card-lost"}, is_button=True)
    assert turn.heard == "带身份证到网点补卡。"
    assert [request.url.path for request in service.asked] == ["/v1/entries/card-lost"]


async def test_an_entry_that_is_only_typed_is_searched_for() -> None:
    service = Service(find("none"))
    await ask(service, "card-lost", entities={"entry": "card-lost"})
    assert [request.url.path for request in service.asked] == ["/v1/search"]


async def test_nothing_is_asked_about_an_empty_message() -> None:
    service = Service(find("none"))
    assert (await ask(service, "", "nlu_fallback")).said == ["utter_default"]
    assert service.asked == []


@pytest.mark.parametrize(
    "service",
    [
        Service({}, 500),
        Service({"error": {"code": "not_ready", "reason": ""}}, 503),
        Service({"error": {"code": "invalid_request", "reason": "q"}}, 422),
        Service({"outcome": "perhaps"}),
    ],
    ids=["fault", "not ready", "refused", "unknown shape"],
)
async def test_a_service_that_cannot_answer_is_told(service: Service) -> None:
    assert (await ask(service, "社保卡丢了")).said == ["utter_knowledge_down"]


async def test_a_service_that_is_away_is_told() -> None:
    for more in ({}, {"entities": {"entry": "card-lost"}, "is_button": True}):
        turn = await call_action(make_clients(), "action_answer_question", {}, "社保卡丢了", "ask_question", **more)
        assert (turn.said, turn.events) == (["utter_knowledge_down"], [])


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("短问题？", "短问题？"),
        ("长" * TITLE_LENGTH_MAX, "长" * TITLE_LENGTH_MAX),
        ("长" * (TITLE_LENGTH_MAX + 1), "长" * (TITLE_LENGTH_MAX - 1) + "…"),
    ],
)
def test_a_button_has_a_short_title(question: str, title: str) -> None:
    button = make_button("a-1", question)
    assert button["title"] == title
    assert json.loads(button["payload"].removeprefix("/ask_question")) == {"entry": "a-1"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_real_service_is_understood(database: Database, database_url: str) -> None:
    async with database.transaction() as session:
        for entry in (CARD, RATE):
            row = KnowledgeEntry(id=entry["entry_id"], category="t", question=entry["question"], answer=entry["answer"])
            row.updated_at = FixedClock().now
            row.similar_questions = [SimilarQuestion(position=0, text=entry["question"] + "请问")]
            session.add(row)
    app = create_app(KnowledgeSettings(database_url=database_url), encoder=HashingEncoder())
    async with app.router.lifespan_context(app):
        clients = make_clients(knowledge=httpx.ASGITransport(app))
        found = await call_action(clients, "action_answer_question", {}, "社保卡丢了怎么补办", "ask_question")
        assert found.heard == "带身份证到网点补卡。"
        pressed = {"entities": {"entry": "loan-rate"}, "is_button": True}
        chosen = await call_action(clients, "action_answer_question", {}, "利率", "ask_question", **pressed)
        assert chosen.heard == "4.90%起。"
        gone = {"entities": {"entry": "no/such?entry"}, "is_button": True}
        assert (await call_action(clients, "action_answer_question", {}, "？", "", **gone)).said == [
            "utter_knowledge_down"
        ]
