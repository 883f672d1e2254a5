"""What the gateway's tests share: the gateway in process or on a real port, with a scripted bot behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from connectors.gateway import create_app
from connectors.rights_replies import RightsReplies
from connectors.settings import GatewaySettings
from kit.database import Database
from tests.connectors.talk import Talk
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence

RunServer = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@pytest.fixture(autouse=True)
def customers_know_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have seen the privacy notice, and agreed that data cross the border; test_notices.py is about others."""

    async def agreed(*given: object) -> None:
        return None

    monkeypatch.setattr(RightsReplies, "add_notice", lambda self, outcome, message, is_urgent: outcome)
    monkeypatch.setattr(RightsReplies, "ask_abroad", agreed)


@pytest.fixture
def bot() -> ScriptedBot:
    return ScriptedBot()


@pytest.fixture
def talk(database: Database, clock: FixedClock, bot: ScriptedBot) -> Talk:
    """A customer, and a gateway whose office is open from 8:30 to 17:30 on working days; it is a Wednesday, 17:00."""
    return Talk(database, clock, bot)


@pytest.fixture
def app(database_url: str, bot: ScriptedBot) -> FastAPI:
    """The application, to be started; somebody is there at any hour."""
    settings = GatewaySettings(
        database_url=database_url, message_length_max=20, office_hours="00:00-24:00", office_days="all"
    )
    return create_app(settings, bot=bot, evidence=ScriptedEvidence())


@pytest.fixture
async def gateway(app: FastAPI) -> AsyncIterator[FastAPI]:
    """The application, started and stopped."""
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def web(gateway: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has not opened the page yet."""
    transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


@pytest.fixture
async def chat(web: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser with a session of its own."""
    web.headers["Authorization"] = await open_session(web)
    return web


@pytest.fixture
def run_server() -> RunServer:
    """Runs an application on a free port of this machine and gives its address."""
    return serve


async def open_session(client: httpx.AsyncClient) -> str:
    """The Authorization header of a new session."""
    response = await client.post("/webchat/sessions")
    assert response.status_code == 200
    return f"Bearer {response.json()['token']}"


class PromptServer(uvicorn.Server):
    """A server that notices at once that it should end; uvicorn's looks every tenth of a second."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(app, port=0, log_config=None, lifespan="on", ws="none", timeout_graceful_shutdown=3)
        )
        self.may_end = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.may_end.wait()


@asynccontextmanager
async def serve(app: ASGIApp) -> AsyncIterator[str]:
    server = PromptServer(app)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.may_end.set()
        await running
