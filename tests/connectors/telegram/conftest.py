"""What the Telegram tests share: a Telegram of our own on a real port, settings that point at it, and a gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.telegram.channel import Telegram
from tests.connectors.conftest import RunServer
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.platforms.telegram import FakeTelegram

MakeSettings = Callable[..., GatewaySettings]


@pytest.fixture(autouse=True)
def _no_proxy_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram may be behind a proxy of the environment; the stand-ins are not."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def platform() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
async def api_url(platform: FakeTelegram, run_server: RunServer) -> AsyncIterator[str]:
    async with run_server(platform.app) as url:
        yield url


@pytest.fixture
def make_settings(platform: FakeTelegram, api_url: str) -> MakeSettings:
    def make(**values: Any) -> GatewaySettings:
        bot = {"api_url": api_url, "bot_token": platform.token, "webhook_secret": platform.secret}
        return GatewaySettings.model_validate(values | {"telegram": bot | values.get("telegram", {})})

    return make


@asynccontextmanager
async def open_gateway(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


@pytest.fixture
async def app(make_settings: MakeSettings, database_url: str, bot: ScriptedBot) -> AsyncIterator[FastAPI]:
    settings = make_settings(database_url=database_url)
    app = create_app(
        settings, bot=bot, evidence=ScriptedEvidence(), channels=[Telegram(settings.telegram, call_seconds=2.0)]
    )
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def gateway(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """What Telegram's calls of the webhook reach."""
    async with open_gateway(app) as client:
        yield client
