"""What agents, and 小禾 for them, say to customers: once, on their way where that is needed, never too late."""

import asyncio

import pytest

from conversations.handoff.rating import make_rating_buttons, read_rating
from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.schemas import TALKS, PushGrant, Reply, ReplyButton
from conversations.service import Conversations
from conversations.tables import Delivery, Message
from conversations.undelivered import Undelivered
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import Signal
from tests.conversations.acts import Acts
from tests.conversations.sending import claim_one, send
from tests.conversations.talk import (
    AN,
    ASK_TRADE,
    BO,
    MOVED_ON,
    answer,
    ask_for_human,
    count,
    hear,
    make_inbound,
    read_signals,
    say,
    sqlite_only,
    talk,
)
from tests.fakes import FixedClock

KEY = "5d2f7a51-8f4b-4e52-9d3b-0c6a8f1e2b34"
WAIT = Reply(text="让您久等了", buttons=[ReplyButton(title="回到小禾", payload="/handoff_return")])


@pytest.fixture
async def active(handoffs: Acts, waiting: HandoffView) -> HandoffView:
    """An agent talks with the customer."""
    taken: HandoffView = await handoffs.take(waiting.id, AN)
    return taken


@pytest.fixture
async def on_wechat(record: Conversations, inbox: Inbox, handoffs: Acts, outbox: Outbox) -> HandoffView:
    """An agent talks with a customer whose platform takes messages from us."""
    conversation = (await record.open_conversation("wechat", "zhang")).id
    waiting = await ask_for_human(inbox, handoffs, conversation)
    await send(outbox, await claim_one(outbox))
    taken: HandoffView = await handoffs.take(waiting.id, AN)
    return taken


class TestSay:
    async def test_an_agents_words_are_the_agents(
        self, record: Conversations, handoffs: Acts, active: HandoffView, clock: FixedClock
    ) -> None:
        clock.move(minutes=1)
        said = await handoffs.say(active.id, AN, "您好，请讲", KEY, only_of=AN)
        assert (said.author, said.direction, said.text, said.at) == ("agent", "outbound", "您好，请讲", clock.now)
        assert said.staff_id == AN
        assert AN not in said.model_dump_json()  # customers see this
        assert (await record.list_messages(active.conversation_id))[-1] == said
        assert (await handoffs.get(active.id)).answered_at == clock.now
        clock.move(minutes=1)
        await handoffs.say(active.id, AN, "在吗", "another-key")
        assert (await handoffs.get(active.id)).answered_at == said.at

    async def test_the_same_key_says_it_once_even_after_the_end(
        self, handoffs: Acts, other_handoffs: Acts, active: HandoffView, database: Database
    ) -> None:
        before = await count(database, Message)
        each = (handoffs, other_handoffs) * 5
        said = await asyncio.gather(*(desk.say(active.id, AN, "您好", KEY) for desk in each))
        assert len({message.id for message in said}) == 1
        await handoffs.close(active.id, by=AN)
        assert await handoffs.say(active.id, AN, "您好", KEY) == said[0]
        assert await count(database, Message) == before + 1

    async def test_too_late_or_by_another_nothing_is_said(
        self, handoffs: Acts, active: HandoffView, on_wechat: HandoffView, database: Database
    ) -> None:
        before = [await count(database, table) for table in (Message, Delivery)]
        for handoff in (active, on_wechat):
            with pytest.raises(RequestError, match=MOVED_ON):
                await handoffs.say(handoff.id, BO, "您好", KEY, only_of=BO)
            await handoffs.close(handoff.id, by=AN)
            with pytest.raises(RequestError, match=MOVED_ON) as raised:
                await handoffs.say(handoff.id, AN, "再见", KEY)
            assert "没有发出" in raised.value.reason
            assert (await handoffs.get(handoff.id)).answered_at is None
        assert [await count(database, table) for table in (Message, Delivery)] == before

    async def test_nothing_is_said_to_who_still_waits(self, handoffs: Acts, waiting: HandoffView) -> None:
        await handoffs.assign(waiting.id, AN)
        with pytest.raises(RequestError, match=MOVED_ON):
            await handoffs.say(waiting.id, AN, "您好", KEY)

    async def test_a_customers_message_of_the_same_id_is_another(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, active: HandoffView
    ) -> None:
        said = await handoffs.say(active.id, AN, "您好", KEY)
        recorded, _ = await inbox.record(active.conversation_id, make_inbound("你好", message_id=KEY))
        assert (recorded.message.text, recorded.message.author) == ("你好", "customer")
        assert await handoffs.say(active.id, AN, "您好", KEY) == said
        assert [m.text for m in await record.list_last_messages(active.conversation_id, 2)] == ["您好", "你好"]


