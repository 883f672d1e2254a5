"""What every process answers to requests that are wrong, too large, or meet a fault; and its health."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.errors import RequestError
from kit.settings import Settings
from kit.web import BODY_BYTES_MAX, BodyLimit, Check, create_web_app, serve
from tests.waiting import WAIT_SECONDS

PHONE = "13800001234"
JSON = {"Content-Type": "application/json"}


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str
    number: int = 0


def create_notes(checks: Mapping[str, Check] | None = None, *, is_public: bool = False) -> FastAPI:
    app = create_web_app("notes", checks=checks or {}, is_public=is_public)

    @app.post("/notes")
    async def write(note: Note) -> dict[str, int]:
        return {"length": len(note.text)}

    @app.get("/refused")
    async def refuse() -> None:
        raise RequestError(409, "note_taken", "this note is taken")

    @app.get("/locked")
    async def lock() -> None:
        raise HTTPException(401, "staff only", {"WWW-Authenticate": "Basic"})

    @app.get("/refused/{path:path}")
    async def forbid(path: str) -> None:
        raise RequestError(403, "forbidden", "not for you")

    @app.get("/broken/{path:path}")
    async def break_somewhere(path: str) -> None:
        raise ValueError("broken")

    @app.get("/broken")
    async def break_down() -> None:
        raise ValueError(f"the secret of {PHONE}")

    return app


@asynccontextmanager
async def browse(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes") as client:
        yield client


def read_code(response: httpx.Response) -> str:
    """The error's code; checks its shape on the way."""
    error = response.json()["error"]
    assert list(response.json()) == ["error"]
    assert sorted(error) == ["code", "reason"]
    assert error["reason"]
    code: str = error["code"]
    return code


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "http_error"),
        ("GET", "/notes", 405, "http_error"),
        ("DELETE", "/notes", 405, "http_error"),
        ("POST", "/healthz", 405, "http_error"),
        ("GET", "/refused", 409, "note_taken"),
        ("GET", "/locked", 401, "http_error"),
    ],
)
async def test_errors_have_one_shape(method: str, path: str, status: int, code: str) -> None:
    async with browse(create_notes()) as client:
        response = await client.request(method, path)
    assert (response.status_code, read_code(response)) == (status, code)


async def test_an_error_keeps_the_headers_it_needs() -> None:
    async with browse(create_notes()) as client:
        assert (await client.get("/locked")).headers["WWW-Authenticate"] == "Basic"
        assert (await client.get("/notes")).headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "%s"' % PHONE.encode(),
        b"%s x" % PHONE.encode(),
        b"{'text': '%s'}" % PHONE.encode(),
        b'{"text": "\xff\xfe"}',
        b"[" * 60_000,
        b'{"text": "a", "number": %s}' % (b"9" * 5000),
    ],
    ids=["cut off", "two values", "single quotes", "no UTF-8", "deep", "long number"],
)
async def test_broken_json_is_refused_without_an_echo(body: bytes) -> None:
    async with browse(create_notes()) as client:
        response = await client.post("/notes", content=body, headers=JSON)
    assert response.status_code == 400
    read_code(response)
    assert PHONE not in response.text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "body.text"),
        ([PHONE], "body"),
        (PHONE, "body"),
        (None, "body"),
        ({"text": int(PHONE)}, "body.text"),
        ({"text": [PHONE]}, "body.text"),
        ({"text": "a", "number": PHONE}, "body.number"),
        ({"text": "a", "number": True}, "body.number"),
        ({"text": "a", "note": PHONE}, "body.note"),
    ],
)
async def test_a_wrong_value_is_named_without_an_echo(body: Any, named: str) -> None:
    async with browse(create_notes()) as client:
        response = await client.post("/notes", content=json.dumps(body), headers=JSON)
    assert (response.status_code, read_code(response)) == (422, "invalid_request")
    assert response.json()["error"]["reason"].startswith(f"{named}: ")
    assert PHONE not in response.text


async def test_json_that_does_not_say_so_is_refused() -> None:
    async with browse(create_notes()) as client:
        response = await client.post("/notes", content=b'{"text": "a"}', headers={"Content-Type": "text/plain"})
    assert response.status_code == 422


async def send_in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


