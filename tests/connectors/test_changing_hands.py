"""A conversation changes hands in the very moment a customer writes: they are answered by whoever has it then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from connectors.customer_limits import CustomerLimits
from connectors.delivery import Deliverer
from connectors.message_worker import MessageWorker
from connectors.pending_replies import PendingReplies
from connectors.responder import Responder
from connectors.settings import GatewaySettings
from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.schemas import Answer, ClaimedMessage, InboundMessage
from conversations.service import Conversations
from documents.service import Documents
from kit.database import Database
from kit.limits import MemoryLimiter
from kit.pubsub import PubSub
from tests.connectors.talk import NO_PHONE_CODES, Talk, make_pictures, make_rights_replies, make_waiting_replies
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence
from tests.waiting import WAIT_SECONDS
from understanding.understand import Understanding

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PHONE = "13800001234"
Meanwhile = Callable[[], Awaitable[Any]]


class HurriedInbox(Inbox):
    """Each of the things that happen `meanwhile` comes between a decision and its recording."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.meanwhile: list[Meanwhile] = []

    async def record_outcome(self, *given: Any, **named: Any) -> tuple[Answer | None, ClaimedMessage | None]:
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return await super().record_outcome(*given, **named)


class Gateway:
    """A whole gateway process but for its channels."""

    def __init__(self, database: Database, clock: FixedClock, bot: ScriptedBot) -> None:
        self.inbox = HurriedInbox(database, clock)
        waiting, rights = make_waiting_replies(database, clock), make_rights_replies(database, clock, bot)
        pictures = make_pictures(database, clock, bot)
        responder = Responder(bot, Understanding(ScriptedEvidence()), waiting, rights, NO_PHONE_CODES, pictures)
        deliverer = Deliverer(Outbox(database, clock), PubSub(database, clock), Documents(database).read)
        limits = CustomerLimits(GatewaySettings(), MemoryLimiter())
        self.worker = MessageWorker(self.inbox, responder, PendingReplies(self.inbox), deliverer, limits)

    async def take(self, conversation_id: str, text: str, *meanwhile: Meanwhile, **more: Any) -> Answer:
        """The customer writes; what happens meanwhile happens while the gateway thinks."""
        self.inbox.meanwhile = list(meanwhile)
        message = InboundMessage(message_id=f"late-{text}", text=text, **more)
        result = await self.worker.take(conversation_id, message, seconds=WAIT_SECONDS)
        assert self.inbox.meanwhile == []
        return result


@pytest.fixture
async def gateway(database: Database, clock: FixedClock, bot: ScriptedBot) -> AsyncIterator[Gateway]:
    made = Gateway(database, clock, bot)
    yield made
    await made.worker.finish()


def read(result: Answer) -> tuple[list[str], str]:
    """What is said in answer, and who has the conversation."""
    return [reply.text for reply in result.replies], result.holder


class TestBackToTheBot:
    @pytest.mark.parametrize("event", ["close", "return", "book_callback"])
    async def test_who_writes_as_the_agent_ends_the_talk_is_answered_by_the_bot(
        self, talk: Talk, gateway: Gateway, bot: ScriptedBot, event: Any
    ) -> None:
        handoff = await talk.begin_wait()
        await talk.handoffs.take(handoff.id, "li")
        chat = await talk.find_id()
        result = await gateway.take(chat, "利率多少", lambda: talk.handoffs.move(handoff.id, event, staff_id="li"))
        assert read(result) == (["听到：利率多少"], "bot")
        assert bot.asked[1:] == [("利率多少", None)]
        assert [message.text for message in await talk.list_messages()][-2:] == ["利率多少", "听到：利率多少"]
        again = await gateway.worker.take(
            chat, InboundMessage(message_id="late-利率多少", text="利率多少"), seconds=WAIT_SECONDS
        )
        assert (again.replies, len(bot.asked)) == (result.replies, 2)

    async def test_what_the_customer_who_waited_writes_is_the_bots_too(self, talk: Talk, gateway: Gateway) -> None:
        handoff = await talk.begin_wait()
        talk.clock.move(minutes=2)
        result = await gateway.take(
            await talk.find_id(), "利率多少", lambda: talk.handoffs.return_to_bot(handoff.id, by="li")
        )
        assert read(result) == (["听到：利率多少"], "bot")
        assert (await talk.get_handoff()).told_to_wait_at == handoff.told_to_wait_at

    async def test_on_a_channel_that_is_sent_to_only_the_answer_that_counts_is_sent(
        self, database: Database, clock: FixedClock, bot: ScriptedBot, outbox: Outbox
    ) -> None:
        talk = Talk(database, clock, bot, channel="telegram")
        handoff = await talk.begin_wait()
        (asked,) = await outbox.claim(["telegram"], 10)
        await outbox.record_part(asked, 1, is_complete=True)
        clock.move(minutes=2)
        gateway = Gateway(database, clock, bot)
        result = await gateway.take(
            await talk.find_id(), "利率多少", lambda: talk.handoffs.return_to_bot(handoff.id, by="li")
        )
        await gateway.worker.finish()
        assert result.passive_reply_id
        clock.move(minutes=1)
        sent = [[message.text for message in due.messages] for due in await outbox.claim(["telegram"], 10)]
        assert sent == [["听到：利率多少"]]


