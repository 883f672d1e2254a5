"""The knowledge service over HTTP, in process."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from kit.database import Database
from knowledge.api import create_app
from knowledge.schemas import ANSWER_SCORE, ANSWERS
from knowledge.settings import KnowledgeSettings
from tests.knowledge.entries import CARD, ENTRIES, LESSONS, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def app(database: Database, database_url: str, tmp_path: Path) -> FastAPI:
    """The application with three entries, not yet started."""
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    settings = KnowledgeSettings(database_url=database_url, knowledge_cache=str(tmp_path / "kept"))
    return create_app(settings, encoder=HashingEncoder(), lessons=LESSONS)


@pytest.fixture
async def starting(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://knowledge") as client:
        yield client


@pytest.fixture
async def api(app: FastAPI, starting: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The application, started and stopped."""
    async with app.router.lifespan_context(app):
        yield starting


async def test_a_search_has_the_agreed_shape(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/search", params={"q": "卡丢了怎么办"})
    assert response.status_code == 200
    found = response.json()
    assert found.keys() == {"outcome", "matches", "version"}
    assert found["outcome"] == "answer"
    assert len(found["matches"]) == 3
    best = found["matches"][0]
    assert ANSWER_SCORE <= best.pop("score") <= 1
    assert best == {
        "entry_id": "card-lost",
        "category": "test",
        "question": "银行卡丢了怎么挂失",
        "answer": "请马上挂失。",
        "follow_ups": [],
        "revision": 1,
    }
    assert found["version"] == 3


@pytest.mark.parametrize(("k", "expected"), [(1, 1), (2, 2), (10, 3)])
async def test_k_bounds_the_matches(api: httpx.AsyncClient, k: int, expected: int) -> None:
    response = await api.get("/v1/search", params={"q": "卡丢了怎么办", "k": k})
    assert len(response.json()["matches"]) == expected


async def test_a_foreign_question_is_not_answered(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/search", params={"q": "qwertyuiop"})
    assert response.json()["outcome"] == "none"


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "卡" * 2001}, "q"),
        ({"q": "卡", "k": "0"}, "k"),
        ({"q": "卡", "k": "11"}, "k"),
        ({"q": "卡", "k": "three"}, "k"),
    ],
)
async def test_a_bad_query_is_named(api: httpx.AsyncClient, params: dict[str, str], named: str) -> None:
    response = await api.get("/v1/search", params=params)
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "invalid_request"
    assert f"query.{named}:" in error["reason"]


@pytest.mark.parametrize("question", ["卡" * 2000, " ", "？", "😂", "%00", "\x00", "'; drop table knowledge_entries"])
async def test_odd_questions_are_searched_for(api: httpx.AsyncClient, question: str) -> None:
    assert (await api.get("/v1/search", params={"q": question})).status_code == 200


