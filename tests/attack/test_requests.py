"""Faults, stack traces and silence of a server are noticed."""

import asyncio
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from attack.doors import Door
from attack.inputs import Inputs
from attack.requests import fuzz_door
from tests.connectors.conftest import serve


class TestRequests:
    async def answer(self, request: Request) -> Response:
        if request.headers.get("content-type") != "application/json":
            return PlainTextResponse("Traceback (most recent call last):\n  boom", 200)
        if "\x00" in request.url.path:
            await asyncio.sleep(60)
        return JSONResponse({}, 500 if b"9999999" in await request.body() else 200)

    async def test_faults_traces_and_silence_are_noticed(self, dice: Random, monkeypatch: pytest.MonkeyPatch) -> None:
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])

        def make_body(inputs: Inputs) -> tuple[str, bytes]:
            return "", inputs.dice.choice((b"9999999", b"1"))

        async with serve(app) as url:
            door = Door("broken", url, [("POST", "/a")], {}, make_body)
            row = await fuzz_door(door, Inputs(dice), 20.0, goal=60)
        told = " ".join(failure["what"] for failure in row.failures)
        assert "status 500" in told
        assert "stack trace" in told
