"""Event streams on a database that is watched: an idle page asks nothing, and no fault of it ends a stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import event, insert
from sqlalchemy.pool import QueuePool

from connectors.webchat.events import READ_MAX, Events
from conversations.service import Conversations
from conversations.tables import Message
from kit.clock import read_clock
from kit.database import Database
from kit.pubsub import PubSub, Signal
from tests.connectors.webchat.outage import lose_messages
from tests.waiting import WAIT_SECONDS, wait_until

KEEP_ALIVE = ": keep-alive\n\n"
TOKEN_HASH = "f" * 64
HOLDER = 'event: holder\ndata: {"holder":"bot"}\n\n'


class Page:
    """An open page; signals come to it only as the test announces them."""

    def __init__(
        self, database: Database, conversation_id: str, keep_alive_seconds: float, reads_at_once: int = 4
    ) -> None:
        self.pubsub = PubSub(database)
        self.events = Events(
            Conversations(database),
            self.pubsub,
            keep_alive_seconds=keep_alive_seconds,
            retry_seconds=0.01,
            retry_seconds_max=0.02,
            reads_at_once=reads_at_once,
        )
        self.conversation_id = conversation_id
        self.has_ended = False
        self.stream = self.events.stream(conversation_id, 0, TOKEN_HASH, self.is_over)

    async def is_over(self) -> bool:
        return self.has_ended

    async def take(self, count: int) -> list[str]:
        """The next events; fails when they do not come."""
        async with asyncio.timeout(WAIT_SECONDS):
            return [await anext(self.stream) for _ in range(count)]

    async def take_texts(self, count: int) -> list[str]:
        """The texts of the next messages, keep-alives passed over."""
        texts: list[str] = []
        while len(texts) < count:
            (found,) = await self.take(1)
            if found != KEEP_ALIVE:
                texts.append(json.loads(found.partition("data: ")[2])["text"])
        return texts

    def announce(self, *kinds: str, by: str = "") -> None:
        for kind in kinds:
            self.pubsub.deliver(Signal(self.conversation_id, kind, by))


@pytest.fixture
async def conversation_id(database: Database) -> str:
    return (await Conversations(database).open_conversation("web", "customer")).id


@pytest.fixture
async def page(database: Database, conversation_id: str) -> AsyncIterator[Page]:
    opened = Page(database, conversation_id, keep_alive_seconds=0.03)
    yield opened
    await opened.stream.aclose()  # type: ignore[attr-defined]


@pytest.fixture
def statements(database: Database) -> list[str]:
    """Whatever the database is asked."""
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    return asked


async def add_messages(database: Database, conversation_id: str, *texts: str) -> None:
    common = {"conversation_id": conversation_id, "direction": "outbound", "author": "bot", "at": read_clock()}
    async with database.transaction() as session:
        await session.execute(insert(Message), [{**common, "text": text} for text in texts])


async def test_an_idle_page_costs_no_query(page: Page, statements: list[str]) -> None:
    assert await page.take(1) == [HOLDER]
    assert statements
    statements.clear()
    assert await page.take(5) == [KEEP_ALIVE] * 5
    page.announce("note", "window", "looking")
    page.announce("typing", by="customer")
    assert await page.take(2) == [KEEP_ALIVE] * 2
    assert statements == []
    page.announce("typing", by="li")
    assert await page.take(2) == ["event: typing\ndata: {}\n\n", KEEP_ALIVE]
    assert statements == []


@pytest.mark.parametrize("kind", ["message", "holder", "resync"])
async def test_a_signal_has_the_record_read(page: Page, database: Database, kind: str) -> None:
    assert await page.take(1) == [HOLDER]
    await add_messages(database, page.conversation_id, "一", "二")
    page.announce(kind)
    assert await page.take_texts(2) == ["一", "二"]
    assert await page.take(1) == [KEEP_ALIVE]


async def test_signals_that_keep_coming_do_not_put_off_the_keep_alive(page: Page) -> None:
    assert await page.take(1) == [HOLDER]

    async def type_on() -> None:
        while True:
            page.announce("typing", by="customer")
            await asyncio.sleep(0.005)

    typing = asyncio.create_task(type_on())
    assert await page.take(3) == [KEEP_ALIVE] * 3
    typing.cancel()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("count", [READ_MAX, 2 * READ_MAX + 1])
async def test_a_long_story_comes_whole(page: Page, database: Database, count: int) -> None:
    texts = [f"{number}" for number in range(count)]
    await add_messages(database, page.conversation_id, *texts)
    events = await page.take(count + 1)
    assert [json.loads(found.partition("data: ")[2])["text"] for found in events if found != HOLDER] == texts
    assert await page.take(1) == [KEEP_ALIVE]


class TestFaults:
    async def test_a_failing_read_ends_no_stream_and_nothing_is_lost_or_doubled(
        self, page: Page, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        await add_messages(database, page.conversation_id, "一")
        assert await page.take_texts(1) == ["一"]
        assert await page.take(1) == [HOLDER]
        await add_messages(database, page.conversation_id, "二")
        async with lose_messages(database):
            page.announce("message")
            # Proxies and browsers see a living stream meanwhile.
            assert await page.take(4) == [KEEP_ALIVE] * 4
            page.announce("message", "resync")
            assert await page.take(1) == [KEEP_ALIVE]
        assert await page.take_texts(1) == ["二"]
        await add_messages(database, page.conversation_id, "三")
        page.announce("message")
        assert await page.take_texts(1) == ["三"]
        assert caplog.text.count("events cannot be read") == 1
        assert caplog.text.count("events can be read again") == 1

    async def test_a_page_opened_meanwhile_gets_everything_later(self, page: Page, database: Database) -> None:
        await add_messages(database, page.conversation_id, "一")
        async with lose_messages(database):
            assert await page.take(2) == [KEEP_ALIVE] * 2
        assert await page.take_texts(1) == ["一"]
        assert await page.take(1) == [HOLDER]

    async def test_no_free_connection_ends_no_stream(
        self, page: Page, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(database.engine.pool, "_timeout", 0.02)
        assert await page.take(1) == [HOLDER]
        await add_messages(database, page.conversation_id, "一")
        async with AsyncExitStack() as taken:
            for _ in range(15):  # SQLAlchemy's pool: five, and ten more under load
                await taken.enter_async_context(database.engine.connect())
            page.announce("message")
            assert await page.take(2) == [KEEP_ALIVE] * 2
            await wait_until(lambda: "QueuePool limit" in caplog.text)
        assert await page.take_texts(1) == ["一"]

    async def test_many_pages_leave_connections_to_others(self, database: Database, conversation_id: str) -> None:
        page = Page(database, conversation_id, keep_alive_seconds=5, reads_at_once=2)
        streams = [page.events.stream(conversation_id, 0, TOKEN_HASH, page.is_over) for _ in range(20)]
        pool, taken = database.engine.pool, list[int]()
        assert isinstance(pool, QueuePool)
        event.listen(pool, "checkout", lambda *given: taken.append(pool.checkedout()))
        async with asyncio.timeout(WAIT_SECONDS):
            assert await asyncio.gather(*(anext(stream) for stream in streams)) == [HOLDER] * 20
        assert max(taken) <= 2


async def test_only_the_end_of_its_own_session_ends_a_stream(database: Database, conversation_id: str) -> None:
    page = Page(database, conversation_id, keep_alive_seconds=5)
    assert await page.take(1) == [HOLDER]
    page.announce("ended", by="a" * 64)
    page.announce("typing", by="agent")
    assert await page.take(1) == ["event: typing\ndata: {}\n\n"]
    page.announce("ended", by=TOKEN_HASH)
    assert await page.take(1) == ["event: ended\ndata: {}\n\n"]
    with pytest.raises(StopAsyncIteration):
        await anext(page.stream)


async def test_an_end_of_which_the_signal_is_lost_ends_the_stream(database: Database, conversation_id: str) -> None:
    page = Page(database, conversation_id, keep_alive_seconds=3600)
    assert await page.take(1) == [HOLDER]
    page.has_ended = True
    page.announce("resync")
    assert await page.take(1) == ["event: ended\ndata: {}\n\n"]


async def test_a_session_that_is_over_by_itself_ends_its_stream(database: Database, conversation_id: str) -> None:
    page = Page(database, conversation_id, keep_alive_seconds=0.02)
    assert await page.take(2) == [HOLDER, KEEP_ALIVE]
    page.has_ended = True
    assert await page.take(1) == ["event: ended\ndata: {}\n\n"]
