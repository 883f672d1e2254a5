"""One message through the gateway: once, in order, in time or later, and with a word of ours when the bot is away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from connectors.delivery import Deliverer
from connectors.message_worker import ATTEMPTS_MAX, QUEUE_SECONDS_MAX, RECORDINGS_AT_ONCE, MessageWorker
from connectors.pending_replies import PendingReplies
from connectors.responder import BOT_ATTEMPTS_MAX, Responder
from connectors.waiting_replies import WaitingReplies
from connectors.wording import APOLOGY, GIVEN_UP, GIVEN_UP_WAITING, HANDOFF_WITHOUT_BOT, UNREADABLE
from conversations.inbox import Inbox
from conversations.outbox import PENDING, Confirmation, Outbox
from conversations.schemas import (
    READABLE,
    Answer,
    ClaimedMessage,
    ConsentGiven,
    HandoffRequest,
    InboundMessage,
    MessageKind,
    Reply,
    TurnOutcome,
)
from conversations.service import Conversations
from conversations.tables import Message
from conversations.undelivered import Undelivered
from conversations.working_time import OfficeHours
from kit.database import Database
from kit.errors import RequestError, ServiceRefused
from kit.limits import RateLimit
from kit.pubsub import PubSub, Signal
from tests.connectors.talk import make_waiting_replies
from tests.conversations.acts import Acts
from tests.conversations.talk import read_signals
from tests.fakes import FixedClock, ScriptedBot, SlowBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
MakeWorker = Callable[..., MessageWorker]
LEASE_SECONDS = 4.0
WAIT = "请稍等，同事看到马上接。"
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request", slots={"amount": 50_000}),
    consents=[ConsentGiven(purpose="quota", wording_version="2026-07")],
)


class SlowInbox(Inbox):
    """Takes its time with recording, when told to."""

    gate: asyncio.Event | None = None

    async def record(self, *given: Any, **named: Any) -> tuple[Answer, ClaimedMessage | None]:
        if self.gate:
            await self.gate.wait()
        return await super().record(*given, **named)


class RecordingDeliverer:
    """Remembers what became of passive replies."""

    def __init__(self) -> None:
        self.confirmed: list[Confirmation] = []

    def confirm(self, delivery_id: int, parts_sent: int, *, is_complete: bool) -> None:
        self.confirmed.append(Confirmation(delivery_id, parts_sent, is_complete))


@pytest.fixture
def conversations(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
def handoffs(database: Database, clock: FixedClock) -> Acts:
    return Acts(database, clock)


@pytest.fixture
async def conversation(conversations: Conversations) -> str:
    return (await conversations.open_conversation("web", "zhang")).id


@pytest.fixture
async def strangers(conversations: Conversations) -> list[str]:
    """Conversations of others."""
    return [(await conversations.open_conversation("web", f"{n}")).id for n in range(6)]


@pytest.fixture
async def make_worker(database_url: str, clock: FixedClock) -> AsyncIterator[MakeWorker]:
    """Makes the worker of one process; each further one is another process with a connection of its own."""
    made: list[tuple[MessageWorker, Database]] = []

    def make(
        bot: Any,
        inbox: Inbox | None = None,
        responder: Responder | None = None,
        length_max: int = 500,
        deliverer: Any = None,
        **more: Any,
    ) -> MessageWorker:
        own = Database(database_url)
        hours = OfficeHours.parse("00:00-24:00", is_daily=True)
        waiting = make_waiting_replies(own, clock, hours)
        inbox = inbox or Inbox(own, clock)
        worker = MessageWorker(
            inbox,
            responder or Responder(bot, waiting, length_max),
            PendingReplies(inbox, poll_seconds=0.02),
            deliverer or Deliverer(Outbox(own, clock), PubSub(own, clock)),
            **{"poll_seconds": 0.02, "retry_seconds": 0} | more,
        )
        made.append((worker, own))
        return worker

    yield make
    for worker, own in made:
        await worker.finish()
        await own.close()


@asynccontextmanager
async def running(worker: MessageWorker) -> AsyncIterator[None]:
    """The process renews its leases and looks for stalled messages."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def make_message(text: str, **more: Any) -> InboundMessage:
    return InboundMessage(**{"message_id": f"id-of-{text}", "text": text, **more})


