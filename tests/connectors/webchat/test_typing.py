"""The customer types: the desk is told, and nothing is recorded."""

import httpx
import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from kit.database import Database
from kit.pubsub import PubSub, Signal
from tests.connectors.conftest import open_session
from tests.fakes import ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_it_needs_a_session(web: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        assert (await web.post("/webchat/typing", headers=headers)).status_code == 401


async def test_the_desk_is_told_at_most_every_other_second(
    chat: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    sent: list[Signal] = []

    async def remember(self: PubSub, *signals: Signal) -> None:
        sent.extend(signals)

    monkeypatch.setattr(PubSub, "publish", remember)
    settings = GatewaySettings(database_url=str(database.engine.url))
    app = create_app(settings, bot=ScriptedBot(), channels=[WebChat(settings, clock=lambda: now)])
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://g") as web:
        for session in (chat.headers["Authorization"], await open_session(web)):
            for _ in range(3):
                response = await web.post("/webchat/typing", headers={"Authorization": session})
                assert (response.status_code, response.content) == (204, b"")
        assert len({signal.subject for signal in sent}) == len(sent) == 2
        assert {(signal.kind, signal.by) for signal in sent} == {("typing", "customer")}
        now = 2.1
        await web.post("/webchat/typing", headers={"Authorization": chat.headers["Authorization"]})
        assert len(sent) == 3


async def test_nothing_is_recorded_of_it(chat: httpx.AsyncClient) -> None:
    await chat.post("/webchat/typing")
    assert (await chat.get("/webchat/messages")).json()["messages"] == []
