"""A page that anybody may join is noticed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
import socketio
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from attack.sockets import ATTACKERS, hijack, read_body

PAGE = "{'client_id': '01234567-0123-0123-0123-012345678901'}"


@asynccontextmanager
async def serve_sockets(app: Any) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="websockets-sansio", lifespan="off"))
        running = asyncio.create_task(server.serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A site whose one page shows a secret to every socket."""
    server = socketio.AsyncServer(async_mode="asgi")

    async def connect(sid: str, environ: Any) -> None:
        await server.emit("update", {"secret": "13800001234"}, to=sid)

    server.on("connect", connect)
    page = Starlette(routes=[Route("/dashboard", lambda _: PlainTextResponse(PAGE))])
    app = socketio.ASGIApp(server, page, socketio_path="/_nicegui_ws/socket.io")
    async with serve_sockets(app) as address:
        yield address


async def test_what_comes_after_the_first_answer_belongs_to_a_page(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attack.sockets.QUIET_SECONDS", 0.1)
    assert "13800001234" in await read_body(url, "t", PAGE)
    assert await read_body(url, "t", "<p>no page with a socket</p>") == ""


async def test_a_page_that_anybody_may_join_is_noticed(dice: Random, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attack.sockets.WAIT_SECONDS", 0.05)
    tokens = dict.fromkeys(("supervisor", *ATTACKERS), "t")
    row = await hijack(dice, 5.0, url, tokens, goal=2)
    told = " ".join(failure["what"] for failure in row.failures)
    assert "heard" in told
    assert "stays open" in told
