"""What the Telegram tests share: a Telegram of our own on a real port, and settings that point at it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from connectors.settings import GatewaySettings
from tests.connectors.conftest import RunServer
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


async def until(is_so: Callable[[], object]) -> None:
    """Waits for something that happens in the background; fails when it does not within 10 s."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 (what is waited for knows no event)
            await asyncio.sleep(0.01)
