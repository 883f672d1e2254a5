"""The request that brought a message gets its answer, or the answer is pushed."""

import asyncio
from typing import Any

import pytest

from connectors.message_worker import MessageWorker
from conversations.inbox import Inbox
from conversations.outbox import PENDING, Confirmation, Outbox
from conversations.schemas import Answer, ClaimedMessage
from conversations.service import Conversations
from kit.database import Database
from tests.connectors.message_worker.world import (
    MakeWorker,
    RecordingDeliverer,
    SlowInbox,
    make_message,
    read_due,
    read_replies,
    take,
)
from tests.conversations.talk import read_signals
from tests.fakes import FixedClock, ScriptedBot, SlowBot
from tests.waiting import WAIT_SECONDS, wait_for

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TellingInbox(Inbox):
    """Tells when it has recorded a message, as the first or once more."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.has_recorded = asyncio.Event()

    async def record(self, *given: Any, **named: Any) -> tuple[Answer, ClaimedMessage | None]:
        recorded = await super().record(*given, **named)
        self.has_recorded.set()
        return recorded


class TestPush:
    @pytest.fixture
    def bot(self) -> SlowBot:
        return SlowBot()

    @pytest.fixture
    async def conversation(self, conversations: Conversations) -> str:
        """A customer whose replies are pushed."""
        return (await conversations.open_conversation("telegram", "zhang")).id

    @pytest.fixture
    def deliverer(self) -> RecordingDeliverer:
        return RecordingDeliverer()

    @pytest.fixture
    def worker(self, make_worker: MakeWorker, bot: SlowBot, deliverer: RecordingDeliverer) -> MessageWorker:
        return make_worker(bot, deliverer=deliverer)

    async def test_an_answer_in_time_is_given_to_its_request(
        self,
        worker: MessageWorker,
        bot: SlowBot,
        conversation: str,
        outbox: Outbox,
        clock: FixedClock,
        deliverer: RecordingDeliverer,
    ) -> None:
        bot.gate.set()
        answer = await take(worker, conversation, "你好")
        assert read_replies(answer) == ["答你好"]
        assert answer.passive_reply_id
        assert await read_due(outbox) == []
        await outbox.confirm([Confirmation(answer.passive_reply_id, 1, True)])
        clock.move(minutes=5)
        assert await read_due(outbox) == []
        assert deliverer.confirmed == []

    async def test_a_wait_that_ends_is_empty_and_the_answer_is_pushed(
        self, worker: MessageWorker, bot: SlowBot, conversation: str, outbox: Outbox, database: Database
    ) -> None:
        turn = await take(worker, conversation, "你好", seconds=0.1)
        assert (turn.message.text, turn.replies, turn.holder, turn.passive_reply_id) == ("你好", [], "bot", None)
        bot.gate.set()
        await worker.finish()
        assert PENDING in await read_signals(database)
        assert await read_due(outbox) == [["答你好"]]

    async def test_nobody_waits_for_what_was_only_accepted(
        self, worker: MessageWorker, bot: SlowBot, conversation: str, outbox: Outbox, database: Database
    ) -> None:
        bot.gate.set()
        await worker.accept(conversation, make_message("你好"))
        await worker.finish()
        assert PENDING in await read_signals(database)
        assert await read_due(outbox) == [["答你好"]]

    async def test_of_several_requests_for_one_message_the_latest_may_answer(
        self, worker: MessageWorker, bot: SlowBot, conversations: Conversations, conversation: str
    ) -> None:
        taking = []
        for _ in range(3):  # a platform sends it again when it hears nothing
            taking.append(asyncio.create_task(take(worker, conversation, "你好")))
            await wait_for(lambda: conversations.list_messages(conversation))
            await asyncio.sleep(0.05)
        bot.gate.set()
        done = await asyncio.gather(*taking)
        assert [read_replies(turn) for turn in done] == [["答你好"]] * 3
        assert [turn.passive_reply_id is not None for turn in done] == [False, False, True]

    async def test_of_requests_at_two_processes_only_the_one_that_has_the_conversation_may_answer(
        self,
        worker: MessageWorker,
        make_worker: MakeWorker,
        bot: SlowBot,
        conversation: str,
        database: Database,
        clock: FixedClock,
    ) -> None:
        first = asyncio.create_task(take(worker, conversation, "你好"))
        await bot.wait_until_asked()
        inbox = TellingInbox(database, clock)
        second = asyncio.create_task(take(make_worker(ScriptedBot(), inbox), conversation, "你好"))
        await asyncio.wait_for(inbox.has_recorded.wait(), WAIT_SECONDS)
        clock.move(seconds=5)  # the machine is busy: the platform will have repeated it by now
        bot.gate.set()
        answers = await asyncio.gather(first, second)
        assert [answer.passive_reply_id is not None for answer in answers] == [True, False]

    async def test_a_passive_reply_that_nobody_got_goes_to_the_one_who_asks_again(
        self, worker: MessageWorker, bot: SlowBot, conversation: str, clock: FixedClock
    ) -> None:
        bot.gate.set()
        first = await take(worker, conversation, "你好")
        crossed = await take(worker, conversation, "你好")
        clock.move(seconds=5)
        again = await take(worker, conversation, "你好")
        assert (crossed.passive_reply_id, again.passive_reply_id, again.replies) == (
            None,
            first.passive_reply_id,
            first.replies,
        )

    async def test_a_request_that_was_given_up_leaves_its_answer_to_the_outbox(
        self,
        worker: MessageWorker,
        bot: SlowBot,
        conversation: str,
        deliverer: RecordingDeliverer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        waiting = asyncio.create_task(take(worker, conversation, "你好"))
        await bot.wait_until_asked()
        record_outcome = worker._inbox.record_outcome

        async def give_up_meanwhile(*given: Any, **named: Any) -> Any:
            done = await record_outcome(*given, **named)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return done

        monkeypatch.setattr(worker._inbox, "record_outcome", give_up_meanwhile)
        bot.gate.set()
        await worker.finish()
        assert [(parts, is_complete) for _, parts, is_complete in deliverer.confirmed] == [(0, False)]

    async def test_a_request_that_comes_just_as_the_answer_is_given_gets_the_answer(
        self, make_worker: MakeWorker, bot: SlowBot, database: Database, clock: FixedClock, conversation: str
    ) -> None:
        inbox = SlowInbox(database, clock)
        deliverer = RecordingDeliverer()
        worker = make_worker(bot, inbox=inbox, deliverer=deliverer)
        assert (await take(worker, conversation, "你好", seconds=0.1)).replies == []
        inbox.gate = asyncio.Event()
        again = asyncio.create_task(take(worker, conversation, "你好"))
        await asyncio.sleep(0)
        bot.gate.set()
        await worker.finish()
        inbox.gate.set()
        turn = await again
        assert read_replies(turn) == ["答你好"]
        assert (
            turn.passive_reply_id is not None
        ) or deliverer.confirmed  # nobody waits 20 s for an answer that is there

    async def test_a_second_answer_is_pushed_while_the_first_is_not_confirmed(
        self, worker: MessageWorker, bot: SlowBot, conversation: str, outbox: Outbox, database: Database
    ) -> None:
        bot.gate.set()
        first = await take(worker, conversation, "一")
        second = await take(worker, conversation, "二")
        assert (read_replies(second), second.passive_reply_id) == (["答二"], None)
        assert first.passive_reply_id
        assert await read_due(outbox) == []
        await outbox.confirm([Confirmation(first.passive_reply_id, 1, True)])
        assert await read_due(outbox) == [["答二"]]

    async def test_silence_is_not_pushed(self, make_worker: MakeWorker, conversation: str, outbox: Outbox) -> None:
        turn = await take(make_worker(ScriptedBot()), conversation, "[扫码进入]", kind="event")
        assert (turn.replies, turn.passive_reply_id) == ([], None)
        assert await read_due(outbox) == []