class TestDelivery:
    async def test_it_is_sent_where_the_channel_takes_messages_and_fetched_on_the_web(
        self, handoffs: Acts, outbox: Outbox, undelivered: Undelivered, active: HandoffView, on_wechat: HandoffView
    ) -> None:
        await handoffs.say(active.id, AN, "您好", KEY)
        said = await handoffs.say(on_wechat.id, AN, "您好", KEY)
        assert await undelivered.list_of_conversation(active.conversation_id) == {}
        assert await undelivered.list_of_conversation(on_wechat.conversation_id) == {said.id: ("pending", "")}
        (due,) = await outbox.claim(["web", "wechat"], 10)
        assert (due.channel, [message.text for message in due.messages]) == ("wechat", ["您好"])
        await outbox.record_part(due, 1, is_complete=True)
        assert await undelivered.list_of_conversation(on_wechat.conversation_id) == {}

    @sqlite_only
    async def test_the_deliverers_are_signalled_at_once(
        self, handoffs: Acts, active: HandoffView, on_wechat: HandoffView, database: Database
    ) -> None:
        before = len(await read_signals(database))
        await handoffs.say(active.id, AN, "您好", KEY)
        await handoffs.say(on_wechat.id, AN, "您好", KEY)
        assert (await read_signals(database))[before:] == [
            Signal(active.conversation_id, "message"),
            Signal(TALKS, "message", active.conversation_id),
            Signal("outbox", "pending"),
            Signal(on_wechat.conversation_id, "message"),
            Signal(TALKS, "message", on_wechat.conversation_id),
        ]

    async def test_what_the_platform_does_not_take_is_named_with_its_problem(
        self, inbox: Inbox, handoffs: Acts, outbox: Outbox, undelivered: Undelivered, on_wechat: HandoffView
    ) -> None:
        chat = on_wechat.conversation_id
        await say(inbox, chat, "[点击]", kind="event", grant=PushGrant(seconds=3600, messages=1))
        first = await handoffs.say(on_wechat.id, AN, "您好", "key-1")
        second = await handoffs.say(on_wechat.id, AN, "请讲", "key-2")
        (due,) = await outbox.claim(["wechat"], 10)
        await outbox.fail(due, "客户已取消关注")
        (due,) = await outbox.claim(["wechat"], 10)
        await outbox.defer(due, "要等客户再来消息")
        assert await undelivered.list_of_conversation(chat) == {
            first.id: ("failed", "客户已取消关注"),
            second.id: ("deferred", "要等客户再来消息"),
        }

    async def test_all_replies_of_a_transition_are_one_delivery(
        self, handoffs: Acts, outbox: Outbox, on_wechat: HandoffView
    ) -> None:
        replies = [Reply(text="这次服务结束了"), Reply(text="打个分吧", buttons=make_rating_buttons(on_wechat.id))]
        await handoffs.close(on_wechat.id, replies=replies, by=AN)
        (due,) = await outbox.claim(["wechat"], 10)
        assert [message.text for message in due.messages] == ["这次服务结束了", "打个分吧"]
        assert [button.number for button in due.messages[1].buttons] == [1, 2, 3, 4, 5]


class TestTell:
    async def test_a_waiting_customer_is_reassured_once_by_all_desks(
        self,
        record: Conversations,
        handoffs: Acts,
        other_handoffs: Acts,
        waiting: HandoffView,
        clock: FixedClock,
    ) -> None:
        before = await record.list_messages(waiting.conversation_id)
        clock.move(minutes=3)
        await asyncio.gather(*(desk.reassure(waiting, [WAIT]) for desk in (handoffs, other_handoffs) * 3))
        assert (await handoffs.get(waiting.id)).told_to_wait_at == clock.now
        (said,) = await record.list_messages(waiting.conversation_id, after_id=before[-1].id)
        assert (said.author, said.text, [b.title for b in said.buttons]) == ("bot", "让您久等了", ["回到小禾"])

    async def test_an_agent_is_not_talked_over(
        self, record: Conversations, handoffs: Acts, active: HandoffView, clock: FixedClock
    ) -> None:
        said = await record.list_messages(active.conversation_id)
        clock.move(minutes=3)
        await handoffs.reassure(active, [WAIT])
        assert await handoffs.get(active.id) == active
        assert await record.list_messages(active.conversation_id) == said


class TestButtons:
    async def press(self, inbox: Inbox, chat: str, key: str, token: str) -> str | None:
        """What a press means to the bot."""
        claimed = await hear(inbox, chat, "", message_id=key, button_token=token)
        await answer(inbox, claimed)
        return claimed.payload

    async def test_a_rating_may_be_given_while_the_bot_goes_on(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, active: HandoffView
    ) -> None:
        chat = active.conversation_id
        await handoffs.close(active.id, replies=[Reply(text="打分", buttons=make_rating_buttons(active.id))])
        (asked,) = await record.list_last_messages(chat, 1)
        await talk(inbox, chat, "我想贷款", ASK_TRADE)
        assert read_rating(await self.press(inbox, chat, "press-1", asked.buttons[1].token) or "") == (active.id, 2)

    async def test_what_was_shown_before_it_is_old(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str
    ) -> None:
        (shown,) = (await talk(inbox, conversation, "我想贷款", ASK_TRADE)).replies
        waiting = await ask_for_human(inbox, handoffs, conversation)
        await handoffs.reassure(waiting, [WAIT])
        (told,) = await record.list_last_messages(conversation, 1)
        assert await self.press(inbox, conversation, "press-1", shown.buttons[0].token) is None
        assert await self.press(inbox, conversation, "press-2", told.buttons[0].token) == "/handoff_return"

    async def test_a_number_chooses_among_what_was_told(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        await handoffs.reassure(waiting, [WAIT])
        claimed = await hear(inbox, waiting.conversation_id, "1", may_be_choice=True)
        assert (claimed.message.text, claimed.payload) == ("回到小禾", "/handoff_return")
