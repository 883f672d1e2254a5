"""One message through the gateway: once, in order, in time or later, and with a word of ours when the bot is away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from connectors.responder import ATTEMPTS_MAX, Responder
from connectors.turn import TurnResult, Turns
from connectors.wording import APOLOGY, HANDOFF_WITHOUT_BOT, UNREADABLE
from conversations.client import Conversations
from conversations.inbox import WORKER_PATIENCE, Inbox
from conversations.outbox import Outbox
from conversations.schemas import (
    READABLE,
    ConsentGiven,
    HandoffRequest,
    InboundMessage,
    MessageKind,
    RecordedInbound,
    Reply,
    TurnOutcome,
)
from conversations.tables import Message
from kit.database import Database
from kit.errors import RequestError, ServiceRefused
from kit.limits import RateLimit
from kit.news import News, Signal
from kit.working_time import OfficeHours
from tests.connectors.talk import make_waiting_replies
from tests.conversations.acts import Acts
from tests.fakes import FixedClock, ScriptedBot, SlowBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
MakeTurns = Callable[..., Turns]
WAIT = "请稍等，同事看到马上接。"
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request", slots={"amount": 50_000}),
    consents=[ConsentGiven(purpose="quota", wording_version="2026-07")],
)


class SlowInbox(Inbox):
    """Takes its time with recording, when told to."""

    gate: asyncio.Event | None = None

    async def record(self, *given: Any, **named: Any) -> RecordedInbound:
        if self.gate:
            await self.gate.wait()
        return await super().record(*given, **named)


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
async def make_turns(
    database_url: str, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeTurns]:
    """Makes the turns of one process; each further one is another process with a connection of its own."""
    monkeypatch.setattr("connectors.turn.RECOVER_SECONDS", 0.02)
    monkeypatch.setattr("connectors.turn.ASK_SECONDS", 0.02)
    made: list[tuple[Turns, Database]] = []

    def make(
        bot: Any, news: News | None = None, inbox: Inbox | None = None, length_max: int = 500, **more: Any
    ) -> Turns:
        own = Database(database_url)
        hours = OfficeHours.parse("00:00-24:00", is_daily=True)
        waiting = make_waiting_replies(own, clock, hours)
        responder = Responder(bot, waiting, length_max)
        turns = Turns(inbox or Inbox(own, clock), responder, news or News(own, clock), **more)
        made.append((turns, own))
        return turns

    yield make
    for turns, own in made:
        await turns.finish()
        await own.close()


@asynccontextmanager
async def recovering(turns: Turns) -> AsyncIterator[None]:
    """The process looks after what was left alone."""
    running = asyncio.create_task(turns.recover())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def make_message(text: str, **more: Any) -> InboundMessage:
    return InboundMessage(**{"message_id": f"id-of-{text}", "text": text, **more})


async def take(turns: Turns, conversation: str, text: str, *, seconds: float = 3, **more: Any) -> TurnResult:
    return await turns.take(conversation, make_message(text, **more), seconds=seconds)


def read_replies(turn: TurnResult) -> list[str]:
    return [reply.text for reply in turn.replies]


async def read_all(conversations: Conversations, conversation: str) -> list[tuple[str, str]]:
    return [(m.sender, m.text) for m in await conversations.list_messages(conversation)]


async def read_due(outbox: Outbox) -> list[list[str]]:
    """The texts that the outbox sends now."""
    return [[m.text for m in due.messages] for due in await outbox.claim(["web"], 10)]


async def wait_for(find: Callable[[], Awaitable[Any]]) -> Any:
    """What is found sooner or later; fails when it never is."""
    async with asyncio.timeout(3):
        while not (found := await find()):  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.01)
        return found


class TestAnswering:
    async def test_a_message_is_answered_by_the_bot(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_turns(bot), conversation, "你好")
        assert (turn.message.text, read_replies(turn), turn.holder, turn.offer) == ("你好", ["听到：你好"], "bot", None)
        assert (bot.asked, bot.repeated) == ([("你好", None)], [])
        assert await read_all(conversations, conversation) == [("customer", "你好"), ("bot", "听到：你好")]

    async def test_the_same_message_again_gives_the_same_and_asks_nobody(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turns = make_turns(bot)
        first = await take(turns, conversation, "你好")
        assert await take(turns, conversation, "你好") == first
        # Another process, or this one started anew.
        assert await take(make_turns(bot), conversation, "你好") == first
        assert len(bot.asked) == 1

    async def test_a_conversation_is_answered_in_order_and_another_does_not_wait(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        turns = make_turns(bot)
        running = []
        for n in range(4):
            running.append(asyncio.create_task(take(turns, conversation, f"{n}")))
            await wait_for(partial(conversations.list_messages, conversation, after_id=n))
        running.append(asyncio.create_task(take(turns, strangers[0], "别人")))
        assert sorted([await bot.wait_until_asked(), await bot.wait_until_asked()]) == ["0", "别人"]
        assert bot.overlaps == {frozenset([conversation, strangers[0]])}
        bot.gate.set()
        done = await asyncio.gather(*running)
        assert [read_replies(turn) for turn in done] == [["答0"], ["答1"], ["答2"], ["答3"], ["答别人"]]
        answers = [text for sender, text in await read_all(conversations, conversation) if sender == "bot"]
        assert answers == ["答0", "答1", "答2", "答3"]

    async def test_the_same_message_while_the_first_still_runs_waits_for_its_answer(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = SlowBot()
        turns = make_turns(bot)
        running = [asyncio.create_task(take(turns, conversation, "你好")) for _ in range(5)]
        await bot.wait_until_asked()
        bot.gate.set()
        done = await asyncio.gather(*running)
        assert all(turn == done[0] for turn in done)
        assert read_replies(done[0]) == ["答你好"]
        assert bot.asked == ["你好"]
        assert len(await read_all(conversations, conversation)) == 2

    async def test_no_more_are_given_to_the_bot_at_once_than_it_can_bear(
        self, make_turns: MakeTurns, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        turns = make_turns(bot, turns_at_once=2)
        running = [asyncio.create_task(take(turns, someone, "你好")) for someone in strangers]
        await bot.wait_until_asked()
        await bot.wait_until_asked()
        bot.gate.set()
        assert [read_replies(turn) for turn in await asyncio.gather(*running)] == [["答你好"]] * 6
        assert (len(bot.asked), bot.at_once_max) == (6, 2)

    async def test_who_waits_for_a_human_is_not_answered_by_the_bot(
        self, make_turns: MakeTurns, handoffs: Acts, conversation: str
    ) -> None:
        bot = ScriptedBot(HANDED_OVER)
        turns = make_turns(bot)
        assert (await take(turns, conversation, "转人工")).holder == "queue"
        for text, kind, answers in (("有人吗", "text", 1), ("[图片]", "image", 0)):
            turn = await take(turns, conversation, text, kind=kind)
            assert (turn.message.text, len(turn.replies), turn.holder) == (text, answers, "queue")
        assert len(bot.asked) == 1
        assert len(await handoffs.list_open()) == 1

    async def test_an_unknown_button_is_refused_and_leaves_nothing(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turns = make_turns(bot)
        with pytest.raises(RequestError, match="unknown_button"):
            await take(turns, conversation, "", message_id="message-1", button_token="made-up")
        assert bot.asked == []
        assert await read_all(conversations, conversation) == []
        assert (await take(turns, conversation, "你好")).replies

    async def test_news_is_announced_when_it_is_recorded(
        self, make_turns: MakeTurns, conversations: Conversations, database: Database, conversation: str
    ) -> None:
        bot, news = SlowBot(), News(database)
        turns = make_turns(bot, news)
        with news.listen(conversation) as listener:
            running = asyncio.create_task(take(turns, conversation, "你好"))
            assert await listener.wait(1) == [Signal(conversation, "message")]
            assert len(await read_all(conversations, conversation)) == 1
            bot.gate.set()
            assert await listener.wait(1) == [Signal(conversation, "message")]
            await running
            assert len(await read_all(conversations, conversation)) == 2

    async def test_a_long_text_is_cut_for_the_bot_but_kept_whole(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_turns(bot, length_max=20), conversation, "字" * 30)
        assert turn.message.text == "字" * 30
        assert bot.asked == [("字" * 20, None)]

    async def test_a_message_that_comes_just_as_a_turn_ends_is_answered_at_once(
        self, make_turns: MakeTurns, database: Database, clock: FixedClock, conversation: str
    ) -> None:
        bot, inbox = SlowBot(), SlowInbox(database, clock)
        turns = make_turns(bot, inbox=inbox)
        first = asyncio.create_task(take(turns, conversation, "一"))
        await bot.wait_until_asked()
        inbox.gate = asyncio.Event()
        second = asyncio.create_task(take(turns, conversation, "二"))
        await asyncio.sleep(0)
        bot.gate.set()
        assert read_replies(await first) == ["答一"]
        await turns.finish()
        inbox.gate.set()
        # Nobody recovers here: who took the message in begins it.
        assert read_replies(await second) == ["答二"]


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
        self, make_turns: MakeTurns, conversation: str, kind: MessageKind, text: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_turns(bot), conversation, text, kind=kind)
        assert (turn.message.text, read_replies(turn)) == (text, [UNREADABLE[kind].text])
        assert {reply.sender for reply in turn.replies} == {"system"}
        assert bot.asked == []

    async def test_a_voice_that_was_understood_is_read(self, make_turns: MakeTurns, conversation: str) -> None:
        assert read_replies(await take(make_turns(ScriptedBot()), conversation, "你好", kind="voice")) == ["听到：你好"]

    async def test_an_event_is_recorded_for_the_staff_and_not_answered(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot()
        turn = await take(make_turns(bot), conversation, "[扫码进入]", kind="event")
        assert (turn.replies, turn.offer, bot.asked) == ([], None, [])
        assert await read_all(conversations, conversation) == [("customer", "[扫码进入]")]

    @pytest.mark.parametrize("text", ["查额度", ""])
    async def test_an_entry_of_a_menu_is_given_to_the_bot(
        self, make_turns: MakeTurns, conversation: str, text: str
    ) -> None:
        bot = ScriptedBot()
        menu = {"kind": "event", "payload": "/check_quota", "message_id": "click-1"}
        await take(make_turns(bot), conversation, text, seconds=1, **menu)
        assert bot.asked == [(text, "/check_quota")]


class TestTheBotIsAway:
    async def test_it_is_excused_and_a_human_offered(
        self, make_turns: MakeTurns, database: Database, conversation: str
    ) -> None:
        bot = ScriptedBot(None, None)
        turns = make_turns(bot)
        turn = await take(turns, conversation, "我想贷款")
        (reply,) = turn.replies
        assert (reply.text, reply.sender, turn.holder) == (APOLOGY.text, "system", "bot")
        assert [button.title for button in reply.buttons] == ["转人工"]

        token = reply.buttons[0].token
        pressed = await take(turns, conversation, "", message_id="press-1", button_token=token)
        assert bot.asked[-1] == ("转人工", "/request_human")
        assert (read_replies(pressed), pressed.holder) == ([HANDOFF_WITHOUT_BOT.text, WAIT], "queue")
        async with database.reading() as session:
            said = (await session.scalars(select(Message.text).order_by(Message.id))).all()
        assert said == [
            *("我想贷款", APOLOGY.text),
            *("转人工", HANDOFF_WITHOUT_BOT.text, WAIT),
        ]

    async def test_a_plain_wish_for_a_human_needs_no_bot(
        self, make_turns: MakeTurns, handoffs: Acts, conversation: str
    ) -> None:
        turn = await take(make_turns(ScriptedBot(None)), conversation, "我要转人工")
        assert (read_replies(turn), turn.holder) == ([HANDOFF_WITHOUT_BOT.text, WAIT], "queue")
        assert [h.reason for h in await handoffs.list_open()] == ["bot_unavailable"]

    async def test_the_next_message_after_an_apology_is_answered(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        turns = make_turns(ScriptedBot(None))
        await take(turns, conversation, "你好")
        assert read_replies(await take(turns, conversation, "在吗")) == ["听到：在吗"]

    async def test_a_bot_that_refuses_is_excused_too(self, make_turns: MakeTurns, conversation: str) -> None:
        bot = ScriptedBot(ServiceRefused("rasa", 401, "unauthorised", "a bearer token is needed"))
        assert read_replies(await take(make_turns(bot), conversation, "你好")) == [APOLOGY.text]


class TestLimits:
    async def test_who_writes_too_fast_is_told_so_and_may_repeat_it_later(
        self,
        make_turns: MakeTurns,
        conversations: Conversations,
        conversation: str,
        strangers: list[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        now = 0.0
        monkeypatch.setattr("connectors.turn.RateLimit", partial(RateLimit, clock=lambda: now))
        turns = make_turns(ScriptedBot(), per_minute=3)
        for text in ("一", "二", "三"):
            await take(turns, conversation, text)
        with pytest.raises(RequestError, match="429 too_many_messages: 您发得太快了"):
            await take(turns, conversation, "四")
        with pytest.raises(RequestError, match="429"):
            await turns.accept(conversation, make_message("四"))
        assert (await take(turns, strangers[0], "四")).replies
        assert [t for s, t in await read_all(conversations, conversation) if s == "customer"] == ["一", "二", "三"]
        now = 60.0
        assert read_replies(await take(turns, conversation, "四")) == ["听到：四"]

    async def test_a_platform_that_repeats_a_message_does_not_use_the_limit_up(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        turns = make_turns(ScriptedBot(), per_minute=2)
        for text in ("一", "一", "一", "二", "二", "一"):
            assert read_replies(await take(turns, conversation, text)) == [f"听到：{text}"]
        with pytest.raises(RequestError, match="429"):
            await take(turns, conversation, "三")


class TestPush:
    @pytest.fixture
    def bot(self) -> SlowBot:
        return SlowBot()

    @pytest.fixture
    def settled(self) -> list[Any]:
        """What the deliverer was told: woken, or an offer given up."""
        return []

    @pytest.fixture
    def turns(self, make_turns: MakeTurns, bot: SlowBot, settled: list[Any]) -> Turns:
        """A process whose web channel takes messages from us."""
        return make_turns(bot, pushed=["web"], wake_outbox=lambda: settled.append("woken"), release=settled.append)

    async def test_an_answer_in_time_is_offered_to_its_request(
        self, turns: Turns, bot: SlowBot, conversation: str, outbox: Outbox, clock: FixedClock, settled: list[Any]
    ) -> None:
        bot.gate.set()
        turn = await take(turns, conversation, "你好")
        assert read_replies(turn) == ["答你好"]
        assert turn.offer
        assert await read_due(outbox) == []
        await outbox.settle_offers([(turn.offer, 1, True)], [])
        clock.move(minutes=5)
        assert await read_due(outbox) == []
        assert settled == []

    async def test_a_wait_that_ends_is_empty_and_the_answer_is_pushed(
        self, turns: Turns, bot: SlowBot, conversation: str, outbox: Outbox, settled: list[Any]
    ) -> None:
        turn = await take(turns, conversation, "你好", seconds=0.1)
        assert (turn.message.text, turn.replies, turn.holder, turn.offer) == ("你好", [], "bot", None)
        bot.gate.set()
        await turns.finish()
        assert settled == ["woken"]
        assert await read_due(outbox) == [["答你好"]]

    async def test_nobody_waits_for_what_was_only_accepted(
        self, turns: Turns, bot: SlowBot, conversation: str, outbox: Outbox, settled: list[Any]
    ) -> None:
        bot.gate.set()
        await turns.accept(conversation, make_message("你好"))
        await turns.finish()
        assert settled == ["woken"]
        assert await read_due(outbox) == [["答你好"]]

    async def test_of_several_requests_for_one_message_the_latest_may_answer(
        self, turns: Turns, bot: SlowBot, conversations: Conversations, conversation: str
    ) -> None:
        running = []
        for _ in range(3):  # a platform sends it again when it hears nothing
            running.append(asyncio.create_task(take(turns, conversation, "你好")))
            await wait_for(lambda: conversations.list_messages(conversation))
            await asyncio.sleep(0.05)
        bot.gate.set()
        done = await asyncio.gather(*running)
        assert [read_replies(turn) for turn in done] == [["答你好"]] * 3
        assert [turn.offer is not None for turn in done] == [False, False, True]

    async def test_an_offer_that_nobody_took_goes_to_the_one_who_asks_again(
        self, turns: Turns, bot: SlowBot, conversation: str, clock: FixedClock
    ) -> None:
        bot.gate.set()
        first = await take(turns, conversation, "你好")
        crossed = await take(turns, conversation, "你好")
        clock.move(seconds=5)
        again = await take(turns, conversation, "你好")
        assert (crossed.offer, again.offer, again.replies) == (None, first.offer, first.replies)

    async def test_a_request_that_was_given_up_leaves_its_answer_to_the_outbox(
        self, turns: Turns, bot: SlowBot, conversation: str, settled: list[Any]
    ) -> None:
        waiting = asyncio.create_task(take(turns, conversation, "你好"))
        await bot.wait_until_asked()
        record_outcome = turns._inbox.record_outcome

        async def give_up_meanwhile(*given: Any, **named: Any) -> Any:
            done = await record_outcome(*given, **named)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return done

        turns._inbox.record_outcome = give_up_meanwhile  # type: ignore[method-assign]
        bot.gate.set()
        await turns.finish()
        (offer,) = settled
        assert isinstance(offer, int)

    async def test_a_request_that_comes_just_as_the_answer_is_given_gets_the_offer(
        self, make_turns: MakeTurns, bot: SlowBot, database: Database, clock: FixedClock, conversation: str
    ) -> None:
        inbox = SlowInbox(database, clock)
        released: list[int] = []
        turns = make_turns(bot, inbox=inbox, pushed=["web"], release=released.append)
        assert (await take(turns, conversation, "你好", seconds=0.1)).replies == []
        inbox.gate = asyncio.Event()
        again = asyncio.create_task(take(turns, conversation, "你好"))
        await asyncio.sleep(0)
        bot.gate.set()
        await turns.finish()
        inbox.gate.set()
        turn = await again
        assert read_replies(turn) == ["答你好"]
        assert (turn.offer is not None) or released  # nobody waits 20 s for an answer that is there

    async def test_a_second_answer_is_pushed_while_the_first_is_still_on_offer(
        self, turns: Turns, bot: SlowBot, conversation: str, outbox: Outbox, settled: list[Any]
    ) -> None:
        bot.gate.set()
        first = await take(turns, conversation, "一")
        second = await take(turns, conversation, "二")
        assert (read_replies(second), second.offer, settled) == (["答二"], None, ["woken"])
        assert first.offer
        assert await read_due(outbox) == []
        await outbox.settle_offers([(first.offer, 1, True)], [])
        assert await read_due(outbox) == [["答二"]]

    async def test_silence_is_not_pushed(self, make_turns: MakeTurns, conversation: str, outbox: Outbox) -> None:
        turn = await take(make_turns(ScriptedBot(), pushed=["web"]), conversation, "[扫码进入]", kind="event")
        assert (turn.replies, turn.offer) == ([], None)
        assert await read_due(outbox) == []


class TestFaults:
    async def test_a_fault_of_ours_is_tried_again_and_the_bot_told_so(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        turns = make_turns(bot)
        async with recovering(turns):
            assert read_replies(await take(turns, conversation, "你好")) == ["听到：你好"]
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
    async def test_after_some_attempts_the_customer_hears_the_apology_and_goes_on(
        self, make_turns: MakeTurns, conversation: str, fault: Exception | TurnOutcome
    ) -> None:
        bot = ScriptedBot(*[fault] * ATTEMPTS_MAX)
        turns = make_turns(bot)
        async with recovering(turns):
            assert read_replies(await take(turns, conversation, "你好")) == [APOLOGY.text]
            assert len(bot.asked) == ATTEMPTS_MAX
            assert read_replies(await take(turns, conversation, "在吗")) == ["听到：在吗"]

    async def test_while_nobody_recovers_the_request_ends_without_an_answer(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        turns = make_turns(ScriptedBot(ZeroDivisionError("once")))
        assert (await take(turns, conversation, "你好", seconds=0.2)).replies == []

    async def test_what_waits_behind_a_fault_is_answered_after_it_in_order(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        turns = make_turns(bot)
        async with recovering(turns):
            done = await asyncio.gather(*(take(turns, conversation, f"{n}") for n in range(3)))
        assert [read_replies(turn) for turn in done] == [[f"听到：{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        asked = [f"听到：{text}" for sender, text in said if sender == "customer"]
        assert [text for sender, text in said if sender == "bot"] == asked


class TestSeveralProcesses:
    async def test_what_another_process_recorded_and_left_is_answered(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        ended = Inbox(make_turns(ScriptedBot())._inbox._database, clock)
        await ended.record(conversation, make_message("一"), worker="ended")
        await ended.record(conversation, make_message("二"))
        bot = ScriptedBot()
        async with recovering(make_turns(bot)):
            await asyncio.sleep(0.1)
            assert bot.asked == []  # it may still be at work
            clock.move(seconds=WORKER_PATIENCE.total_seconds() + 1)

            async def is_answered() -> bool:
                return len(await read_all(conversations, conversation)) == 4

            await wait_for(is_answered)
        assert await read_all(conversations, conversation) == [
            *(("customer", "一"), ("customer", "二")),
            *(("bot", "听到：一"), ("bot", "听到：二")),
        ]
        assert bot.repeated == ["一"]

    async def test_two_processes_answer_each_message_once_and_in_order(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str
    ) -> None:
        bots = [SlowBot(), SlowBot()]
        for bot in bots:
            bot.gate.set()
        processes = [make_turns(bot) for bot in bots]
        async with recovering(processes[0]), recovering(processes[1]):
            # Each message comes to both: a platform that repeats it does not care who listens.
            done = await asyncio.gather(*(take(p, conversation, f"{n}") for n in range(8) for p in processes))
        assert [read_replies(turn) for turn in done] == [[f"答{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        order = [text for sender, text in said if sender == "customer"]
        assert sorted(order) == [f"{n}" for n in range(8)]
        assert [text for sender, text in said if sender == "bot"] == [f"答{text}" for text in order]
        assert sorted(bots[0].asked + bots[1].asked) == sorted(order)

    async def test_who_waits_in_one_process_gets_what_the_other_answers(
        self, make_turns: MakeTurns, conversation: str
    ) -> None:
        bot, unasked = SlowBot(), ScriptedBot()
        first, second = make_turns(bot), make_turns(unasked)
        running = [asyncio.create_task(take(first, conversation, "你好"))]
        await bot.wait_until_asked()
        running.append(asyncio.create_task(take(second, conversation, "你好")))
        await asyncio.sleep(0.1)
        bot.gate.set()
        done = await asyncio.gather(*running)
        assert [read_replies(turn) for turn in done] == [["答你好"]] * 2
        assert unasked.asked == []

    async def test_who_waits_for_a_place_gets_what_another_process_answers_meanwhile(
        self, make_turns: MakeTurns, conversation: str, strangers: list[str]
    ) -> None:
        full, free = SlowBot(), SlowBot()
        free.gate.set()
        first, second = make_turns(full, turns_at_once=1), make_turns(free)
        busy = asyncio.create_task(take(first, strangers[0], "别人"))
        await full.wait_until_asked()
        waiting = asyncio.create_task(take(first, conversation, "你好", seconds=1))
        async with recovering(second):
            answered = await waiting
        full.gate.set()
        await busy
        assert read_replies(answered) == ["答你好"]
        assert full.asked == ["别人"]

    async def test_what_waits_for_a_place_is_nobodys_until_its_turn_comes(
        self, make_turns: MakeTurns, conversations: Conversations, strangers: list[str], clock: FixedClock
    ) -> None:
        # A burst at one process: all see a free place, one gets it. What waited long may be answered by others, and
        # must then not be given to the bot once more.
        slow, quick = SlowBot(), SlowBot()
        quick.gate.set()
        first, second = make_turns(slow, turns_at_once=1), make_turns(quick)
        running = [asyncio.create_task(take(first, someone, f"{n}")) for n, someone in enumerate(strangers)]
        begun = await slow.wait_until_asked()
        for someone in strangers:
            await wait_for(partial(conversations.list_messages, someone))
        clock.move(seconds=WORKER_PATIENCE.total_seconds() + 1)
        async with recovering(second):
            for _ in strangers:
                await quick.wait_until_asked()
        slow.gate.set()
        await asyncio.gather(*running)
        assert slow.asked == [begun]

    async def test_a_process_that_was_too_slow_gives_what_the_other_answered(
        self, make_turns: MakeTurns, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        slow, quick = SlowBot(), ScriptedBot(TurnOutcome(replies=[Reply(text="由另一个进程回答")]))
        first, second = make_turns(slow), make_turns(quick)
        running = asyncio.create_task(take(first, conversation, "你好"))
        await slow.wait_until_asked()
        clock.move(seconds=WORKER_PATIENCE.total_seconds() + 1)
        async with recovering(second):
            await wait_for(lambda: conversations.list_messages(conversation, after_id=1))
        slow.gate.set()
        assert read_replies(await running) == ["由另一个进程回答"]
        assert len(await read_all(conversations, conversation)) == 2
