"""Rasa's own HTTP API is off: each of its routes is tried with each method, against the running server."""

from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from dev.stack import Stack
from tests.end_to_end.rasa_routes import API, CHANNELS, MEASURING, OURS
from tests.waiting import WAIT_SECONDS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
STOCK = {path.replace("<conversation_id:path>", "x") for _, path in API}
STOCK |= {f"/webhooks/{channel}{end}" for channel in CHANNELS for end in ("", "/", "/webhook")}
WRONG_TOKENS: tuple[dict[str, str], ...] = ({}, {"token": ""}, {"token": "wrong"}, {"token": "错"})


@pytest.fixture
def rasa(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.urls["rasa"], timeout=WAIT_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def token(stack: Stack) -> str:
    return stack.environment["XIAOHE_RASA_TOKEN"]


def test_no_route_of_rasas_own_is_there_even_with_the_token(rasa: httpx.Client, token: str) -> None:
    body = {"text": "你好", "event": "restart", "sender": "x", "message": "你好", "name": "action_listen"}
    answered = {}
    for method, path in product(METHODS, sorted(STOCK)):
        response = rasa.request(
            method, path, json=body, params={"token": token}, headers={"Authorization": f"Bearer {token}"}
        )
        if response.status_code not in (404, 405):
            answered[method, path] = response.status_code
    assert answered == {MEASURING: 200}


def test_our_routes_have_one_method_each(rasa: httpx.Client, token: str) -> None:
    answered = {
        (method, path)
        for method, (_, path) in product(METHODS, OURS)
        if rasa.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code not in (404, 405)
    }
    assert answered == OURS


@pytest.mark.parametrize("given", WRONG_TOKENS)
def test_measuring_needs_the_token(rasa: httpx.Client, given: dict[str, str]) -> None:
    assert rasa.post("/model/parse", json={"text": "你好"}, params=given).status_code == 401


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic x", "Bearer é"])
@pytest.mark.parametrize(("method", "path"), sorted(OURS - {("GET", "/healthz")}))
def test_the_channel_needs_the_token(rasa: httpx.Client, method: str, path: str, given: str) -> None:
    body = {"conversation_id": "x", "message_id": "y", "text": "你好", "act": {"name": "greet"}}
    headers = [(b"Authorization", given.encode())]
    assert rasa.request(method, path, json=body, headers=headers).status_code == 401


def test_measuring_tells_what_rasa_makes_of_a_text(rasa: httpx.Client, token: str) -> None:
    response = rasa.post("/model/parse", json={"text": "我要转人工客服"}, params={"token": token})
    parsed = response.json()
    assert parsed["text"] == "我要转人工客服"
    assert parsed["intent"]["name"] == parsed["intent_ranking"][0]["name"] == "request_human"
    bodies: tuple[object, ...] = ({}, {"text": ""}, {"text": 7}, [])
    for bad in bodies:
        assert rasa.post("/model/parse", json=bad, params={"token": token}).status_code == 422


@pytest.mark.parametrize("body", [b"{", b"\xff", b"x" * 70_000])
def test_what_is_no_json_is_refused(rasa: httpx.Client, token: str, body: bytes) -> None:
    response = rasa.post("/intents", content=body, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code in (400, 413)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:5005", "127.0.0.1.evil.example", "", "localhost@evil"])
def test_a_web_page_that_points_its_name_at_this_machine_is_refused(rasa: httpx.Client, host: str) -> None:
    assert rasa.get("/healthz").status_code == 200
    assert rasa.get("/healthz", headers={"Host": host}).status_code == 400


def test_the_token_is_in_no_log(stack: Stack, rasa: httpx.Client, token: str) -> None:
    rasa.post("/model/parse", json={"text": "你好"}, params={"token": token})
    rasa.get("/status", params={"token": token})
    assert token not in stack.log_path("rasa").read_text()
