"""The gateway put together: healthy only when every name is, whoever its channels are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header
from pydantic import SecretStr

from connectors.bot_client import Bot
from connectors.channel import Channel, GatewayServices, PushChannel
from connectors.gateway import build_channels, create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from connectors.wording import TOO_FAST
from conversations.inbox import Inbox
from conversations.schemas import InboundMessage, MessageView
from conversations.service import Conversations
from documents.schemas import Document
from kit.database import Database
from kit.web import create_web_app
from tests.fakes import ScriptedBot, ScriptedEvidence, SlowBot
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
RunServer = Callable[[FastAPI], AbstractAsyncContextManager[str]]
SERVICES = ("rasa", "actions", "knowledge", "scoring", "desk")


async def ask_health(settings: GatewaySettings) -> httpx.Response:
    app = create_app(settings, bot=ScriptedBot(), evidence=ScriptedEvidence())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        return await client.get("/healthz")


def place_parts(url: str) -> dict[str, Any]:
    return {f"{name}_url": url for name in SERVICES}


async def test_it_is_healthy_when_every_part_is(database_url: str, run_server: RunServer) -> None:
    async with run_server(create_web_app("name", checks={})) as url:
        response = await ask_health(GatewaySettings(database_url=database_url, **place_parts(url)))
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": dict.fromkeys(["database", *SERVICES], "ok")}


async def test_one_part_that_is_away_is_named(database_url: str, run_server: RunServer) -> None:
    async with run_server(create_web_app("name", checks={})) as url:
        for missing in SERVICES:
            urls = {**place_parts(url), f"{missing}_url": "http://127.0.0.1:1"}
            response = await ask_health(GatewaySettings(database_url=database_url, **urls))
            assert response.status_code == 503
            assert response.json()["status"] == "unavailable"
            assert [name for name, state in response.json()["parts"].items() if state != "ok"] == [missing]


async def test_a_part_that_is_ill_makes_it_unhealthy(database_url: str, run_server: RunServer) -> None:
    async def fail() -> bool:
        return False

    async with run_server(create_web_app("name", checks={"model": fail})) as url:
        response = await ask_health(GatewaySettings(database_url=database_url, **place_parts(url)))
    assert response.status_code == 503
    assert response.json()["parts"] == {"database": "ok", **dict.fromkeys(SERVICES, "unavailable")}


async def test_a_channel_brings_its_routes_and_is_given_what_it_needs(database_url: str) -> None:
    class EchoChannel:
        name = "echo"

        def build_router(self, services: GatewayServices) -> APIRouter:
            router = APIRouter()

            @router.post("/echo/{text}")
            async def take(text: str) -> list[str]:
                conversation = await services.conversations.open_conversation(self.name, "zhang")
                message = InboundMessage(message_id="message-1", text=text)
                turn = await services.worker.take(conversation.id, message, seconds=WAIT_SECONDS)
                return [reply.text for reply in turn.replies]

            return router

    app = create_app(
        GatewaySettings(database_url=database_url),
        bot=ScriptedBot(),
        evidence=ScriptedEvidence(),
        channels=[EchoChannel()],
    )
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
        app = create_app(GatewaySettings(database_url=database_url, rasa_url=url, rasa_token=SecretStr("let-me-in")))
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
    assert response.json()["replies"][0]["author"] == "system"
    assert asked == ["Bearer let-me-in"]


async def test_the_public_gives_the_gateway_no_request_ids(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(GatewaySettings(database_url=database_url), bot=ScriptedBot(), evidence=ScriptedEvidence())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        with caplog.at_level("INFO", "kit.web"):
            await client.get("/nowhere", headers={"X-Request-ID": "somebody-elses/1"})
    assert "nowhere" not in caplog.text


class Postbox:
    """A channel that takes messages from us while it is open; a customer's message is answered within no time."""

    name = "telegram"

    def __init__(self) -> None:
        self.is_open = False
        self.sent: list[tuple[str, str]] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[str]:
        return [message.text for message in messages]

    async def send(self, user_id: str, name: str) -> None:
        assert self.is_open
        self.begun.set()
        await self.gate.wait()
        assert self.is_open
        self.sent.append((user_id, name))

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        raise AssertionError("nobody sends one")

    def build_router(self, services: GatewayServices) -> APIRouter:
        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            self.is_open = True
            yield
            self.is_open = False

        router = APIRouter(lifespan=lifespan)

        @router.post("/postbox/{text}")
        async def take(text: str) -> list[str]:
            conversation = await services.conversations.open_conversation(self.name, "zhang")
            message = InboundMessage(message_id=text, text=text)
            return [
                reply.text for reply in (await services.worker.take(conversation.id, message, seconds=0.05)).replies
            ]

        return router