@pytest.mark.parametrize("path", ["/notes", "/nowhere"])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_of_1_mb_is_refused(path: str, is_chunked: bool) -> None:
    body = json.dumps({"text": "x" * 1_000_000}).encode()
    async with browse(create_notes()) as client:
        response = await client.post(path, content=send_in_pieces(body) if is_chunked else body, headers=JSON)
    assert ("Content-Length" in response.request.headers) is not is_chunked
    assert response.status_code == (413 if path == "/notes" else 404)
    read_code(response)


async def test_a_body_that_lies_about_its_length_is_refused() -> None:
    body = json.dumps({"text": "x" * 1_000_000}).encode()
    async with browse(create_notes()) as client:
        response = await client.post("/notes", content=send_in_pieces(body), headers={**JSON, "Content-Length": "20"})
    assert response.status_code == 413


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
async def test_the_limit_is_exact(extra: int, status: int) -> None:
    body = json.dumps({"text": "x" * (BODY_BYTES_MAX - len('{"text": ""}') + extra)}).encode()
    assert len(body) == BODY_BYTES_MAX + extra
    async with browse(create_notes()) as client:
        assert (await client.post("/notes", content=body, headers=JSON)).status_code == status


async def test_a_fault_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    async with browse(create_notes()) as client:
        response = await client.get("/broken")
    assert (response.status_code, read_code(response)) == (500, "fault")
    assert "secret" not in response.text
    assert "GET /broken failed" in caplog.text
    assert "the secret of" in caplog.text


async def succeed() -> bool:
    return True


async def decline() -> bool:
    return False


async def fail() -> bool:
    raise OSError("away")


async def hang() -> bool:
    await asyncio.sleep(WAIT_SECONDS)
    return True


async def test_it_is_healthy_when_all_parts_are() -> None:
    async with browse(create_notes({"database": succeed, "rasa": succeed})) as client:
        response = await client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": {"database": "ok", "rasa": "ok"}}


@pytest.mark.parametrize("check", [decline, fail, hang])
async def test_one_part_that_is_not_makes_it_unhealthy(check: Check) -> None:
    app = create_web_app("notes", checks={"database": succeed, "rasa": check}, check_seconds=0.05)
    async with browse(app) as client:
        response = await client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "parts": {"database": "ok", "rasa": "unavailable"}}


async def test_parts_are_checked_side_by_side() -> None:
    all_begun = asyncio.Barrier(20)

    async def meet() -> bool:
        await all_begun.wait()
        return True

    app = create_web_app("notes", checks={str(n): meet for n in range(20)}, check_seconds=WAIT_SECONDS)
    async with browse(app) as client:
        response = await client.get("/healthz")
    assert set(response.json()["parts"].values()) == {"ok"}


async def test_however_often_health_is_asked_for_the_parts_are_checked_once() -> None:
    checked = []

    async def check() -> bool:
        checked.append(1)
        await asyncio.sleep(0.02)
        return True

    async with browse(create_notes({"database": check})) as client:
        answers = await asyncio.gather(*(client.get("/healthz") for _ in range(50)))
        assert {answer.status_code for answer in [*answers, await client.get("/healthz")]} == {200}
    assert len(checked) == 1


async def test_only_changes_of_health_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kit.web")
    errors: list[OSError | None] = [OSError("away")] * 3 + [None] * 2 + [OSError("away")] * 3 + [None]

    async def check() -> bool:
        if error := errors.pop(0):
            raise error
        return True

    async with browse(create_web_app("notes", checks={"rasa": check}, health_seconds=0)) as client:
        for _ in range(len(errors)):
            await client.get("/healthz")
    assert [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "kit.web"] == [
        ("INFO", "rasa is not ready yet"),
        ("INFO", "rasa is ready"),
        ("WARNING", "rasa is no longer ready (OSError: away)"),
        ("INFO", "rasa is ready"),
    ]


async def test_a_request_with_an_id_has_a_line_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kit.web")
    async with browse(create_notes()) as client:
        await client.get("/refused", params={"q": PHONE})
        await client.get("/refused", params={"q": PHONE}, headers={"X-Request-ID": f"a {PHONE}"})
        assert [record for record in caplog.records if record.name == "kit.web"] == []
        await client.get("/refused", params={"q": PHONE}, headers={"X-Request-ID": "a/1"})
    (line,) = [record.getMessage() for record in caplog.records if record.name == "kit.web"]
    assert line.startswith("GET /refused: 409, ")
    assert PHONE not in line


