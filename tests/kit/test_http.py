"""Calls to a service that refuses, breaks, hangs, talks nonsense, or is not there."""

import asyncio
import json
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from kit.logging import set_request_id

TOKEN = "token-of-the-service"
PHONE = "13800001234"
Record = dict[str, Any]


class Quota(BaseModel):
    model_config = ConfigDict(strict=True)

    quota: int


class Service:
    """Gives the scripted answers in order, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def call(
    service: Service, *, deadline: float = 2.0, tries: int = 2, token: str = TOKEN
) -> AsyncIterator[ServiceClient]:
    client = ServiceClient(
        "scoring", "http://scoring", deadline=deadline, tries=tries, token=token, transport=httpx.MockTransport(service)
    )
    yield client
    await client.close()


@asynccontextmanager
async def listen(answer: bytes | None) -> AsyncIterator[str]:
    """A server on a real port that answers with some bytes, or never."""
    waiting = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await waiting.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"http://{host}:{port}"
    waiting.set()
    server.close()
    await server.wait_closed()


def refuse(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


async def test_it_gives_the_json_answer() -> None:
    service = Service(httpx.Response(200, json={"matches": []}))
    async with call(service) as client:
        assert await client.get("/v1/search", Record, {"q": "贷款", "k": 3}) == {"matches": []}
    assert service.asked[0].url.params == httpx.QueryParams({"q": "贷款", "k": "3"})


async def test_the_token_goes_along() -> None:
    service = Service(httpx.Response(200, json={}))
    async with call(service) as client:
        await client.get("/", Record)
    assert service.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


async def test_without_a_token_none_goes_along() -> None:
    service = Service(httpx.Response(200, json={}))
    async with call(service, token="") as client:
        await client.post("/", {}, Record)
    assert "Authorization" not in service.asked[0].headers
    assert "Idempotency-Key" not in service.asked[0].headers


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(500),
        httpx.Response(503, json={"error": {"code": "busy", "reason": "later"}}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut off"),
    ],
    ids=["500", "503", "refused", "timeout", "cut off"],
)
async def test_a_passing_fault_is_tried_again_with_the_same_key(fault: httpx.Response | Exception) -> None:
    service = Service(fault, httpx.Response(200, json={"done": True}))
    async with call(service) as client:
        assert await client.post("/v1/decisions", {"a": 1}, Record, idempotency_key="key-12345") == {"done": True}
    assert [r.headers["Idempotency-Key"] for r in service.asked] == ["key-12345", "key-12345"]
    assert [r.content for r in service.asked] == [b'{"a":1}', b'{"a":1}']


@pytest.mark.parametrize("tries", [1, 2, 3])
async def test_a_lasting_fault_is_tried_so_often_and_no_more(tries: int) -> None:
    service = Service(httpx.Response(500))
    async with call(service, tries=tries) as client:
        with pytest.raises(ServiceUnavailable, match="scoring: status 500"):
            await client.get("/", Record)
    assert len(service.asked) == tries


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429])
async def test_a_refusal_is_not_tried_again_and_says_why(status: int) -> None:
    service = Service(refuse(status, {"error": {"code": "some_code", "reason": "some reason"}}))
    async with call(service) as client:
        with pytest.raises(ServiceRefused) as refused:
            await client.post("/", {}, Record, idempotency_key="key-12345")
    assert (refused.value.status, refused.value.code, refused.value.reason) == (status, "some_code", "some reason")
    assert str(refused.value) == f"scoring refused ({status} some_code): some reason"
    assert len(service.asked) == 1


@pytest.mark.parametrize("body", [{}, [], None, "no", {"error": "no"}, {"error": {"code": "x"}}, {"error": None}])
async def test_a_refusal_in_another_shape_is_still_a_refusal(body: Any) -> None:
    async with call(Service(refuse(403, body))) as client:
        with pytest.raises(ServiceRefused) as refused:
            await client.get("/", Record)
    assert (refused.value.status, refused.value.code) == (403, "unknown")


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"\xff\xfe"])
async def test_an_answer_that_is_no_json_is_a_fault_and_acts_once(content: bytes) -> None:
    service = Service(httpx.Response(200, content=content))
    async with call(service) as client:
        with pytest.raises(ServiceUnavailable, match="JSON"):
            await client.get("/", Record)
    assert len(service.asked) == 1


@pytest.mark.parametrize("content", [[], "text", 1, None, {"quota": PHONE}])
async def test_an_answer_in_another_shape_is_a_fault_without_an_echo(content: Any) -> None:
    service = Service(httpx.Response(200, content=json.dumps(content)))
    async with call(service) as client:
        with pytest.raises(ServiceUnavailable, match="unknown shape") as raised:
            await client.get("/", Quota)
    assert PHONE not in "".join(traceback.format_exception(raised.value))
    assert len(service.asked) == 1


async def test_an_answer_is_read_as_what_is_asked_for() -> None:
    async with call(Service(httpx.Response(200, json={"quota": 1000}))) as client:
        assert await client.get("/", Quota) == Quota(quota=1000)


async def test_a_redirect_is_not_followed() -> None:
    service = Service(httpx.Response(302, headers={"Location": "http://elsewhere/"}))
    async with call(service) as client:
        with pytest.raises(ServiceUnavailable):
            await client.get("/", Record)
    assert [r.url.host for r in service.asked] == ["scoring"]


async def test_nobody_listens() -> None:
    async with listen(b"") as url:
        pass
    client = ServiceClient("scoring", url, deadline=2.0)
    with pytest.raises(ServiceUnavailable, match="ConnectError"):
        await client.get("/", Record)
    await client.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"nonsense\r\n\r\n"])
async def test_a_connection_that_breaks_off_is_a_fault(answer: bytes) -> None:
    async with listen(answer) as url:
        client = ServiceClient("scoring", url, deadline=2.0, tries=1)
        with pytest.raises(ServiceUnavailable, match="RemoteProtocolError"):
            await client.get("/", Record)
        await client.close()


@pytest.mark.parametrize("tries", [1, 3])
async def test_a_service_that_hangs_is_left_at_the_deadline_whatever_the_tries(tries: int) -> None:
    async with listen(None) as url:
        client = ServiceClient("scoring", url, deadline=0.3, tries=tries)
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            await client.get("/", Record)
        assert 0.25 < time.monotonic() - began < 0.8
        await client.close()


async def test_slow_faults_do_not_add_up_beyond_the_deadline() -> None:
    asked = 0

    async def fail_slowly(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.1)
        return httpx.Response(500)

    client = ServiceClient(
        "scoring", "http://scoring", deadline=0.35, tries=50, transport=httpx.MockTransport(fail_slowly)
    )
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable, match=r"within 0\.35 s"):
        await client.get("/", Record)
    assert time.monotonic() - began < 0.8
    assert asked == 2
    await client.close()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, content=b"no json"),
        refuse(401, {"error": {"code": "unauthorised", "reason": "no"}}),
        httpx.ConnectError("refused"),
    ],
    ids=["500", "no json", "401", "refused"],
)
async def test_no_error_and_no_log_line_repeats_the_token_or_the_body(
    answer: httpx.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with call(Service(answer)) as client:
        with pytest.raises((ServiceUnavailable, ServiceRefused)) as raised:
            await client.post("/", {"phone": PHONE}, Record)
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert TOKEN not in told
    assert PHONE not in told


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"here":true}'
    async with listen(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)) as url:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        client = ServiceClient("scoring", url, deadline=2.0)
        assert await client.get("/", Record) == {"here": True}
        await client.close()


@pytest.mark.parametrize("status", [200, 404, 503])
async def test_a_health_check_is_one_silent_try(status: int, caplog: pytest.LogCaptureFixture) -> None:
    service = Service(httpx.Response(status))
    async with call(service) as client:
        assert await client.check() is (status == 200)
    assert [request.url.path for request in service.asked] == ["/healthz"]
    assert [record for record in caplog.records if record.name == "kit.http"] == []


async def test_the_request_id_travels_along() -> None:
    service = Service(httpx.Response(200, json={}))
    async with call(service) as client:
        await client.get("/", Record)
        set_request_id("a", 1)
        await client.post("/", {}, Record, idempotency_key="k")
    assert [request.headers.get("X-Request-ID") for request in service.asked] == [None, "a/1"]
    assert service.asked[1].headers["Idempotency-Key"] == "k"
