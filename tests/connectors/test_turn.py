"""One message through the gateway: in order, once, and with a word of ours when the bot is away."""

import asyncio

import pytest

from connectors.events import Events
from connectors.turn import Turns
from connectors.wording import APOLOGY, HANDOFF_WITHOUT_BOT
from conversations.client import Conversations
from conversations.schemas import ConsentGiven, HandoffRequest, Reply, TurnOutcome
from kit.database import Database
from kit.errors import RequestError, ServiceRefused
from tests.fakes import ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request", slots={"amount": 50_000}),
    consents=[ConsentGiven(purpose="quota", wording_version="2026-07")],
)


class SlowBot:
    """Answers when it is let; remembers who was answered at the same time."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self._begun: asyncio.Queue[str] = asyncio.Queue()
        self.busy_with: list[str] = []
        self.overlaps: set[frozenset[str]] = set()

    async def answer(self, conversation_id: str, message_id: str, text: str, payload: str | None = None) -> TurnOutcome:
        self.asked.append(text)
        self._begun.put_nowait(text)
        self.busy_with.append(conversation_id)
        if len(self.busy_with) > 1:
            self.overlaps.add(frozenset(self.busy_with))
        is_doubled = self.busy_with.count(conversation_id) > 1
        await self.gate.wait()
        await asyncio.sleep(0.005)
        self.busy_with.remove(conversation_id)
        return TurnOutcome(replies=[Reply(text=f"{'同时' if is_doubled else '答'}{text}")])

    async def wait_until_asked(self) -> str:
        """The next text it is asked; fails when nobody asks."""
        return await asyncio.wait_for(self._begun.get(), 2)


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


@pytest.fixture
async def conversation(conversations: Conversations) -> str:
    return (await conversations.open_conversation("web", "zhang")).id


async def read_all(conversations: Conversations, conversation: str) -> list[tuple[str, str]]:
    return [(m.sender, m.text) for m in await conversations.list_messages(conversation)]


async def test_a_message_is_answered_by_the_bot(conversations: Conversations, conversation: str) -> None:
    bot = ScriptedBot()
    turn = await Turns(conversations, bot, Events()).take(conversation, "message-1", text="你好")
    assert (turn.message.text, [r.text for r in turn.replies], turn.holder) == ("你好", ["听到：你好"], "bot")
    assert bot.asked == [("你好", None)]
    assert await read_all(conversations, conversation) == [("customer", "你好"), ("bot", "听到：你好")]


async def test_the_same_message_again_gives_the_same_and_asks_nobody(
    conversations: Conversations, conversation: str
) -> None:
    bot = ScriptedBot()
    turns = Turns(conversations, bot, Events())
    first = await turns.take(conversation, "message-1", text="你好")
    assert await turns.take(conversation, "message-1", text="你好") == first
    # Another process, or this one started anew.
    assert await Turns(conversations, bot, Events()).take(conversation, "message-1", text="你好") == first
    assert len(bot.asked) == 1


async def test_a_conversation_is_answered_in_order_and_another_does_not_wait(
    conversations: Conversations, conversation: str
) -> None:
    bot = SlowBot()
    turns = Turns(conversations, bot, Events())
    stranger = (await conversations.open_conversation("web", "li")).id
    running = []
    for n in range(4):
        running.append(asyncio.create_task(turns.take(conversation, f"message-{n}", text=f"{n}")))
        await asyncio.sleep(0)
    running.append(asyncio.create_task(turns.take(stranger, "message-0", text="别人")))
    assert sorted([await bot.wait_until_asked(), await bot.wait_until_asked()]) == ["0", "别人"]
    assert bot.overlaps == {frozenset([conversation, stranger])}
    bot.gate.set()
    done = await asyncio.gather(*running)
    assert [[r.text for r in turn.replies] for turn in done] == [["答0"], ["答1"], ["答2"], ["答3"], ["答别人"]]
    assert [text for _, text in await read_all(conversations, conversation)] == [
        text for n in range(4) for text in (f"{n}", f"答{n}")
    ]


async def test_the_same_message_while_the_first_still_runs_waits_for_its_answer(
    conversations: Conversations, conversation: str
) -> None:
    bot = SlowBot()
    turns = Turns(conversations, bot, Events())
    running = [asyncio.create_task(turns.take(conversation, "message-1", text="你好")) for _ in range(5)]
    await bot.wait_until_asked()
    bot.gate.set()
    done = await asyncio.gather(*running)
    assert all(turn == done[0] for turn in done)
    assert [r.text for r in done[0].replies] == ["答你好"]
    assert bot.asked == ["你好"]
    assert len(await read_all(conversations, conversation)) == 2


async def test_a_bot_that_is_away_is_excused_and_a_human_offered(
    conversations: Conversations, conversation: str
) -> None:
    bot = ScriptedBot(None, None)
    turns = Turns(conversations, bot, Events())
    turn = await turns.take(conversation, "message-1", text="我想贷款")
    (reply,) = turn.replies
    assert (reply.text, reply.sender, turn.holder) == (APOLOGY.text, "system", "bot")
    assert [button.title for button in reply.buttons] == ["转人工"]

    pressed = await turns.take(conversation, "message-2", button_token=reply.buttons[0].token)
    assert bot.asked[-1] == ("转人工", "/request_human")
    assert ([r.text for r in pressed.replies], pressed.holder) == ([HANDOFF_WITHOUT_BOT.text], "queue")
    (waiting,) = await conversations.list_open_handoffs()
    assert [m["text"] for m in waiting.transcript] == [
        "我想贷款",
        APOLOGY.text,
        "转人工",
        HANDOFF_WITHOUT_BOT.text,
    ]


async def test_a_plain_wish_for_a_human_needs_no_bot(conversations: Conversations, conversation: str) -> None:
    turn = await Turns(conversations, ScriptedBot(None), Events()).take(conversation, "message-1", text="我要转人工")
    assert ([r.text for r in turn.replies], turn.holder) == ([HANDOFF_WITHOUT_BOT.text], "queue")
    assert [h.reason for h in await conversations.list_open_handoffs()] == ["customer_request"]


async def test_the_next_message_after_an_apology_is_answered(conversations: Conversations, conversation: str) -> None:
    turns = Turns(conversations, ScriptedBot(None), Events())
    await turns.take(conversation, "message-1", text="你好")
    assert [r.text for r in (await turns.take(conversation, "message-2", text="你好")).replies] == ["听到：你好"]


async def test_a_bot_that_refuses_is_excused_too(conversations: Conversations, conversation: str) -> None:
    class RefusingBot:
        async def answer(
            self, conversation_id: str, message_id: str, text: str, payload: str | None = None
        ) -> TurnOutcome:
            raise ServiceRefused("rasa", 401, "unauthorised", "a bearer token is needed")

    turn = await Turns(conversations, RefusingBot(), Events()).take(conversation, "message-1", text="你好")
    assert [r.text for r in turn.replies] == [APOLOGY.text]


async def test_who_waits_for_a_human_is_not_answered_by_the_bot(
    conversations: Conversations, conversation: str
) -> None:
    bot = ScriptedBot(HANDED_OVER)
    turns = Turns(conversations, bot, Events())
    assert (await turns.take(conversation, "message-1", text="转人工")).holder == "queue"
    turn = await turns.take(conversation, "message-2", text="有人吗")
    assert (turn.message.text, turn.replies, turn.holder) == ("有人吗", [], "queue")
    assert len(bot.asked) == 1
    assert len(await conversations.list_open_handoffs()) == 1


async def test_an_unknown_button_is_refused_and_leaves_nothing(conversations: Conversations, conversation: str) -> None:
    bot = ScriptedBot()
    turns = Turns(conversations, bot, Events())
    with pytest.raises(RequestError, match="unknown_button"):
        await turns.take(conversation, "message-1", button_token="made-up")
    assert bot.asked == []
    assert await read_all(conversations, conversation) == []
    assert (await turns.take(conversation, "message-2", text="你好")).replies


async def test_a_fault_of_ours_leaves_the_message_to_be_tried_again(
    conversations: Conversations, conversation: str
) -> None:
    class FaultyOnce(ScriptedBot):
        async def answer(
            self, conversation_id: str, message_id: str, text: str, payload: str | None = None
        ) -> TurnOutcome:
            outcome = await super().answer(conversation_id, message_id, text, payload)
            if len(self.asked) == 1:
                raise ZeroDivisionError
            return outcome

    turns = Turns(conversations, FaultyOnce(), Events())
    with pytest.raises(ZeroDivisionError):
        await turns.take(conversation, "message-1", text="你好")
    assert [r.text for r in (await turns.take(conversation, "message-1", text="你好")).replies] == ["听到：你好"]
    assert len(await read_all(conversations, conversation)) == 2


async def test_news_is_announced_when_it_is_recorded(conversations: Conversations, conversation: str) -> None:
    bot, events = SlowBot(), Events()
    turns = Turns(conversations, bot, events)
    with events.listen(conversation) as news:
        running = asyncio.create_task(turns.take(conversation, "message-1", text="你好"))
        await asyncio.wait_for(news.wait(), 1)
        assert len(await read_all(conversations, conversation)) == 1
        news.clear()
        bot.gate.set()
        await asyncio.wait_for(news.wait(), 1)
        await running
        assert len(await read_all(conversations, conversation)) == 2