@asynccontextmanager
async def run_gateway(url: str, bot: Bot, *channels: Channel, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        GatewaySettings(database_url=url, **settings), bot=bot, evidence=ScriptedEvidence(), channels=channels
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        yield client


async def test_an_answer_that_comes_late_is_sent_by_the_channel(database_url: str) -> None:
    postbox, bot = Postbox(), SlowBot()
    postbox.gate.set()
    async with run_gateway(database_url, bot, postbox) as client:
        assert (await client.post("/postbox/hello")).json() == []
        bot.gate.set()
        await asyncio.wait_for(postbox.begun.wait(), WAIT_SECONDS)
    assert postbox.sent == [("zhang", "答hello")]


async def test_what_was_begun_is_finished_before_the_channels_close(database_url: str) -> None:
    postbox, bot = Postbox(), SlowBot()
    async with run_gateway(database_url, bot, postbox) as client:
        for text in ("one", "two"):
            await client.post(f"/postbox/{text}")
            bot.gate.set()
            await asyncio.wait_for(postbox.begun.wait(), WAIT_SECONDS)
        asyncio.get_running_loop().call_later(0.1, postbox.gate.set)
    assert postbox.sent[0] == ("zhang", "答one")

    # What was not begun is left to the next process.
    async with run_gateway(database_url, bot, postbox):
        async with asyncio.timeout(WAIT_SECONDS):
            while len(postbox.sent) < 2:  # noqa: ASYNC110 (sent by a task of the gateway)
                await asyncio.sleep(0.01)
    assert postbox.sent == [("zhang", "答one"), ("zhang", "答two")]


async def test_what_an_earlier_process_took_in_is_answered(database_url: str, database: Database) -> None:
    conversation = await Conversations(database).open_conversation("telegram", "zhang")
    await Inbox(database).record(conversation.id, InboundMessage(message_id="message-1", text="hello"))
    postbox = Postbox()
    postbox.gate.set()
    async with run_gateway(database_url, ScriptedBot(), postbox):
        await asyncio.wait_for(postbox.begun.wait(), WAIT_SECONDS)
    assert postbox.sent == [("zhang", "听到：hello")]


async def test_a_turn_that_runs_is_ended_before_the_process(database_url: str, database: Database) -> None:
    bot = SlowBot()
    async with run_gateway(database_url, bot, Postbox()) as client:
        await client.post("/postbox/hello")
        asyncio.get_running_loop().call_later(0.1, bot.gate.set)
    conversation = await Conversations(database).open_conversation("telegram", "zhang")
    messages = await Conversations(database).list_messages(conversation.id)
    assert [message.text for message in messages] == ["hello", "答hello"]


async def test_who_writes_too_fast_gets_a_sentence(database_url: str) -> None:
    async with run_gateway(database_url, ScriptedBot(), WebChat(GatewaySettings()), messages_per_minute=2) as client:
        token = (await client.post("/webchat/sessions")).json()["token"]
        responses = [
            await client.post(
                "/webchat/messages",
                json={"message_id": f"message-{n}", "text": "你好"},
                headers={"Authorization": f"Bearer {token}"},
            )
            for n in range(3)
        ]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[2].json()["error"] == {"code": "too_many_messages", "reason": TOO_FAST}


@pytest.mark.usefixtures("database_kind")
@pytest.mark.parametrize(
    ("switched_on", "names"),
    [
        ({}, ["web"]),
        (
            {
                "wechat": {
                    "app_id": "wx1",
                    "app_secret": "secret",
                    "token": "token",
                    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
                }
            },
            ["web", "wechat"],
        ),
        ({"telegram": {"bot_token": "1:token", "webhook_secret": "secret"}}, ["web", "telegram"]),
        (
            {
                "wecom_service": {
                    "corp_id": "ww1",
                    "secret": "secret",
                    "token": "token",
                    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
                }
            },
            ["web", "wecom_service"],
        ),
    ],
)
def test_a_channel_is_built_when_its_settings_are_there(switched_on: dict[str, Any], names: list[str]) -> None:
    channels = build_channels(GatewaySettings(**switched_on))
    assert [channel.name for channel in channels] == names
    assert [isinstance(channel, PushChannel) for channel in channels] == [name != "web" for name in names]
