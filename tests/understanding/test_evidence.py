"""What the services say of a message, and what is left when they are away."""

import json
from collections.abc import Callable

import httpx
import pytest

from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.schemas import ANSWER_SCORE, EvidenceView, Match
from understanding.evidence import ServiceEvidence

Answer = Callable[[httpx.Request], httpx.Response]
RATE = Match(entry_id="rate", revision=1, question="利率是多少？", answer="4.90%起。", score=0.9)
PAPERS = RATE.model_copy(update={"entry_id": "papers", "score": ANSWER_SCORE})
UNSURE = RATE.model_copy(update={"entry_id": "unsure", "score": ANSWER_SCORE - 0.1})
VIEW = EvidenceView(
    fingerprint="e5",
    vector="AAAA",
    matches=[RATE, UNSURE],
    parts=[RATE, None, PAPERS, UNSURE, RATE],
    dangers={"scam": 0.1},
)


class Services:
    """Both services in one place; remembers what they were asked."""

    def __init__(self, knowledge: Answer | None = None, rasa: Answer | None = None) -> None:
        self.asked: dict[str, dict[str, object]] = {}
        self._answers = {"/v1/evidence": knowledge, "/intents": rasa}

    def source(self, seconds: float = 1.0) -> ServiceEvidence:
        transport = httpx.MockTransport(self._answer)
        knowledge, rasa = (ServiceClient(n, f"http://{n}", deadline=1, tries=1, transport=transport) for n in "kr")
        return ServiceEvidence(KnowledgeClient(knowledge), rasa, seconds=seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked[request.url.path] = json.loads(request.content)
        answer = self._answers[request.url.path]
        return answer(request) if answer else httpx.Response(503)


def find(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=VIEW.model_dump_json())


def guess(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"intents": {"ask_question": 0.9, "complain": 0.1}})


async def test_both_are_asked_and_the_vector_goes_along() -> None:
    services = Services(find, guess)
    evidence = await services.source().find("利率多少，要带什么", ["利率多少", "要带什么"])
    assert services.asked == {
        "/v1/evidence": {"text": "利率多少，要带什么", "parts": ["利率多少", "要带什么"]},
        "/intents": {"text": "利率多少，要带什么", "vector": "AAAA", "fingerprint": "e5"},
    }
    assert evidence.intents == {"ask_question": 0.9, "complain": 0.1}
    assert (evidence.matches, evidence.dangers, evidence.lacks_entries) == ((RATE, UNSURE), {"scam": 0.1}, False)


async def test_of_the_clauses_sure_answers_are_kept_once() -> None:
    evidence = await Services(find, guess).source().find("…")
    assert (evidence.parts, evidence.unsure_parts) == ((RATE, PAPERS), (UNSURE,))


async def test_without_the_knowledge_service_intents_are_left_and_it_is_known_what_lacks() -> None:
    services = Services(None, guess)
    evidence = await services.source().find("利率多少")
    assert services.asked["/intents"] == {"text": "利率多少"}
    assert (evidence.intents["ask_question"], evidence.matches, evidence.lacks_entries) == (0.9, (), True)


@pytest.mark.parametrize("rasa", [None, lambda request: httpx.Response(200, json={"intents": 1})])
async def test_without_rasa_the_entries_are_left(rasa: Answer | None) -> None:
    evidence = await Services(find, rasa).source().find("利率多少")
    assert (evidence.intents, evidence.matches) == ({}, (RATE, UNSURE))
