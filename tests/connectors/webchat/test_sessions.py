"""A customer ends a session: whoever has its token has nothing any more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from connectors.wording import SESSION_OVER
from kit.clock import read_clock
from tests.connectors.conftest import RunServer, open_session
from tests.connectors.webchat.test_stream import follow, open_page
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence

SESSIONS, MESSAGES = "/webchat/sessions", "/webchat/messages"


async def say(chat: httpx.AsyncClient, number: int = 1) -> httpx.Response:
    return await chat.post(MESSAGES, json={"message_id": f"message-{number}", "text": "你好"})


async def test_a_stolen_token_opens_nothing_after_the_session_was_ended(chat: httpx.AsyncClient) -> None:
    assert (await say(chat)).status_code == 200
    assert (await chat.delete(SESSIONS)).status_code == 204
    assert (await chat.delete(SESSIONS)).status_code == 204
    for response in (
        await say(chat, 2),
        await chat.get(MESSAGES),
        await chat.get("/webchat/events"),
        await chat.post("/webchat/typing"),
    ):
        assert response.status_code == 401
        assert response.json()["error"] == {"code": "unknown_session", "reason": SESSION_OVER}


async def test_ending_without_a_session_harms_nobody(chat: httpx.AsyncClient) -> None:
    for header in ("", "Bearer ", "Bearer guessed", "Basic x"):
        assert (await chat.delete(SESSIONS, headers={"Authorization": header})).status_code == 204
    assert (await say(chat)).status_code == 200


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("body", [{"is_shared": "yes"}, {"is_shared": True, "days": 9}, [], "x"])
async def test_a_session_is_opened_as_described_or_not(web: httpx.AsyncClient, body: object) -> None:
    assert (await web.post(SESSIONS, json=body)).status_code == 422


async def test_its_streams_are_closed(app: FastAPI, run_server: RunServer) -> None:
    async with open_page(app, run_server) as page, follow(page) as stream:
        assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"bot"}'}]
        await page.delete(SESSIONS)
        assert await stream.take(1) == [{"event": "ended", "data": "{}"}]
        with pytest.raises(AssertionError, match="the stream ended"):
            await stream.take(1)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestSharedPhones:
    @pytest.fixture
    def now(self) -> FixedClock:
        return FixedClock(read_clock())

    @pytest.fixture
    async def web(self, database_url: str, now: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
        settings = GatewaySettings(database_url=database_url)
        app = create_app(settings, bot=ScriptedBot(), evidence=ScriptedEvidence(), clock=now)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                yield client

    async def test_a_session_there_ends_soon(self, web: httpx.AsyncClient, now: FixedClock) -> None:
        token = (await web.post(SESSIONS, json={"is_shared": True})).json()["token"]
        own = await open_session(web)
        web.headers["Authorization"] = f"Bearer {token}"
        assert (await say(web)).status_code == 200
        now.now += timedelta(minutes=16)
        assert (await web.get(MESSAGES)).status_code == 401
        assert (await web.get(MESSAGES, headers={"Authorization": own})).status_code == 200

    async def test_its_stream_ends_with_it(self, database_url: str, now: FixedClock, run_server: RunServer) -> None:
        settings = GatewaySettings(database_url=database_url, web_shared_idle_minutes=1)
        channels = [WebChat(settings, keep_alive_seconds=0.05)]
        app = create_app(settings, bot=ScriptedBot(), evidence=ScriptedEvidence(), channels=channels, clock=now)
        async with open_page(app, run_server) as page:
            token = (await page.post(SESSIONS, json={"is_shared": True})).json()["token"]
            page.headers["Authorization"] = f"Bearer {token}"
            async with follow(page) as stream:
                await stream.take(2)
                now.move(minutes=2)
                while (taken := (await stream.take(1))[0]) == {"": "keep-alive"}:
                    pass
                assert taken == {"event": "ended", "data": "{}"}
