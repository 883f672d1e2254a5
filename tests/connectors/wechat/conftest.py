"""What the WeChat tests share: the platform, an account's settings, and a gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.wechat.channel import WeChat
from connectors.wechat.settings import WeChatSettings
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence
from tests.platforms.wechat import WeChatPlatform

OpenGateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def platform(clock: FixedClock) -> WeChatPlatform:
    return WeChatPlatform(clock=clock)


@pytest.fixture
def settings(platform: WeChatPlatform) -> WeChatSettings:
    return WeChatSettings(**platform.settings())


@asynccontextmanager
async def build(
    url: str,
    platform: WeChatPlatform,
    bot: ScriptedBot,
    *,
    poll_seconds: float = 1.0,
    grace_seconds: float = 0.5,
    **more: Any,
) -> AsyncIterator[FastAPI]:
    wechat = platform.settings() | more.pop("wechat", {})
    settings = GatewaySettings(database_url=url, wechat=wechat, **more)
    channel = WeChat(settings.wechat, transport=platform.transport, grace_seconds=grace_seconds)
    yield create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=[channel], poll_seconds=poll_seconds)


@pytest.fixture
def open_gateway(database_url: str, platform: WeChatPlatform, bot: ScriptedBot) -> OpenGateway:
    """A gateway in process with the settings given, as the platform reaches it."""

    @asynccontextmanager
    async def opened(bot: ScriptedBot = bot, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
        async with build(database_url, platform, bot, **more) as app, app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                yield client

    return opened


@pytest.fixture
async def gateway(open_gateway: OpenGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with open_gateway() as client:
        yield client
