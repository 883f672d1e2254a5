"""Server-sent events from a real server: what was missed, what comes later, who answers now; nothing twice."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from conversations.inbox import Inbox
from conversations.schemas import HandoffRequest, InboundMessage, Reply, TurnOutcome
from conversations.tables import Conversation
from kit.database import Database
from kit.pubsub import PubSub, Signal, Subscription
from tests.connectors.conftest import RunServer, open_session
from tests.connectors.webchat.outage import lose_messages
from tests.conversations.acts import Acts
from tests.fakes import ScriptedBot, ScriptedEvidence, SlowBot
from tests.waiting import WAIT_SECONDS, wait_until

HANDED_OVER = TurnOutcome(replies=[Reply(text="已为您转人工客服")], handoff=HandoffRequest(reason="customer_request"))


@asynccontextmanager
async def open_page(app: FastAPI, run_server: RunServer) -> AsyncIterator[httpx.AsyncClient]:
    """A page with a session, at a real server."""
    async with run_server(app) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=WAIT_SECONDS) as client:
        client.headers["Authorization"] = await open_session(client)
        yield client


@pytest.fixture
async def page(app: FastAPI, run_server: RunServer) -> AsyncIterator[httpx.AsyncClient]:
    async with open_page(app, run_server) as opened:
        yield opened


async def say(page: httpx.AsyncClient, text: str) -> dict[str, Any]:
    response = await page.post("/webchat/messages", json={"message_id": str(uuid.uuid4()), "text": text})
    answer: dict[str, Any] = response.json()
    return answer


async def find_conversation(database: Database) -> str:
    async with database.reading() as session:
        return (await session.scalars(select(Conversation.id))).one()


class Stream:
    """Reads events one after another."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def take(self, number: int) -> list[dict[str, str]]:
        """The next events, each as its fields; fails when they do not come."""
        return [await asyncio.wait_for(self._take_one(), WAIT_SECONDS) for _ in range(number)]

    async def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes; the stream cannot be read any more."""
        try:
            await asyncio.wait_for(self._take_one(), seconds)
        except TimeoutError:
            return True
        return False

    async def _take_one(self) -> dict[str, str]:
        event: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                return event
            name, _, value = line.partition(": ")
            event[name] = value
        raise AssertionError("the stream ended")


@asynccontextmanager
async def follow(page: httpx.AsyncClient, after: int | None = None) -> AsyncIterator[Stream]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    async with page.stream("GET", "/webchat/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        yield Stream(response.aiter_lines())


def read_texts(events: list[dict[str, str]]) -> list[str]:
    return [json.loads(event["data"])["text"] for event in events if event["event"] == "message"]


async def test_events_bring_what_was_missed_and_what_comes_later_once_each(
    page: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    bot.script = [TurnOutcome(replies=[Reply(text="答一")]), TurnOutcome(replies=[Reply(text="答二")]), HANDED_OVER]
    first, second = await say(page, "一"), await say(page, "二")
    async with follow(page, after=first["replies"][0]["id"]) as stream:
        missed = await stream.take(3)
        assert read_texts(missed) == ["二", "答二"]
        assert missed[-1] == {"event": "holder", "data": '{"holder":"bot"}'}
        # An event carries the very message the answer did, under its own id.
        assert [json.loads(event["data"]) for event in missed[:2]] == [second["message"], *second["replies"]]
        assert [event["id"] for event in missed[:2]] == [str(second["message"]["id"]), str(second["replies"][0]["id"])]

        await say(page, "转人工")
        later = await stream.take(4)
        assert read_texts(later) == ["转人工", "已为您转人工客服", "请稍等，同事看到马上接。"]
        assert {event["data"] for event in later if event["event"] == "holder"} == {'{"holder":"queue"}'}
        assert await stream.is_silent(1.2)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_every_event_comes_in_order_and_once_to_every_page(page: httpx.AsyncClient) -> None:
    async with follow(page) as first, follow(page) as second:
        for stream in (first, second):
            assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"bot"}'}]
        await asyncio.gather(*(say(page, f"{n}") for n in range(5)))
        seen = [[int(event["id"]) for event in await stream.take(10)] for stream in (first, second)]
        history = [m["id"] for m in (await page.get("/webchat/messages")).json()["messages"]]
    assert seen == [history, history]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_another_process_wrote_comes_too(page: httpx.AsyncClient, database: Database) -> None:
    answer = await say(page, "一")
    async with follow(page, after=answer["replies"][0]["id"]) as stream:
        assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"bot"}'}]
        elsewhere, waiting = Inbox(database), await find_conversation(database)
        _, claimed = await elsewhere.record(waiting, InboundMessage(message_id="message-2", text="二"), owner="other")
        assert claimed
        await elsewhere.record_outcome(claimed, HANDED_OVER, owner="other")
        assert read_texts(events := await stream.take(3)) == ["二", "已为您转人工客服"]
        assert events[-1]["data"] == '{"holder":"queue"}'


class TestStaff:
    """What staff do in another process, with a database connection of its own."""

    @pytest.fixture
    async def elsewhere(self, database: Database) -> Acts:
        return Acts(database)

    async def wait_in(self, page: httpx.AsyncClient, bot: ScriptedBot, elsewhere: Acts) -> tuple[str, int]:
        """The customer waits for a human: the handoff, and the last message."""
        bot.script = [HANDED_OVER]
        answer = await say(page, "转人工")
        (waiting,) = await elsewhere.list_open()
        return waiting.id, answer["replies"][-1]["id"]

    async def test_an_agents_words_come_and_so_does_every_change_of_holder(
        self, page: httpx.AsyncClient, bot: ScriptedBot, elsewhere: Acts
    ) -> None:
        handoff_id, after = await self.wait_in(page, bot, elsewhere)
        async with follow(page, after=after) as stream:
            assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"queue"}'}]
            await elsewhere.take(handoff_id, "li")
            assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"agent"}'}]
            await elsewhere.say(handoff_id, "li", "您好，我是小李。", "key-1")
            (event,) = await stream.take(1)
            said = json.loads(event["data"])
            assert (said["author"], said["text"], "staff_id" in said) == ("agent", "您好，我是小李。", False)
            farewell = Reply(text="再见")
            await elsewhere.close(handoff_id, by="li", replies=[farewell])
            events = await stream.take(2)
            assert read_texts(events) == ["再见"]
            assert events[-1]["data"] == '{"holder":"bot"}'

    async def test_an_agent_who_types_is_seen_and_the_customer_is_not(
        self, page: httpx.AsyncClient, bot: ScriptedBot, elsewhere: Acts, database: Database
    ) -> None:
        handoff_id, after = await self.wait_in(page, bot, elsewhere)
        await elsewhere.take(handoff_id, "li")
        conversation, pubsub = await find_conversation(database), PubSub(database)
        async with follow(page, after=after) as stream:
            assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"agent"}'}]
            assert (await page.post("/webchat/typing")).status_code == 204
            await pubsub.publish(Signal("another conversation", "typing", "li"))
            await elsewhere.add_note(conversation, "li", "客户着急")
            await elsewhere.say(handoff_id, "li", "请稍等", "key-1")
            # Nothing of what came before the words was shown.
            assert read_texts(await stream.take(1)) == ["请稍等"]
            await pubsub.publish(Signal(conversation, "typing", "li"))
            assert await stream.take(1) == [{"event": "typing", "data": "{}"}]
            assert await stream.is_silent(0.3)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_page_that_left_is_forgotten(page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    has_left = asyncio.Event()
    leave = Subscription.close

    def tell(self: Subscription) -> None:
        leave(self)
        has_left.set()

    monkeypatch.setattr(Subscription, "close", tell)
    async with follow(page) as stream:
        await stream.take(1)
        assert not has_left.is_set()
    await asyncio.wait_for(has_left.wait(), WAIT_SECONDS)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_silent_stream_is_kept_alive(database_url: str, bot: ScriptedBot, run_server: RunServer) -> None:
    settings = GatewaySettings(database_url=database_url)
    app = create_app(
        settings, bot=bot, evidence=ScriptedEvidence(), channels=[WebChat(settings, keep_alive_seconds=0.1)]
    )
    async with open_page(app, run_server) as page, follow(page) as stream:
        assert await stream.take(3) == [
            {"event": "holder", "data": '{"holder":"bot"}'},
            {"": "keep-alive"},
            {"": "keep-alive"},
        ]


async def test_the_stream_outlives_a_database_that_is_away_for_a_moment(
    page: httpx.AsyncClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await say(page, "一")
    conversation = await find_conversation(database)
    async with follow(page, after=answer["replies"][-1]["id"]) as stream:
        assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"bot"}'}]
        async with lose_messages(database):
            await PubSub(database).publish(Signal(conversation, "message"))
            await wait_until(lambda: "events cannot be read" in caplog.text)
        await say(page, "二")
        assert read_texts(await stream.take(2)) == ["二", "听到：二"]
        await say(page, "三")
        assert read_texts(await stream.take(2)) == ["三", "听到：三"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestLateAnswers:
    @pytest.fixture
    def bot(self) -> SlowBot:
        return SlowBot()

    async def test_an_answer_that_comes_too_late_for_its_request_comes_as_an_event(
        self, database_url: str, bot: SlowBot, run_server: RunServer
    ) -> None:
        settings = GatewaySettings(database_url=database_url)
        app = create_app(
            settings, bot=bot, evidence=ScriptedEvidence(), channels=[WebChat(settings, reply_seconds=0.1)]
        )
        async with open_page(app, run_server) as page, follow(page) as stream:
            assert await stream.take(1) == [{"event": "holder", "data": '{"holder":"bot"}'}]
            answer = await say(page, "你好")
            assert (answer["message"]["text"], answer["replies"], answer["holder"]) == ("你好", [], "bot")
            bot.gate.set()
            assert read_texts(await stream.take(2)) == ["你好", "答你好"]
