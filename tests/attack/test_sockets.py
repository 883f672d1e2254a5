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

from attack.sockets import ATTACKERS, hijack


@asynccontextmanager
async def serve_sockets(app: Any) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="websockets-sansio", lifespan="off"))
        running = asyncio.create_task(server.serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running


async def test_a_page_that_anybody_may_join_is_noticed(dice: Random, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attack.sockets.WAIT_SECONDS", 0.05)
    server = socketio.AsyncServer(async_mode="asgi")
    page_id = "01234567-0123-0123-0123-012345678901"

    async def connect(sid: str, environ: Any) -> None:
        await server.emit("update", {"secret": "13800001234"}, to=sid)

    server.on("connect", connect)
    page = Starlette(routes=[Route("/dashboard", lambda _: PlainTextResponse(f"{{'client_id': '{page_id}'}}"))])
    app = socketio.ASGIApp(server, page, socketio_path="/_nicegui_ws/socket.io")
    async with serve_sockets(app) as url:
        tokens = dict.fromkeys(("supervisor", *ATTACKERS), "t")
        row = await hijack(dice, 5.0, url, tokens, goal=2)
    told = " ".join(failure["what"] for failure in row.failures)
    assert "heard" in told
    assert "stays open" in told
