"""Sending what waits: in order, again after a failure where it stopped, and nothing begun is left when it ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.delivery import PAUSE_SECONDS_MAX, Deliverer
from conversations.inbox import Inbox
from conversations.outbox import PENDING, Outbox
from conversations.schemas import InboundMessage, MessageView, Reply, TurnOutcome
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from documents.schemas import Document
from documents.service import GONE
from kit.database import Database
from kit.errors import RequestError
from kit.outbox import SendError
from kit.pubsub import PubSub
from tests.documents.samples import make_document
from tests.fakes import FixedClock
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
Part = tuple[str, str]


class RecordingSender:
    """Sends every message as a part of its own; remembers what reached whom."""

    def __init__(self) -> None:
        self.sent: list[Part] = []

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[str]:
        return [message.text for message in messages]

    async def send(self, user_id: str, part: Any) -> None:
        self.sent.append((user_id, part))

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        self.sent.append((user_id, document.content.decode()))

    def list_sent(self, user_id: str = "zhang") -> list[str]:
        return [part for user, part in self.sent if user == user_id]


class FaultySender(RecordingSender):
    """Meets what it was given, in order, before it works: an error to raise, or an event to wait for."""

    def __init__(self, *script: Exception | asyncio.Event | None) -> None:
        super().__init__()
        self.script = list(script)
        self.tries = 0
        self.begun = asyncio.Event()

    async def send(self, user_id: str, part: Any) -> None:
        self.tries += 1
        self.begun.set()
        problem = self.script.pop(0) if self.script else None
        if isinstance(problem, Exception):
            raise problem
        if problem:
            await problem.wait()
        await super().send(user_id, part)


class World:
    """A customer on a channel that takes messages from us, and the process that sends them."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.clock = clock
        self.pubsub = PubSub(database, clock)
        self.conversations = Conversations(database, clock)
        self.inbox, self.outbox = Inbox(database, clock), Outbox(database, clock)
        self.undelivered = Undelivered(database, clock)
        self.deliverer = self.make_deliverer()

    def make_deliverer(self, **more: Any) -> Deliverer:
        """A process that sends."""
        return Deliverer(self.outbox, self.pubsub, self.read_document, **{"poll_seconds": 0.02} | more)

    async def read_document(self, document_id: str) -> Document:
        """What is kept, which is one picture."""
        if document_id != "kept":
            raise RequestError(404, "no_such_document", GONE)
        return make_document(b"JPEG")

    async def say(self, *texts: str, is_awaited: bool = False, user: str = "zhang", document: str | None = None) -> int:
        """One message's replies; gives the passive reply, or 0."""
        conversation = (await self.conversations.open_conversation("telegram", user)).id
        inbound = InboundMessage(message_id=f"id-of-{'-'.join(texts)}", text="问")
        _, claimed = await self.inbox.record(conversation, inbound, owner="one")
        assert claimed
        outcome = TurnOutcome(replies=[Reply(text=text, document=document) for text in texts])
        done, _ = await self.inbox.record_outcome(claimed, outcome, owner="one", is_awaited=is_awaited)
        assert done
        return done.passive_reply_id or 0

    async def list_undelivered(self) -> list[tuple[str, str, str]]:
        return [(t.state, t.problem, t.text) for t in await self.undelivered.list_all()]

    @asynccontextmanager
    async def running(self, sender: RecordingSender) -> AsyncIterator[None]:
        """The process sends."""
        running = asyncio.create_task(self.deliverer.run({"telegram": sender}))
        try:
            yield
        finally:
            running.cancel()
            (ended,) = await asyncio.gather(running, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError), ended


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("kit.outbox.random.uniform", lambda low, high: high)
    return World(database, FixedClock())


async def settle() -> None:
    """Time for anything that must not happen to happen."""
    await asyncio.sleep(0.15)


