"""Sessions of the web chat end by themselves, or when the customer ends them, for every process at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from conversations.inbox import Inbox
from conversations.schemas import InboundMessage
from conversations.tables import Conversation, Customer, WebSession
from conversations.web_sessions import ENDED, SUBJECT, WebSessions
from kit.database import Database
from kit.pubsub import PubSub, Signal
from kit.security import hash_token
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS


def make_sessions(database: Database, clock: FixedClock) -> WebSessions:
    times = {"idle": timedelta(days=10), "shared_idle": timedelta(minutes=15), "longest": timedelta(days=30)}
    return WebSessions(database, clock=clock, **times)


@pytest.fixture
def sessions(database: Database, clock: FixedClock) -> WebSessions:
    return make_sessions(database, clock)


@pytest.fixture
async def pubsub(database: Database) -> AsyncIterator[PubSub]:
    """Receives signals already."""
    made = PubSub(database)
    running = asyncio.create_task(made.run())
    with made.subscribe("beginning") as subscription:
        assert await subscription.wait(WAIT_SECONDS) == [Signal("beginning", "resync")]
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def open_session(sessions: WebSessions, *, is_shared: bool = False) -> str:
    """The hash of its token."""
    return hash_token(await sessions.open(is_shared=is_shared))


async def count(database: Database, table: type) -> int:
    return int((await database.fetch(select(func.count()).select_from(table)))[0][0])


async def test_a_session_opens_its_conversation_and_no_other(sessions: WebSessions) -> None:
    one, other = await open_session(sessions), await open_session(sessions)
    found, found_other = await sessions.find(one), await sessions.find(other)
    assert found
    assert found_other
    assert found.conversation_id != found_other.conversation_id
    assert await sessions.find(hash_token("guessed")) is None


@pytest.mark.parametrize(
    ("is_shared", "pause", "is_open"),
    [
        (False, timedelta(days=9), True),
        (False, timedelta(days=10), False),
        (True, timedelta(minutes=14), True),
        (True, timedelta(minutes=15), False),
    ],
)
async def test_it_ends_when_it_was_not_used(
    sessions: WebSessions, clock: FixedClock, is_shared: bool, pause: timedelta, is_open: bool
) -> None:
    token_hash = await open_session(sessions, is_shared=is_shared)
    clock.now += pause
    assert (await sessions.find(token_hash) is not None) is is_open


async def test_a_page_that_is_only_open_does_not_use_it(sessions: WebSessions, clock: FixedClock) -> None:
    token_hash = await open_session(sessions, is_shared=True)
    for _ in range(14):
        clock.move(minutes=1)
        assert await sessions.find(token_hash)
    clock.move(minutes=1)
    assert await sessions.find(token_hash, is_used=True) is None


async def test_use_keeps_it_open_in_every_process_but_not_for_ever(
    database: Database, sessions: WebSessions, clock: FixedClock
) -> None:
    other = make_sessions(database, clock)
    token_hash = await open_session(sessions)
    for _ in range(5):
        clock.move(days=5, hours=23)
        assert await sessions.find(token_hash, is_used=True)
    assert await other.find(token_hash)
    clock.move(hours=5)
    assert await sessions.find(token_hash, is_used=True) is None
    assert await other.find(token_hash) is None


async def test_use_is_written_down_now_and_then_only(
    database: Database, sessions: WebSessions, clock: FixedClock
) -> None:
    token_hash = await open_session(sessions)
    begun = clock.now
    clock.move(hours=1)
    await sessions.find(token_hash, is_used=True)
    assert (await database.fetch(select(WebSession.seen_at)))[0][0] == begun
    clock.move(hours=12)
    await sessions.find(token_hash, is_used=True)
    assert (await database.fetch(select(WebSession.seen_at)))[0][0] == clock.now


async def test_an_ended_one_stays_ended_and_may_be_ended_again(sessions: WebSessions, clock: FixedClock) -> None:
    token_hash = await open_session(sessions)
    await sessions.end(token_hash)
    await sessions.end(token_hash)
    await sessions.end(hash_token("never was"))
    assert await sessions.find(token_hash, is_used=True) is None


async def test_other_processes_hear_at_once_that_it_ended(
    database: Database, sessions: WebSessions, clock: FixedClock, pubsub: PubSub
) -> None:
    other = make_sessions(database, clock)
    token_hash = await open_session(sessions)
    following = asyncio.create_task(other.follow_ends(pubsub))
    found = await other.find(token_hash)
    assert found
    with pubsub.subscribe(SUBJECT, found.conversation_id) as subscription:
        await sessions.end(token_hash)
        heard: set[Signal] = set()
        async with asyncio.timeout(WAIT_SECONDS):
            while len([signal for signal in heard if signal.kind == ENDED]) < 2:
                heard |= set(await subscription.wait(1))
    assert {signal.by for signal in heard if signal.kind == ENDED} == {token_hash}
    await asyncio.sleep(0)
    assert await other.find(token_hash) is None
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_a_lost_signal_is_made_up_for_within_a_minute(
    database: Database, sessions: WebSessions, clock: FixedClock
) -> None:
    other = make_sessions(database, clock)
    token_hash = await open_session(sessions)
    assert await other.find(token_hash)
    await sessions.end(token_hash)
    clock.move(seconds=61)
    assert await other.find(token_hash) is None


async def test_what_is_over_is_swept_and_what_was_said_is_kept(
    database: Database, sessions: WebSessions, clock: FixedClock
) -> None:
    silent, spoken, ended = [await open_session(sessions) for _ in range(3)]
    shared = await open_session(sessions, is_shared=True)
    found = await sessions.find(spoken)
    assert found
    await Inbox(database, clock).record(found.conversation_id, InboundMessage(message_id="message-1", text="你好"))
    await sessions.end(ended)
    clock.move(minutes=20)
    await sessions.sweep()
    left = {row[0] for row in await database.fetch(select(WebSession.token_hash))}
    assert left == {silent, spoken}
    assert shared not in left
    clock.move(days=10)
    await sessions.sweep()
    assert await count(database, WebSession) == 0
    assert [row[0] for row in await database.fetch(select(Conversation.id))] == [found.conversation_id]
    assert await count(database, Customer) == 1


async def test_a_flood_of_sessions_is_swept(
    database: Database, sessions: WebSessions, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.web_sessions.SWEPT_AT_ONCE", 3)
    for _ in range(7):
        await open_session(sessions)
    clock.move(days=11)
    await sessions.sweep()
    assert await count(database, WebSession) == await count(database, Customer) == 0
