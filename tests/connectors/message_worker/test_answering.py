"""One message through the gateway: once, in order, and with a word of ours when the bot is away."""

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from connectors.customer_limits import CustomerLimits
from connectors.settings import GatewaySettings
from connectors.wording import APOLOGY, HANDOFF_WITHOUT_BOT, UNREADABLE
from conversations.inbox import Inbox
from conversations.schemas import (
    READABLE,
    Answer,
    ClaimedMessage,
    MessageKind,
    Reply,
    ReplyButton,
    TurnOutcome,
)
from conversations.service import Conversations
from conversations.tables import Message
from kit.database import Database
from kit.errors import RequestError, ServiceRefused
from kit.limits import MemoryLimiter
from kit.pubsub import Signal
from tests.connectors.message_worker.world import (
    HANDED_OVER,
    LEASE_SECONDS,
    WAIT,
    MakeWorker,
    SlowInbox,
    is_equal,
    make_message,
    read_all,
    read_replies,
    take,
)
from tests.conversations.acts import Acts
from tests.conversations.talk import read_signals
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence, SlowBot
from tests.waiting import wait_for

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


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
        for text, kind, answers in (("有人吗", "text", 1), ("[图片]", "image", 1), ("[进入]", "event", 0)):
            turn = await take(worker, conversation, text, kind=kind)
            assert (turn.message.text, len(turn.replies), turn.holder) == (text, answers, "queue")
        assert len(bot.asked) == 1
        assert len(await handoffs.list_open()) == 1

    async def test_who_waits_for_an_agent_is_not_offered_one(self, make_worker: MakeWorker, conversation: str) -> None:
        buttons = [
            ReplyButton(title="申请贷款", payload="/apply_for_loan"),
            ReplyButton(title="转人工", payload="/request_human"),
        ]
        offering = TurnOutcome(replies=[Reply(text="可以贷。", buttons=buttons)])
        worker = make_worker(ScriptedBot(offering, HANDED_OVER, offering))
        titles = [
            [[button.title for button in reply.buttons] for reply in (await take(worker, conversation, text)).replies]
            for text in ("测额度", "转人工", "能贷多少")
        ]
        assert titles[0] == [["申请贷款", "转人工"]]
        assert titles[2] == [["申请贷款", "回到小禾"]]

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

    async def test_of_a_long_text_the_beginning_is_read_but_all_is_kept(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        evidence = ScriptedEvidence()
        worker = make_worker(ScriptedBot(), evidence=evidence, length_max=20)
        text = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
        turn = await take(worker, conversation, text)
        assert turn.message.text == text
        assert evidence.asked == [text[:20]]

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
        limits = CustomerLimits(GatewaySettings(messages_per_minute=3), MemoryLimiter(lambda: now))
        worker = make_worker(ScriptedBot(), limits=limits)
        for text in ("一", "二", "三"):
            await take(worker, conversation, text)
        with pytest.raises(RequestError, match="429 too_many_messages: 消息发得太快了"):
            await take(worker, conversation, "四")
        with pytest.raises(RequestError, match="429"):
            await worker.accept(conversation, make_message("四"))
        assert (await take(worker, strangers[0], "四")).replies
        assert [t for s, t in await read_all(conversations, conversation) if s == "customer"] == ["一", "二", "三"]
        now = 60.0
        assert read_replies(await take(worker, conversation, "四")) == ["听到：四"]

    async def test_a_message_again_counts_for_a_quarter_and_is_no_way_around_the_limit(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        limits = CustomerLimits(GatewaySettings(messages_per_minute=2), MemoryLimiter(lambda: 0))
        worker = make_worker(ScriptedBot(), limits=limits)
        for _ in range(5):
            assert read_replies(await take(worker, conversation, "一")) == ["听到：一"]
        for text in ("一", "二"):
            with pytest.raises(RequestError, match="429"):
                await take(worker, conversation, text)