class TestToTheAgent:
    async def is_untouched(self, talk: Talk, taken: HandoffView) -> bool:
        """Nothing was promised behind the agent's back."""
        return (await talk.get_handoff(), await talk.list_consents()) == (taken, [])

    @pytest.mark.parametrize(
        "text", [PHONE, "可以", "不等了", "我被骗了", "在吗"], ids=["books", "agrees", "gives up", "sensitive", "asks"]
    )
    async def test_who_writes_as_the_agent_takes_them_is_left_to_the_agent(
        self, talk: Talk, gateway: Gateway, bot: ScriptedBot, text: str
    ) -> None:
        handoff = await talk.begin_wait(phone="13900005678")
        await talk.press("预约回电")
        talk.clock.move(minutes=2)
        result = await gateway.take(await talk.find_id(), text, lambda: talk.handoffs.take(handoff.id, "li"))
        assert read(result) == ([], "agent")
        taken = await talk.get_handoff()
        assert (taken.state, taken.agent_id, taken.due_at, taken.reason) == (
            "active",
            "li",
            handoff.due_at,
            "customer_request",
        )
        assert await self.is_untouched(talk, taken)
        assert [message.text for message in await talk.list_messages()][-1] == text  # the agent reads it
        assert len(bot.asked) == 1

    async def test_a_button_that_books_a_call_does_nothing_either(self, talk: Talk, gateway: Gateway) -> None:
        handoff = await talk.begin_wait(phone=PHONE)
        await talk.press("预约回电")
        token = (await talk.list_messages())[-1].buttons[0].token
        result = await gateway.take(
            await talk.find_id(),
            "",
            lambda: talk.handoffs.take(handoff.id, "li"),
            button_token=token,
        )
        assert read(result) == ([], "agent")
        taken = await talk.get_handoff()
        assert taken.state == "active"
        assert await self.is_untouched(talk, taken)
        assert (await talk.list_messages())[-1].text == "就打这个"


async def test_taken_and_ended_in_one_breath_it_is_the_bots(talk: Talk, gateway: Gateway) -> None:
    handoff = await talk.begin_wait()
    events: list[Any] = ["take", "close"]

    def make(event: Any) -> Meanwhile:
        return lambda: talk.handoffs.move(handoff.id, event, staff_id="li")

    result = await gateway.take(await talk.find_id(), "利率多少", *map(make, events))
    assert read(result) == (["听到：利率多少"], "bot")


async def test_what_follows_meanwhile_is_answered_after_it(
    talk: Talk, gateway: Gateway, database: Database, clock: FixedClock
) -> None:
    handoff = await talk.begin_wait()
    chat = await talk.find_id()

    async def write_on_and_end() -> None:
        await Inbox(database, clock).record(chat, InboundMessage(message_id="next", text="要抵押吗"))
        await talk.handoffs.return_to_bot(handoff.id, by="li")

    await gateway.take(chat, "利率多少", write_on_and_end)
    await gateway.worker.finish()
    said = [message.text for message in await Conversations(database, clock).list_messages(chat)]
    assert said[-4:] == ["利率多少", "要抵押吗", "听到：利率多少", "听到：要抵押吗"]