class TestSending:
    async def test_all_is_sent_in_order_and_once(self, world: World) -> None:
        sender = RecordingSender()
        for n in range(5):
            for user in ("zhang", "li"):
                await world.say(f"{n}甲", f"{n}乙", user=user)
        async with world.running(sender):
            await wait_until(lambda: len(sender.sent) == 20)
            await settle()
        for user in ("zhang", "li"):
            assert sender.list_sent(user) == [f"{n}{part}" for n in range(5) for part in "甲乙"]
        world.clock.move(minutes=5)
        async with world.running(sender):
            await settle()
        assert len(sender.sent) == 20

    async def test_what_becomes_due_later_is_found_without_being_told(self, world: World) -> None:
        sender = RecordingSender()
        async with world.running(sender):
            await settle()
            await world.say("答")
            await wait_until(lambda: sender.list_sent() == ["答"])

    async def test_it_looks_at_once_when_woken(self, world: World) -> None:
        world.deliverer = world.make_deliverer(poll_seconds=60)
        sender = RecordingSender()
        async with world.running(sender):
            await settle()
            await world.say("一")
            await world.say("二")  # follows without waiting for the next look
            world.pubsub.deliver(PENDING)
            await wait_until(lambda: sender.list_sent() == ["一", "二"])

    async def test_one_customer_does_not_hold_up_another(self, world: World) -> None:
        gate = asyncio.Event()
        sender = FaultySender(gate)
        await world.say("一")
        await world.say("别人", user="li")
        async with world.running(sender):
            await wait_until(lambda: sender.list_sent("li") == ["别人"])
            assert sender.list_sent() == []
            gate.set()
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_no_more_are_sent_at_once_than_allowed(self, world: World) -> None:
        world.deliverer = world.make_deliverer(sending_at_once=2)
        gate = asyncio.Event()
        sender = FaultySender(gate, gate, gate, gate, gate)
        for n in range(5):
            await world.say(f"{n}", user=f"{n}")
        async with world.running(sender):
            await wait_until(lambda: sender.tries == 2)
            await settle()
            assert sender.tries == 2
            gate.set()
            await wait_until(lambda: len(sender.sent) == 5)

    async def test_while_the_loop_is_late_one_is_sent_at_a_time(self, world: World) -> None:
        world.deliverer = world.make_deliverer(lag_seconds_max=-1)
        gate = asyncio.Event()
        sender = FaultySender(gate, gate, gate)
        for n in range(3):
            await world.say(f"{n}", user=f"{n}")
        async with world.running(sender):
            await wait_until(lambda: sender.tries == 1)
            await settle()
            assert sender.tries == 1
            gate.set()
            await wait_until(lambda: len(sender.sent) == 3)

    async def test_replies_that_come_to_nothing_to_send_are_not_in_the_way(self, world: World) -> None:
        class PickySender(RecordingSender):
            def prepare(self, messages: Sequence[MessageView]) -> Sequence[str]:
                return [text for text in super().prepare(messages) if text.strip()]

        sender = PickySender()
        await world.say(" ")
        await world.say("答")
        async with world.running(sender):
            await wait_until(lambda: sender.list_sent() == ["答"])


