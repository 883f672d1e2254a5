"""What the tests of WeCom customer service share: the platform, the settings, and a gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.wecom_service.channel import WeComService
from connectors.wecom_service.settings import WeComServiceSettings
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.platforms.wecom_service import ServicePlatform

OpenGateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def platform() -> ServicePlatform:
    return ServicePlatform()


@pytest.fixture
def settings(platform: ServicePlatform) -> WeComServiceSettings:
    return WeComServiceSettings(**platform.settings())


@pytest.fixture
def open_gateway(database_url: str, platform: ServicePlatform, bot: ScriptedBot) -> OpenGateway:
    """A gateway in process with the settings given, as the platform reaches it."""

    @asynccontextmanager
    async def opened(
        bot: ScriptedBot = bot, *, poll_seconds: float = 0.05, sync_seconds: float = 120, **more: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        settings = GatewaySettings(database_url=database_url, wecom_service=platform.settings(), **more)
        channel = WeComService(
            settings.wecom_service,
            transport=platform.transport,
            clock=platform.clock,
            poll_seconds=poll_seconds,
            sync_seconds=sync_seconds,
        )
        app = create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=[channel], poll_seconds=0.05)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
        ):
            yield client

    return opened


@pytest.fixture
async def gateway(open_gateway: OpenGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with open_gateway() as client:
        yield client
