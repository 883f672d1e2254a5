"""A server that falls over is noticed."""

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from attack.crowds import be_slow, open_sessions, open_streams
from tests.connectors.conftest import serve


class TestCrowds:
    @pytest.fixture
    async def jammed(self) -> AsyncIterator[str]:
        """A server that opens sessions until it fails, and serves nobody else."""
        count = 0

        async def open_session(request: Request) -> Response:
            nonlocal count
            count += 1
            return JSONResponse({"token": "t"}) if count < 5 else PlainTextResponse("full", 503 if count % 2 else 429)

        async def fail(request: Request) -> Response:
            return PlainTextResponse("no", 500)

        routes = [Route("/webchat/sessions", open_session, methods=["POST"]), Route("/{path:path}", fail)]
        async with serve(Starlette(routes=routes)) as url:
            yield url

    async def test_a_server_that_falls_over_is_noticed(self, jammed: str) -> None:
        row, tokens = await open_sessions(jammed, 5.0, goal=12)
        assert len(tokens) == 4
        assert len(row.failures) == 8, "neither 503 nor 429 without Retry-After is right"
        streams = await open_streams(jammed, tokens, 0.2, goal=5)
        assert len(streams.failures) >= 5
        slow = await be_slow(jammed, jammed, [b"GET / HTTP/1.1\r\n"], 0.3, clients=2)
        assert "a normal customer" in slow.failures[0]["what"]
