"""The gateway put together: healthy only when every part is, whoever its channels are."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header
from pydantic import SecretStr

from connectors.channel import Collaborators
from connectors.gateway import create_app
from kit.settings import Settings
from kit.web import create_web_app
from tests.fakes import ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
RunServer = Callable[[FastAPI], AbstractAsyncContextManager[str]]
PARTS = ("rasa", "actions", "knowledge", "scoring", "desk")


async def ask_health(settings: Settings) -> httpx.Response:
    app = create_app(settings, bot=ScriptedBot())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        return await client.get("/healthz")


def place_parts(url: str) -> dict[str, str]:
    return {f"{part}_url": url for part in PARTS}


async def test_it_is_healthy_when_every_part_is(database_url: str, run_server: RunServer) -> None:
    async with run_server(create_web_app("part", checks={})) as url:
        response = await ask_health(Settings(database_url=database_url, **place_parts(url)))  # type: ignore[arg-type]
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": dict.fromkeys(["database", *PARTS], "ok")}


async def test_one_part_that_is_away_is_named(database_url: str, run_server: RunServer) -> None:
    async with run_server(create_web_app("part", checks={})) as url:
        for missing in PARTS:
            urls = {**place_parts(url), f"{missing}_url": "http://127.0.0.1:1"}
            response = await ask_health(Settings(database_url=database_url, **urls))  # type: ignore[arg-type]
            assert response.status_code == 503
            assert response.json()["status"] == "unavailable"
            assert [part for part, state in response.json()["parts"].items() if state != "ok"] == [missing]


async def test_a_part_that_is_ill_makes_it_unhealthy(database_url: str, run_server: RunServer) -> None:
    async def fail() -> bool:
        return False

    async with run_server(create_web_app("part", checks={"model": fail})) as url:
        response = await ask_health(Settings(database_url=database_url, **place_parts(url)))  # type: ignore[arg-type]
    assert response.status_code == 503
    assert response.json()["parts"] == {"database": "ok", **dict.fromkeys(PARTS, "unavailable")}


async def test_a_channel_brings_its_routes_and_is_lent_what_it_needs(database_url: str) -> None:
    class EchoChannel:
        name = "echo"

        def build_router(self, lent: Collaborators) -> APIRouter:
            router = APIRouter()

            @router.post("/echo/{text}")
            async def take(text: str) -> list[str]:
                conversation = await lent.conversations.open_conversation(self.name, "zhang")
                turn = await lent.turns.take(conversation.id, "message-1", text=text)
                return [reply.text for reply in turn.replies]

            return router

    app = create_app(Settings(database_url=database_url), bot=ScriptedBot(), channels=[EchoChannel()])
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        assert (await client.post("/echo/hello")).json() == ["听到：hello"]
        assert (await client.get("/")).status_code == 404


async def test_the_bot_is_rasa_with_its_token_and_asked_once(database_url: str, run_server: RunServer) -> None:
    rasa = create_web_app("rasa", checks={})
    asked: list[str] = []

    @rasa.post("/turns")
    async def take_turn(authorization: Annotated[str, Header()]) -> None:
        asked.append(authorization)
        raise RuntimeError("broken")

    async with run_server(rasa) as url:
        app = create_app(Settings(database_url=database_url, rasa_url=url, rasa_token=SecretStr("let-me-in")))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
        ):
            token = (await client.post("/webchat/sessions")).json()["token"]
            response = await client.post(
                "/webchat/messages",
                json={"message_id": "message-1", "text": "你好"},
                headers={"Authorization": f"Bearer {token}"},
            )
    # A turn that failed may have changed the dialogue: it is not sent twice, the customer hears an apology.
    assert response.json()["replies"][0]["sender"] == "system"
    assert asked == ["Bearer let-me-in"]