class TestFailures:
    async def test_it_is_tried_again_later_and_later_and_what_follows_waits(self, world: World) -> None:
        sender = FaultySender(*[SendError("retry", "平台忙") for _ in range(8)])
        await world.say("一")
        await world.say("二")
        pauses = []
        async with world.running(sender):
            for n in range(1, 9):
                await wait_until(lambda n=n: sender.tries == n)  # type: ignore[misc]
                await settle()
                assert sender.tries == n
                pauses.append(min(PAUSE_SECONDS_MAX, 2.0**n))
                world.clock.move(seconds=pauses[-1] - 0.1)
                await settle()
                assert sender.tries == n
                world.clock.move(seconds=0.1)
            await wait_until(lambda: sender.list_sent() == ["一", "二"])
        assert pauses == [2, 4, 8, 16, 32, 64, 120, 120]

    async def test_the_platforms_own_pause_is_kept(self, world: World) -> None:
        sender = FaultySender(SendError("retry", "平台忙", retry_after_seconds=45))
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: sender.tries == 1)
            await settle()
            world.clock.move(seconds=44)
            await settle()
            assert sender.tries == 1
            world.clock.move(seconds=1)
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_it_goes_on_where_it_stopped(self, world: World) -> None:
        sender = FaultySender(None, SendError("retry", "平台忙"), None, SendError("retry", "平台忙"))
        await world.say("甲", "乙", "丙")
        async with world.running(sender):
            for tries in (2, 4):
                await wait_until(lambda tries=tries: sender.tries == tries)  # type: ignore[misc]
                await settle()
                world.clock.move(seconds=5)
            await wait_until(lambda: len(sender.sent) == 3)
            await settle()
        assert sender.list_sent() == ["甲", "乙", "丙"]

    async def test_what_failed_for_good_is_shown_and_the_next_is_sent(self, world: World) -> None:
        sender = FaultySender(None, SendError("permanent", "客户已取消关注"))
        await world.say("甲", "乙", "丙")
        await world.say("二")
        async with world.running(sender):
            await wait_until(lambda: sender.list_sent() == ["甲", "二"])
            await settle()
        assert sender.list_sent() == ["甲", "二"]
        assert await world.list_undelivered() == [("failed", "客户已取消关注", "甲\n乙\n丙")]

    async def test_what_is_deferred_waits_for_the_customer(self, world: World) -> None:
        sender = FaultySender(SendError("defer", "客户超过48小时没有来信"))
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: sender.tries == 1)
            await settle()
            world.clock.move(minutes=10)
            await settle()
            assert await world.list_undelivered() == [("deferred", "客户超过48小时没有来信", "一")]
            assert sender.sent == []

    @pytest.mark.parametrize("bug", [ZeroDivisionError("bug"), KeyError("part")])
    async def test_a_fault_of_ours_is_logged_and_tried_again(
        self, world: World, bug: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        sender = FaultySender(bug)
        await world.say("一")
        with caplog.at_level(logging.ERROR):
            async with world.running(sender):
                await wait_until(lambda: sender.tries == 1)
                await settle()
                world.clock.move(seconds=3)
                await wait_until(lambda: sender.list_sent() == ["一"])
        assert "failed unexpectedly" in caplog.text

    async def test_a_fault_in_preparing_is_tried_again_too(self, world: World) -> None:
        class ClumsySender(RecordingSender):
            clumsy = True

            def prepare(self, messages: Sequence[MessageView]) -> Sequence[str]:
                if self.clumsy:
                    self.clumsy = False
                    raise IndexError
                return super().prepare(messages)

        sender = ClumsySender()
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: not sender.clumsy)
            await settle()
            world.clock.move(seconds=3)
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_a_platform_that_hangs_is_left_and_tried_again(self, world: World) -> None:
        world.deliverer = world.make_deliverer(send_seconds=0.05)
        sender = FaultySender(asyncio.Event())
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: sender.tries == 1)
            await settle()
            world.clock.move(seconds=3)
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_what_is_still_being_sent_is_not_begun_again_when_its_lease_could_not_be_renewed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*given: Any) -> None:
            raise OSError("no database")

        monkeypatch.setattr(world.outbox, "renew", fail)
        gate = asyncio.Event()
        sender = FaultySender(gate)
        await world.say("一")
        await world.say("二")
        async with world.running(sender):
            await sender.begun.wait()
            for n in range(3):
                world.clock.move(seconds=5)
                await world.say(f"{n}", user="li")
                await wait_until(lambda n=n: len(sender.list_sent("li")) == n + 1)  # type: ignore[misc]
                assert sender.tries == n + 2
            gate.set()
            await wait_until(lambda: sender.list_sent() == ["一", "二"])

    async def test_what_was_sent_and_cannot_be_recorded_is_sent_once_more_and_then_given_up(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*given: Any, **named: Any) -> bool:
            raise OSError("no database")

        monkeypatch.setattr(world.outbox, "record_part", fail)
        fail_for_good, given_up = world.outbox.fail, asyncio.Event()

        async def note(*given: Any) -> None:
            await fail_for_good(*given)
            given_up.set()

        monkeypatch.setattr(world.outbox, "fail", note)
        sender = RecordingSender()
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: len(sender.sent) == 1)
            while not given_up.is_set() and len(sender.sent) < 4:
                world.clock.move(seconds=60)
                await asyncio.sleep(0.01)
        assert sender.list_sent() == ["一", "一"]
        assert await world.list_undelivered() == [("failed", "系统故障，可能已送达", "一")]

    async def test_a_database_that_is_away_for_a_moment_stops_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim, failures = world.outbox.claim, 0

        async def fail_at_first(*given: Any) -> Any:
            nonlocal failures
            if failures < 3:
                failures += 1
                raise OSError("no database")
            return await claim(*given)

        monkeypatch.setattr(world.outbox, "claim", fail_at_first)
        sender = RecordingSender()
        await world.say("一")
        async with world.running(sender):
            await wait_until(lambda: sender.list_sent() == ["一"])