async def take(worker: MessageWorker, conversation: str, text: str, *, seconds: float = 3, **more: Any) -> Answer:
    return await worker.take(conversation, make_message(text, **more), seconds=seconds)


def read_replies(turn: Answer) -> list[str]:
    return [reply.text for reply in turn.replies]


async def read_all(conversations: Conversations, conversation: str) -> list[tuple[str, str]]:
    return [(m.author, m.text) for m in await conversations.list_messages(conversation)]


async def read_due(outbox: Outbox) -> list[list[str]]:
    """The texts that the outbox sends now."""
    return [[m.text for m in due.messages] for due in await outbox.claim(["telegram"], 10)]


async def wait_for(find: Callable[[], Awaitable[Any]]) -> Any:
    """What is found sooner or later; fails when it never is."""
    async with asyncio.timeout(3):
        while not (found := await find()):  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.01)
        return found


class TestAnswering:
    async def test_a_message_is_answered_by_the_bot(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_worker(bot), conversation, "你好")
        assert (turn.message.text, read_replies(turn), turn.holder, turn.passive_reply_id) == (
            "你好",
            ["听到：你好"],
            "bot",
            None,
        )
        assert (bot.asked, bot.repeated) == ([("你好", None)], [])
        assert await read_all(conversations, conversation) == [("customer", "你好"), ("bot", "听到：你好")]

    async def test_the_same_message_again_gives_the_same_and_asks_nobody(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot = ScriptedBot()
        worker = make_worker(bot)
        first = await take(worker, conversation, "你好")
        assert await take(worker, conversation, "你好") == first
        # Another process, or this one started anew.
        assert await take(make_worker(bot), conversation, "你好") == first
        assert len(bot.asked) == 1

    async def test_a_conversation_is_answered_in_order_and_another_does_not_wait(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot)
        taking = []
        for n in range(4):
            taking.append(asyncio.create_task(take(worker, conversation, f"{n}")))
            await wait_for(partial(conversations.list_messages, conversation, after_id=n))
        taking.append(asyncio.create_task(take(worker, strangers[0], "别人")))
        assert sorted([await bot.wait_until_asked(), await bot.wait_until_asked()]) == ["0", "别人"]
        assert bot.overlaps == {frozenset([conversation, strangers[0]])}
        bot.gate.set()
        done = await asyncio.gather(*taking)
        assert [read_replies(turn) for turn in done] == [["答0"], ["答1"], ["答2"], ["答3"], ["答别人"]]
        answers = [text for author, text in await read_all(conversations, conversation) if author == "bot"]
        assert answers == ["答0", "答1", "答2", "答3"]

    async def test_the_same_message_while_the_first_still_runs_waits_for_its_answer(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot)
        taking = [asyncio.create_task(take(worker, conversation, "你好")) for _ in range(5)]
        await bot.wait_until_asked()
        bot.gate.set()
        done = await asyncio.gather(*taking)
        assert all(turn == done[0] for turn in done)
        assert read_replies(done[0]) == ["答你好"]
        assert bot.asked == ["你好"]
        assert len(await read_all(conversations, conversation)) == 2

    async def test_no_more_are_given_to_the_bot_at_once_than_it_can_bear(
        self, make_worker: MakeWorker, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot, turns_at_once=2)
        taking = [asyncio.create_task(take(worker, someone, "你好")) for someone in strangers]
        await bot.wait_until_asked()
        await bot.wait_until_asked()
        bot.gate.set()
        assert [read_replies(turn) for turn in await asyncio.gather(*taking)] == [["答你好"]] * 6
        assert (len(bot.asked), bot.at_once_max) == (6, 2)

    async def test_a_customer_waiting_for_an_agent_is_not_answered_by_the_bot(
        self, make_worker: MakeWorker, handoffs: Acts, conversation: str
    ) -> None:
        bot = ScriptedBot(HANDED_OVER)
        worker = make_worker(bot)
        assert (await take(worker, conversation, "转人工")).holder == "queue"
        for text, kind, answers in (("有人吗", "text", 1), ("[图片]", "image", 0)):
            turn = await take(worker, conversation, text, kind=kind)
            assert (turn.message.text, len(turn.replies), turn.holder) == (text, answers, "queue")
        assert len(bot.asked) == 1
        assert len(await handoffs.list_open()) == 1

    async def test_an_unknown_button_is_refused_and_leaves_nothing(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        worker = make_worker(bot)
        with pytest.raises(RequestError, match="unknown_button"):
            await take(worker, conversation, "", message_id="message-1", button_token="made-up")
        assert bot.asked == []
        assert await read_all(conversations, conversation) == []
        assert (await take(worker, conversation, "你好")).replies

    async def test_pages_are_signalled_when_it_is_recorded_and_when_it_is_answered(
        self, make_worker: MakeWorker, conversations: Conversations, database: Database, conversation: str
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot)
        told = Signal(conversation, "message")
        taking = asyncio.create_task(take(worker, conversation, "你好"))
        await bot.wait_until_asked()
        assert await read_signals(database) == [told]
        assert len(await read_all(conversations, conversation)) == 1
        bot.gate.set()
        await taking
        assert await read_signals(database) == [told, told]
        assert len(await read_all(conversations, conversation)) == 2

    async def test_a_long_text_is_cut_for_the_bot_but_kept_whole(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_worker(bot, length_max=20), conversation, "字" * 30)
        assert turn.message.text == "字" * 30
        assert bot.asked == [("字" * 20, None)]

    async def test_a_message_that_comes_just_as_a_turn_ends_is_answered_at_once(
        self, make_worker: MakeWorker, database: Database, clock: FixedClock, conversation: str
    ) -> None:
        bot, inbox = SlowBot(), SlowInbox(database, clock)
        worker = make_worker(bot, inbox=inbox)
        first = asyncio.create_task(take(worker, conversation, "一"))
        await bot.wait_until_asked()
        inbox.gate = asyncio.Event()
        second = asyncio.create_task(take(worker, conversation, "二"))
        await asyncio.sleep(0)
        bot.gate.set()
        assert read_replies(await first) == ["答一"]
        await worker.finish()
        inbox.gate.set()
        # Nobody recovers here: who took the message in begins it.
        assert read_replies(await second) == ["答二"]


class SlowlyRecordedInbox(Inbox):
    """Records at once, and says so only when told to."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.recorded, self.gate = asyncio.Event(), asyncio.Event()

    async def record(self, *given: Any, **named: Any) -> tuple[Answer, ClaimedMessage | None]:
        done = await super().record(*given, **named)
        self.recorded.set()
        await self.gate.wait()
        return done


async def test_a_stalled_message_that_is_repeated_while_it_is_swept_keeps_its_lease(
    make_worker: MakeWorker, database: Database, clock: FixedClock, conversation: str
) -> None:
    inbox = Inbox(database, clock)
    await inbox.record(conversation, make_message("你好"))
    assert await inbox.list_stalled() == [conversation]
    bot, slow = SlowBot(), SlowlyRecordedInbox(database, clock)
    worker = make_worker(bot, inbox=slow)
    taking = asyncio.create_task(take(worker, conversation, "你好"))
    await slow.recorded.wait()
    worker._begin(conversation)  # the sweep listed it before it was claimed
    slow.gate.set()
    await bot.wait_until_asked()
    await wait_for(is_equal(lambda: len(worker._tasks), 1))
    clock.move(seconds=LEASE_SECONDS - 1)
    await worker._renew()
    clock.move(seconds=LEASE_SECONDS - 1)
    assert await inbox.list_stalled() == []
    bot.gate.set()
    assert read_replies(await taking) == ["答你好"]
    assert bot.asked == ["你好"]


class TestWhatTheBotDoesNotSee:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            *((kind, f"[{kind}]") for kind in sorted(UNREADABLE.keys() - READABLE)),
            ("image", ""),
            ("voice", ""),
            ("text", ""),
        ],
    )
    async def test_what_cannot_be_read_gets_a_sentence_of_its_own(
        self, make_worker: MakeWorker, conversation: str, kind: MessageKind, text: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_worker(bot), conversation, text, kind=kind)
        assert (turn.message.text, read_replies(turn)) == (text, [UNREADABLE[kind].text])
        assert {reply.author for reply in turn.replies} == {"system"}
        assert bot.asked == []

    async def test_a_voice_that_was_understood_is_read(self, make_worker: MakeWorker, conversation: str) -> None:
        assert read_replies(await take(make_worker(ScriptedBot()), conversation, "你好", kind="voice")) == [
            "听到：你好"
        ]

    async def test_an_event_is_recorded_for_the_staff_and_not_answered(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_worker(bot), conversation, "[扫码进入]", kind="event")
        assert (turn.replies, turn.passive_reply_id, bot.asked) == ([], None, [])
        assert await read_all(conversations, conversation) == [("customer", "[扫码进入]")]

    @pytest.mark.parametrize("text", ["查额度", ""])
    async def test_an_entry_of_a_menu_is_given_to_the_bot(
        self, make_worker: MakeWorker, conversation: str, text: str
    ) -> None:
        bot = ScriptedBot()
        menu = {"kind": "event", "payload": "/check_quota", "message_id": "click-1"}
        await take(make_worker(bot), conversation, text, seconds=1, **menu)
        assert bot.asked == [(text, "/check_quota")]


class TestTheBotIsAway:
    async def test_it_is_excused_and_a_human_offered(
        self, make_worker: MakeWorker, database: Database, conversation: str
    ) -> None:
        bot = ScriptedBot(None, None)
        worker = make_worker(bot)
        turn = await take(worker, conversation, "我想贷款")
        (reply,) = turn.replies
        assert (reply.text, reply.author, turn.holder) == (APOLOGY.text, "system", "bot")
        assert [button.title for button in reply.buttons] == ["转人工"]

        token = reply.buttons[0].token
        pressed = await take(worker, conversation, "", message_id="press-1", button_token=token)
        assert bot.asked[-1] == ("转人工", "/request_human")
        assert (read_replies(pressed), pressed.holder) == ([HANDOFF_WITHOUT_BOT.text, WAIT], "queue")
        async with database.reading() as session:
            said = (await session.scalars(select(Message.text).order_by(Message.id))).all()
        assert said == [
            *("我想贷款", APOLOGY.text),
            *("转人工", HANDOFF_WITHOUT_BOT.text, WAIT),
        ]

    async def test_a_plain_wish_for_a_human_needs_no_bot(
        self, make_worker: MakeWorker, handoffs: Acts, conversation: str
    ) -> None:
        turn = await take(make_worker(ScriptedBot(None)), conversation, "我要转人工")
        assert (read_replies(turn), turn.holder) == ([HANDOFF_WITHOUT_BOT.text, WAIT], "queue")
        assert [h.reason for h in await handoffs.list_open()] == ["bot_unavailable"]

    async def test_the_next_message_after_an_apology_is_answered(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        worker = make_worker(ScriptedBot(None))
        await take(worker, conversation, "你好")
        assert read_replies(await take(worker, conversation, "在吗")) == ["听到：在吗"]

    async def test_a_bot_that_refuses_is_excused_too(self, make_worker: MakeWorker, conversation: str) -> None:
        bot = ScriptedBot(ServiceRefused("rasa", 401, "unauthorised", "a bearer token is needed"))
        assert read_replies(await take(make_worker(bot), conversation, "你好")) == [APOLOGY.text]


class TestLimits:
    async def test_a_customer_who_writes_too_fast_is_told_so_and_may_repeat_it_later(
        self,
        make_worker: MakeWorker,
        conversations: Conversations,
        conversation: str,
        strangers: list[str],
    ) -> None:
        now = 0.0
        worker = make_worker(ScriptedBot(), rate_limit=RateLimit(3, 60, clock=lambda: now))
        for text in ("一", "二", "三"):
            await take(worker, conversation, text)
        with pytest.raises(RequestError, match="429 too_many_messages: 您发得太快了"):
            await take(worker, conversation, "四")
        with pytest.raises(RequestError, match="429"):
            await worker.accept(conversation, make_message("四"))
        assert (await take(worker, strangers[0], "四")).replies
        assert [t for s, t in await read_all(conversations, conversation) if s == "customer"] == ["一", "二", "三"]
        now = 60.0
        assert read_replies(await take(worker, conversation, "四")) == ["听到：四"]

    async def test_a_platform_that_repeats_a_message_does_not_use_the_limit_up(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        worker = make_worker(ScriptedBot(), per_minute=2)
        for text in ("一", "一", "一", "二", "二", "一"):
            assert read_replies(await take(worker, conversation, text)) == [f"听到：{text}"]
        with pytest.raises(RequestError, match="429"):
            await take(worker, conversation, "三")


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
        clock: FixedClock,
    ) -> None:
        first = asyncio.create_task(take(worker, conversation, "你好"))
        await bot.wait_until_asked()
        second = asyncio.create_task(take(make_worker(ScriptedBot()), conversation, "你好"))
        await asyncio.sleep(0.1)
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
        self, worker: MessageWorker, bot: SlowBot, conversation: str, deliverer: RecordingDeliverer
    ) -> None:
        waiting = asyncio.create_task(take(worker, conversation, "你好"))
        await bot.wait_until_asked()
        record_outcome = worker._inbox.record_outcome

        async def give_up_meanwhile(*given: Any, **named: Any) -> Any:
            done = await record_outcome(*given, **named)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return done

        worker._inbox.record_outcome = give_up_meanwhile  # type: ignore[method-assign]
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


class TestFaults:
    async def test_a_fault_of_ours_is_tried_again_and_the_bot_told_so(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        worker = make_worker(bot)
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == ["听到：你好"]
        assert (len(bot.asked), bot.repeated) == (2, ["你好"])
        assert len(await read_all(conversations, conversation)) == 2

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(ZeroDivisionError("always"), id="in the bot"),
            pytest.param(
                TurnOutcome(handoff=HandoffRequest(reason="complaint", slots={"amount": object()})),
                id="in recording what it said",
            ),
        ],
    )
    async def test_after_some_attempts_the_customer_gets_the_apology_and_goes_on(
        self, make_worker: MakeWorker, conversation: str, fault: Exception | TurnOutcome
    ) -> None:
        bot = ScriptedBot(*[fault] * BOT_ATTEMPTS_MAX)
        worker = make_worker(bot)
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == [APOLOGY.text]
            assert len(bot.asked) == BOT_ATTEMPTS_MAX
            assert read_replies(await take(worker, conversation, "在吗")) == ["听到：在吗"]

    async def test_while_nobody_recovers_the_request_ends_without_an_answer(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        worker = make_worker(ScriptedBot(ZeroDivisionError("once")))
        assert (await take(worker, conversation, "你好", seconds=0.2)).replies == []

    async def test_what_waits_behind_a_fault_is_answered_after_it_in_order(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        worker = make_worker(bot)
        async with running(worker):
            done = await asyncio.gather(*(take(worker, conversation, f"{n}") for n in range(3)))
        assert [read_replies(turn) for turn in done] == [[f"听到：{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        asked = [f"听到：{text}" for author, text in said if author == "customer"]
        assert [text for author, text in said if author == "bot"] == asked


class FaultyResponder(Responder):
    """Fails outside the bot, as long as `faults` last."""

    def __init__(self, faults: int, *given: Any) -> None:
        super().__init__(*given)
        self.faults = faults
        self.tries = 0

    async def respond(self, message: ClaimedMessage) -> TurnOutcome:
        self.tries += 1
        if self.tries <= self.faults:
            raise ZeroDivisionError("respond")
        return await super().respond(message)


class FaultyInbox(Inbox):
    """Cannot record any outcome."""

    tries = 0

    async def record_outcome(self, *given: Any, **named: Any) -> Any:
        self.tries += 1
        raise ZeroDivisionError("record")


class TestGivingUp:
    @pytest.fixture
    def waiting(self, database: Database, clock: FixedClock) -> WaitingReplies:
        return make_waiting_replies(database, clock, OfficeHours.parse("00:00-24:00", is_daily=True))

    async def test_pauses_grow_while_it_fails(
        self, make_worker: MakeWorker, waiting: WaitingReplies, conversation: str, clock: FixedClock
    ) -> None:
        responder = FaultyResponder(4, ScriptedBot(), waiting)
        worker = make_worker(None, responder=responder, retry_seconds=1)
        async with running(worker):
            taking = asyncio.create_task(take(worker, conversation, "你好"))
            for tries, pause in enumerate((1, 2, 4, 8), start=1):
                await wait_for(is_equal(lambda: responder.tries, tries))
                await wait_for(has_paused(worker))
                clock.move(seconds=pause - 0.1)
                await asyncio.sleep(0.1)
                assert responder.tries == tries
                clock.move(seconds=0.1)
            assert read_replies(await taking) == [APOLOGY.text]  # the bot is not asked a fifth time

    async def test_what_always_fails_is_handed_to_the_desk_and_the_customer_told(
        self,
        make_worker: MakeWorker,
        waiting: WaitingReplies,
        handoffs: Acts,
        conversations: Conversations,
        conversation: str,
    ) -> None:
        responder = FaultyResponder(ATTEMPTS_MAX, ScriptedBot(), waiting)
        worker = make_worker(None, responder=responder)
        async with running(worker):
            answer = await take(worker, conversation, "你好")
            assert (read_replies(answer), answer.holder) == ([GIVEN_UP.text, WAIT], "queue")
            assert responder.tries == ATTEMPTS_MAX
            assert [handoff.reason for handoff in await handoffs.list_open()] == ["bot_unavailable"]

    async def test_a_customer_waiting_for_an_agent_is_told_without_another_handoff(
        self, make_worker: MakeWorker, waiting: WaitingReplies, handoffs: Acts, conversation: str
    ) -> None:
        await take(make_worker(ScriptedBot(HANDED_OVER)), conversation, "转人工")
        worker = make_worker(None, responder=FaultyResponder(ATTEMPTS_MAX, ScriptedBot(), waiting))
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == [GIVEN_UP_WAITING.text]
        assert len(await handoffs.list_open()) == 1

    async def test_what_not_even_that_can_be_recorded_of_is_listed_for_staff_and_blocks_nobody(
        self,
        make_worker: MakeWorker,
        database: Database,
        clock: FixedClock,
        undelivered: Undelivered,
        conversation: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        inbox = FaultyInbox(database, clock)
        worker = make_worker(ScriptedBot(), inbox=inbox)
        async with running(worker):
            await worker.accept(conversation, make_message("你好"))
            await wait_for(undelivered.list_all)
        (shown,) = await undelivered.list_all()
        assert (shown.state, shown.text, inbox.tries) == ("unanswered", "你好", ATTEMPTS_MAX + 1)
        assert f"given up after {ATTEMPTS_MAX + 1} attempts" in caplog.text
        assert read_replies(await take(make_worker(ScriptedBot()), conversation, "在吗")) == ["听到：在吗"]


def is_equal(read: Callable[[], int], expected: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return read() == expected

    return check


def has_paused(worker: MessageWorker) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return not worker._busy

    return check


class TestOverload:
    async def test_past_the_bound_nothing_more_is_begun_until_there_is_room_and_all_is_answered(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot, turns_at_once=1, waiting_max=2, poll_seconds=60)
        async with running(worker):
            for someone in strangers:
                await worker.accept(someone, make_message("你好"))
            assert (worker.is_overloaded, len(worker._tasks)) == (True, 3)
            bot.gate.set()
            for someone in strangers:
                await wait_for(partial(conversations.list_messages, someone, after_id=len(strangers)))
            await wait_for(has_paused(worker))
        assert (len(bot.asked), bot.at_once_max) == (6, 1)

    async def test_while_the_loop_is_late_one_message_is_answered_at_a_time(
        self, make_worker: MakeWorker, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, lag_seconds_max=-1)
        answers = await asyncio.gather(*(take(worker, someone, "你好") for someone in strangers))
        assert [read_replies(answer) for answer in answers] == [["答你好"]] * 6
        assert bot.at_once_max == 1

    async def test_while_recordings_queue_no_turn_is_begun_for_a_while_and_who_waits_for_one_learns_it(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, turns_at_once=1, give_way_seconds=3600)
        worker._turn_seconds = QUEUE_SECONDS_MAX  # a little longer is too long
        recorded = await worker.accept(conversation, make_message("你好"))
        for _ in range(RECORDINGS_AT_ONCE):
            await worker._recordings.acquire()
        await wait_for(is_equal(lambda: worker.is_overloaded, True))
        assert (recorded.is_answered, bot.asked) == (False, [])
        worker._give_way_seconds = 0
        await wait_for(is_equal(lambda: len(bot.asked), 1))

    async def test_who_would_wait_long_is_not_kept_waiting(
        self, make_worker: MakeWorker, conversation: str, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, turns_at_once=1)
        await take(worker, conversation, "你好")
        before = worker.is_overloaded
        worker._turn_seconds = 1.0
        bot.gate.clear()
        for someone in strangers[:3]:
            await worker.accept(someone, make_message("你好"))
        assert (before, worker.is_overloaded) == (False, True)
        bot.gate.set()

    async def test_in_a_storm_of_repeats_only_those_in_hand_wait_though_no_turn_ends(
        self, make_worker: MakeWorker, database: Database, clock: FixedClock, strangers: list[str]
    ) -> None:
        bot, inbox = SlowBot(), SlowInbox(database, clock)
        inbox.gate = asyncio.Event()
        worker = make_worker(bot, inbox=inbox, turns_at_once=1, waiting_max=1)
        calls = [
            asyncio.create_task(worker.take(someone, make_message("你好"), seconds=3600, may_queue=False))
            for someone in strangers
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        assert len(worker._pending._messages) == len(strangers)
        assert not worker.is_overloaded  # all of them came before that could be known
        inbox.gate.set()
        await wait_for(is_equal(lambda: sum(call.done() for call in calls) >= 3 * (len(strangers) - 2), True))
        assert not any(call.result().is_answered for call in calls if call.done())
        assert len(await inbox.list_stalled()) == len(strangers) - 1  # recorded, and not yet begun
        bot.gate.set()
        async with running(worker):
            await asyncio.wait_for(asyncio.gather(*calls), 3)

    async def test_recording_does_not_wait_for_turns(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot, turns_at_once=1)
        done = await asyncio.wait_for(
            asyncio.gather(*(take(worker, someone, "你好", seconds=0) for someone in strangers)), 3
        )
        assert [answer.is_answered for answer in done] == [False] * 6
        bot.gate.set()


class TestSeveralProcesses:
    async def test_what_another_process_recorded_and_left_is_answered(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        ended = Inbox(make_worker(ScriptedBot())._inbox._database, clock)
        await ended.record(conversation, make_message("一"), owner="ended")
        await ended.record(conversation, make_message("二"))
        bot = ScriptedBot()
        async with running(make_worker(bot)):
            await asyncio.sleep(0.1)
            assert bot.asked == []  # it may still be at work
            clock.move(seconds=LEASE_SECONDS + 1)

            async def is_answered() -> bool:
                return len(await read_all(conversations, conversation)) == 4

            await wait_for(is_answered)
        assert await read_all(conversations, conversation) == [
            *(("customer", "一"), ("customer", "二")),
            *(("bot", "听到：一"), ("bot", "听到：二")),
        ]
        assert bot.repeated == ["一"]

    async def test_two_processes_answer_each_message_once_and_in_order(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bots = [SlowBot(), SlowBot()]
        for bot in bots:
            bot.gate.set()
        processes = [make_worker(bot) for bot in bots]
        async with running(processes[0]), running(processes[1]):
            # Each message comes to both: a platform that repeats it does not care who listens.
            done = await asyncio.gather(*(take(p, conversation, f"{n}") for n in range(8) for p in processes))
        assert [read_replies(turn) for turn in done] == [[f"答{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        order = [text for author, text in said if author == "customer"]
        assert sorted(order) == [f"{n}" for n in range(8)]
        assert [text for author, text in said if author == "bot"] == [f"答{text}" for text in order]
        assert sorted(bots[0].asked + bots[1].asked) == sorted(order)

    async def test_a_request_in_one_process_gets_what_the_other_answers(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot, unasked = SlowBot(), ScriptedBot()
        first, second = make_worker(bot), make_worker(unasked)
        taking = [asyncio.create_task(take(first, conversation, "你好"))]
        await bot.wait_until_asked()
        taking.append(asyncio.create_task(take(second, conversation, "你好")))
        await asyncio.sleep(0.1)
        bot.gate.set()
        done = await asyncio.gather(*taking)
        assert [read_replies(turn) for turn in done] == [["答你好"]] * 2
        assert unasked.asked == []

    async def test_a_request_without_a_free_turn_gets_what_another_process_answers_meanwhile(
        self, make_worker: MakeWorker, conversation: str, strangers: list[str]
    ) -> None:
        full, free = SlowBot(), SlowBot()
        free.gate.set()
        first, second = make_worker(full, turns_at_once=1), make_worker(free)
        busy = asyncio.create_task(take(first, strangers[0], "别人"))
        await full.wait_until_asked()
        waiting = asyncio.create_task(take(first, conversation, "你好", seconds=1))
        async with running(second):
            answered = await waiting
        full.gate.set()
        await busy
        assert read_replies(answered) == ["答你好"]
        assert full.asked == ["别人"]

    async def test_what_waits_for_a_place_is_nobodys_until_its_turn_comes(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str], clock: FixedClock
    ) -> None:
        # A burst at one process: all see a free place, one gets it. What waited long may be answered by others, and
        # must then not be given to the bot once more.
        slow, quick = SlowBot(), SlowBot()
        quick.gate.set()
        first, second = make_worker(slow, turns_at_once=1), make_worker(quick)
        taking = [asyncio.create_task(take(first, someone, f"{n}")) for n, someone in enumerate(strangers)]
        begun = await slow.wait_until_asked()
        for someone in strangers:
            await wait_for(partial(conversations.list_messages, someone))
        clock.move(seconds=LEASE_SECONDS + 1)
        async with running(second):
            for _ in strangers:
                await quick.wait_until_asked()
        slow.gate.set()
        await asyncio.gather(*taking)
        assert slow.asked == [begun]

    async def test_a_process_that_was_too_slow_gives_what_the_other_answered(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        slow, quick = SlowBot(), ScriptedBot(TurnOutcome(replies=[Reply(text="由另一个进程回答")]))
        first, second = make_worker(slow), make_worker(quick)
        taking = asyncio.create_task(take(first, conversation, "你好"))
        await slow.wait_until_asked()
        clock.move(seconds=LEASE_SECONDS + 1)
        async with running(second):
            await wait_for(lambda: conversations.list_messages(conversation, after_id=1))
        slow.gate.set()
        assert read_replies(await taking) == ["由另一个进程回答"]
        assert len(await read_all(conversations, conversation)) == 2