@pytest.mark.parametrize("path", ["/nowhere", "/refused", "/broken"])
@pytest.mark.parametrize("end", ["%0A", "%0D%0A", "%1B", "%C2%85", "%E2%80%A8"])
async def test_a_path_cannot_write_a_line_of_its_own(path: str, end: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kit.web")
    async with browse(create_notes()) as client:
        await client.get(f"{path}/a{end}ERROR forged", headers={"X-Request-ID": "a/1"})
    lines = [record.getMessage() for record in caplog.records if record.name == "kit.web"]
    assert lines
    assert all(f"GET {path}/a{end}ERROR%20forged" in line for line in lines)


async def test_the_public_gives_no_request_ids(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kit.web")
    async with browse(create_notes(is_public=True)) as client:
        await client.get("/refused", headers={"X-Request-ID": "somebody-elses/1"})
    assert [record for record in caplog.records if record.name == "kit.web"] == []


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_production_describes_no_api(path: str) -> None:
    for has_docs, status in ((True, 200), (False, 404)):
        app = create_web_app("notes", checks={}, has_docs=has_docs)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
            assert (await client.get(path)).status_code == status


async def test_behind_tls_browsers_are_to_insist_on_it() -> None:
    for is_https, header in ((True, "max-age=31536000"), (False, None)):
        app = create_web_app("notes", checks={}, is_https=is_https)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
            assert (await client.get("/healthz")).headers.get("Strict-Transport-Security") == header


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/notes", None, 401),
        ("/notes", "Bearer wrong", 401),
        ("/notes", "Bearer ", 401),
        ("/notes", "right", 401),
        ("/docs", None, 401),
        ("/notes", "Bearer right", 404),
        ("/healthz", None, 200),
    ],
)
async def test_a_service_with_a_token_lets_in_who_knows_it(path: str, authorization: str | None, status: int) -> None:
    app = create_web_app("notes", checks={}, token="right")
    headers = {"Authorization": authorization} if authorization else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        assert (await client.get(path, headers=headers)).status_code == status


@pytest.mark.parametrize("url", ["http://0.0.0.0:8010", "http://10.1.2.3:8010"])
def test_a_service_without_a_token_is_not_open_to_other_machines(url: str) -> None:
    with pytest.raises(SystemExit, match="needs a token"):
        serve(create_web_app("notes", checks={}), url, Settings(), token="")


@pytest.mark.parametrize(
    ("host", "token", "status"),
    [
        ("127.0.0.1:8010", "", 200),
        ("localhost:8010", "right", 200),
        ("evil.example", "", 400),
        ("evil.example:8010", "right", 400),
        ("evil.example", None, 200),  # the public's sites have names of their own
    ],
)
async def test_a_service_of_this_machine_answers_to_its_names_only(
    host: str, token: str | None, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[ASGIApp] = []
    monkeypatch.setattr("kit.web.uvicorn.run", lambda app, **_: served.append(app))
    serve(create_web_app("notes", checks={}), "http://127.0.0.1:8010", Settings(), token=token)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served[0]), base_url="http://notes") as client:
        assert (await client.get("/healthz", headers={"Host": host})).status_code == status


async def test_a_body_that_grows_too_large_during_the_answer_ends_it() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        seen.append((await receive())["type"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 11, "more_body": True}

    async def send(message: Message) -> None:
        seen.append(message["type"])

    seen: list[str] = []
    await BodyLimit(stream, 10)({"type": "http"}, receive, send)
    assert seen == ["http.response.start", "http.disconnect"]


async def test_an_upload_may_be_larger_than_other_bodies() -> None:
    app = create_web_app("notes", checks={}, bytes_max=10, uploads={"/files/": 100})

    @app.post("/{path:path}")
    async def count(request: Request) -> int:
        return len(await request.body())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        statuses = [
            (await client.post(path, content=b"x" * size)).status_code
            for path, size in (("/notes", 10), ("/notes", 11), ("/files/1", 100), ("/files/1", 101), ("/files", 11))
        ]
    assert statuses == [200, 413, 200, 413, 413]
