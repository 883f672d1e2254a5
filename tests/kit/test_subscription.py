"""What a subscription keeps of what is delivered in its process; no database is asked."""

import asyncio

import pytest

from kit.database import Database
from kit.pubsub import PENDING_MAX, PubSub, Signal
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS

MESSAGE = Signal("talk", "message", "customer")


@pytest.fixture
def pubsub() -> PubSub:
    return PubSub(Database("sqlite+aiosqlite://", VAULT))


async def test_it_waits_until_something_comes(pubsub: PubSub) -> None:
    with pubsub.subscribe("talk") as subscription:
        assert await subscription.wait(0) == []
        waiting = asyncio.create_task(subscription.wait(WAIT_SECONDS))
        await asyncio.sleep(0)
        pubsub.deliver(MESSAGE)
        assert await waiting == [MESSAGE]
        assert await subscription.wait(0.01) == []


async def test_who_gives_up_waiting_misses_nothing(pubsub: PubSub) -> None:
    with pubsub.subscribe("talk") as subscription:
        waiting = asyncio.create_task(subscription.wait(WAIT_SECONDS))
        await asyncio.sleep(0)
        pubsub.deliver(MESSAGE)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await subscription.wait(0) == [MESSAGE]


async def test_the_same_comes_once(pubsub: PubSub) -> None:
    other = Signal("talk", "message", "agent")
    with pubsub.subscribe("talk") as subscription:
        for signal in (MESSAGE, other, MESSAGE):
            pubsub.deliver(signal)
        assert await subscription.wait(0) == [MESSAGE, other]


async def test_subjects_come_and_go(pubsub: PubSub) -> None:
    desk, talk = Signal("desk", "queue"), MESSAGE
    with pubsub.subscribe("desk") as subscription:
        subscription.unsubscribe("never subscribed")
        subscription.subscribe("talk")
        pubsub.deliver(talk)
        pubsub.deliver(desk)
        assert await subscription.wait(0) == [talk, desk]
        pubsub.deliver(talk)
        pubsub.deliver(desk)
        subscription.unsubscribe("talk")
        pubsub.deliver(talk)
        assert await subscription.wait(0) == [desk]
    pubsub.deliver(desk)
    assert await subscription.wait(0) == []


async def test_too_many_give_way_to_a_resync(pubsub: PubSub) -> None:
    signals = [Signal("talk", "typing", str(n)) for n in range(3 * PENDING_MAX)]
    with pubsub.subscribe("talk") as subscription:
        for signal in signals:
            pubsub.deliver(signal)
        first, *others = await subscription.wait(0)
    assert first == Signal("talk", "resync")
    assert len(others) <= PENDING_MAX
    assert others == signals[-len(others) :]
