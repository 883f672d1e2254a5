"""What a listener keeps of what is announced in its process; no database is asked."""

import asyncio

import pytest

from kit.database import Database
from kit.news import PENDING_MAX, News, Signal

MESSAGE = Signal("talk", "message", "customer")


@pytest.fixture
def news() -> News:
    return News(Database("sqlite+aiosqlite://"))


async def test_it_waits_until_something_comes(news: News) -> None:
    with news.listen("talk") as listener:
        assert await listener.wait(0) == []
        waiting = asyncio.create_task(listener.wait(5))
        await asyncio.sleep(0)
        news.announce(MESSAGE)
        assert await waiting == [MESSAGE]
        assert await listener.wait(0.01) == []


async def test_who_gives_up_waiting_misses_nothing(news: News) -> None:
    with news.listen("talk") as listener:
        waiting = asyncio.create_task(listener.wait(5))
        await asyncio.sleep(0)
        news.announce(MESSAGE)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await listener.wait(0) == [MESSAGE]


async def test_the_same_is_told_once(news: News) -> None:
    other = Signal("talk", "message", "agent")
    with news.listen("talk") as listener:
        for signal in (MESSAGE, other, MESSAGE):
            news.announce(signal)
        assert await listener.wait(0) == [MESSAGE, other]


async def test_topics_come_and_go(news: News) -> None:
    desk, talk = Signal("desk", "queue"), MESSAGE
    with news.listen("desk") as listener:
        listener.unfollow("never followed")
        listener.follow("talk")
        news.announce(talk)
        news.announce(desk)
        assert await listener.wait(0) == [talk, desk]
        news.announce(talk)
        news.announce(desk)
        listener.unfollow("talk")
        news.announce(talk)
        assert await listener.wait(0) == [desk]
    news.announce(desk)
    assert await listener.wait(0) == []


async def test_too_many_give_way_to_a_resync(news: News) -> None:
    signals = [Signal("talk", "typing", str(n)) for n in range(3 * PENDING_MAX)]
    with news.listen("talk") as listener:
        for signal in signals:
            news.announce(signal)
        first, *others = await listener.wait(0)
    assert first == Signal("talk", "resync")
    assert len(others) <= PENDING_MAX
    assert others == signals[-len(others) :]