class TestPassiveReplies:
    async def test_an_answer_given_at_once_is_not_sent(self, world: World) -> None:
        sender = RecordingSender()
        passive = await world.say("一", is_awaited=True)
        assert passive
        async with world.running(sender):
            world.deliverer.confirm(passive, 1, is_complete=True)
            await world.say("二")
            await wait_until(lambda: sender.list_sent() == ["二"])
            world.clock.move(minutes=1)
            await settle()
        assert sender.list_sent() == ["二"]

    async def test_the_parts_that_did_not_fit_follow(self, world: World) -> None:
        sender = RecordingSender()
        passive = await world.say("甲", "乙", "丙", is_awaited=True)
        assert passive
        async with world.running(sender):
            world.deliverer.confirm(passive, 1, is_complete=False)
            await wait_until(lambda: sender.list_sent() == ["乙", "丙"])

    async def test_what_was_not_used_is_sent(self, world: World) -> None:
        sender = RecordingSender()
        passive = await world.say("一", is_awaited=True)
        assert passive
        async with world.running(sender):
            await settle()
            assert sender.sent == []
            world.deliverer.confirm(passive, 0, is_complete=False)
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_a_passive_reply_nobody_confirmed_is_sent_in_the_end(self, world: World) -> None:
        sender = RecordingSender()
        await world.say("一", is_awaited=True)
        async with world.running(sender):
            await settle()
            assert sender.sent == []
            world.clock.move(seconds=21)
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_what_cannot_be_recorded_now_is_recorded_later(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        confirm, failures = world.outbox.confirm, 0

        async def fail_at_first(*given: Any) -> None:
            nonlocal failures
            failures += 1
            if failures < 3:
                raise OSError("no database")
            await confirm(*given)

        monkeypatch.setattr(world.outbox, "confirm", fail_at_first)
        sender = RecordingSender()
        first, second = await world.say("一", is_awaited=True), await world.say("别人", is_awaited=True, user="li")
        assert first
        assert second
        async with world.running(sender):
            world.deliverer.confirm(first, 1, is_complete=True)
            world.deliverer.confirm(second, 0, is_complete=False)
            await wait_until(lambda: sender.sent == [("li", "别人")])
        assert failures == 3


class TestEnding:
    async def test_what_was_begun_is_finished(self, world: World) -> None:
        gate = asyncio.Event()
        sender = FaultySender(gate)
        await world.say("甲", "乙")
        async with world.running(sender):
            await sender.begun.wait()
            asyncio.get_running_loop().call_later(0.1, gate.set)
        assert sender.list_sent() == ["甲", "乙"]
        world.clock.move(minutes=5)
        assert await world.outbox.claim(["telegram"], 5) == []

    async def test_what_hangs_is_left_to_the_next_process(self, world: World) -> None:
        world.deliverer = world.make_deliverer(finish_seconds=0.05)
        sender = FaultySender(asyncio.Event())
        await world.say("一")
        async with world.running(sender):
            await sender.begun.wait()
        assert sender.sent == []
        world.clock.move(seconds=5)
        async with world.running(sender):
            await wait_until(lambda: sender.list_sent() == ["一"])

    async def test_what_was_confirmed_last_is_still_recorded(self, world: World) -> None:
        sender = RecordingSender()
        passive = await world.say("一", is_awaited=True)
        assert passive
        async with world.running(sender):
            await settle()
            world.deliverer.confirm(passive, 1, is_complete=True)
        world.clock.move(minutes=5)
        async with world.running(sender):
            await settle()
        assert sender.sent == []


async def test_a_picture_is_sent_as_it_is_kept(world: World) -> None:
    sender = RecordingSender()
    async with world.running(sender):
        await world.say("[图片]", document="kept")
        await wait_until(lambda: sender.list_sent() == ["JPEG"])


async def test_a_picture_that_is_deleted_by_then_is_told_to_staff(world: World) -> None:
    sender = RecordingSender()
    async with world.running(sender):
        await world.say("[图片]", document="gone")
        await world.say("还在吗")
        await wait_until(lambda: sender.list_sent() == ["还在吗"])
    assert await world.list_undelivered() == [("failed", GONE, "[图片]")]