async def test_an_entry_that_was_chosen_is_shown_as_a_match(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/entries/card-lost")
    assert response.status_code == 200
    assert response.json() == {
        "entry_id": "card-lost",
        "category": "test",
        "question": CARD[1],
        "answer": CARD[3],
        "follow_ups": [],
        "revision": 1,
        "score": 1.0,
    }


async def test_an_unknown_entry_is_not_found(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/entries/no-such-entry")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_entry"


async def test_evidence_has_the_agreed_shape(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/evidence", json={"text": "卡丢了怎么办", "parts": ["利息多少", "几点开门"]})
    assert response.status_code == 200
    found = response.json()
    assert list(found) == ["fingerprint", "vector", "matches", "parts", "dangers", "acts"]
    assert found["fingerprint"] == "hashing"
    vector = np.frombuffer(base64.b64decode(found["vector"]), "<f4")
    assert np.array_equal(vector, HashingEncoder().encode(["卡丢了怎么办"])[0])
    searched = await api.get("/v1/search", params={"q": "卡丢了怎么办"})
    absent = dict.fromkeys(("question_english", *(ANSWERS.keys() - {"answer"}), "is_internal"))
    assert found["matches"] == [{**match, **absent} for match in searched.json()["matches"]]
    assert [part["entry_id"] for part in found["parts"]] == ["loan-rate", "branch-hours"]
    assert list(found["dangers"]) == ["lost_phone", "scam"]
    assert all(0 <= probability <= 1 for probability in found["dangers"].values())


async def test_parts_may_be_left_out(api: httpx.AsyncClient) -> None:
    found = (await api.post("/v1/evidence", json={"text": "手机丢了"})).json()
    assert found["parts"] == []
    assert found["dangers"]["lost_phone"] > 0.5


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": "卡" * 2001}, {"text": "卡", "parts": ["a"] * 4}, {"text": "卡", "parts": [""]}, []],
)
async def test_what_is_no_message_is_refused(api: httpx.AsyncClient, body: Any) -> None:
    response = await api.post("/v1/evidence", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("texts", [["卡丢了"], ["卡丢了", "利息多少", "卡丢了", ""], ["卡"] * 256])
async def test_vectors_are_packed_floats_of_length_1(api: httpx.AsyncClient, texts: list[str]) -> None:
    response = await api.post("/v1/vectors", json={"texts": texts})
    assert response.status_code == 200
    answer = response.json()
    assert (answer["fingerprint"], answer["dimension"]) == ("hashing", HashingEncoder.dimension)
    vectors = np.frombuffer(base64.b64decode(answer["vectors"]), "<f4").reshape(len(texts), -1)
    assert vectors.shape == (len(texts), HashingEncoder.dimension)
    assert np.array_equal(vectors, HashingEncoder().encode(texts))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "body", [{}, [], {"texts": []}, {"texts": ["卡"] * 257}, {"texts": "卡"}, {"texts": [1]}, {"texts": [None]}]
)
async def test_what_is_no_list_of_texts_is_refused(api: httpx.AsyncClient, body: Any) -> None:
    response = await api.post("/v1/vectors", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/vectors", rb'{"texts": ["\ud800"]}'),
        ("/v1/evidence", rb'{"text": "\udfff"}'),
        ("/v1/evidence", rb'{"text": "a", "parts": ["\ud800"]}'),
    ],
)
async def test_half_of_a_surrogate_pair_is_refused(api: httpx.AsyncClient, path: str, body: bytes) -> None:
    response = await api.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")


async def test_texts_without_end_are_refused(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/vectors", json={"texts": ["卡" * 30_000]})).status_code == 413


async def test_until_it_has_started_it_says_that_it_is_not_ready(starting: httpx.AsyncClient) -> None:
    health = await starting.get("/healthz")
    assert (health.status_code, health.json()["parts"]) == (503, {"index": "unavailable"})
    search = await starting.get("/v1/search", params={"q": "卡丢了怎么办"})
    assert (search.status_code, search.json()["error"]["code"]) == (503, "not_ready")
    evidence = await starting.post("/v1/evidence", json={"text": "卡丢了"})
    assert (evidence.status_code, evidence.json()["error"]["code"]) == (503, "not_ready")
    vectors = await starting.post("/v1/vectors", json={"texts": ["卡"]})
    assert (vectors.status_code, vectors.json()["error"]["code"]) == (503, "not_ready")


async def test_once_started_it_is_healthy(api: httpx.AsyncClient) -> None:
    health = await api.get("/healthz")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "parts": {"index": "ok"}})


async def test_a_thousand_questions_are_asked_at_once(api: httpx.AsyncClient) -> None:
    questions = [{"text": f"卡丢了怎么办，{'很急' * 20}{number}", "expected": "card-lost"} for number in range(1000)]
    response = await api.post("/v1/batch-tests", json={"questions": questions})
    assert response.status_code == 200
    assert len(response.json()["published"]) == 1000
