"""The shared record on both kinds of database: each message acts once, nothing is lost, nothing is mixed up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from conversations.client import TRANSCRIPT_MESSAGES_MAX, Conversations
from conversations.schemas import ConsentGiven, HandoffRequest, Reply, ReplyButton, TurnOutcome
from conversations.tables import Consent, Conversation, Customer, Handoff, Message
from kit.database import Database
from kit.errors import RequestError
from tests.fakes import FixedClock

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def record(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
async def other(database_url: str, clock: FixedClock) -> AsyncIterator[Conversations]:
    """Another process on the same database."""
    opened = Database(database_url)
    yield Conversations(opened, clock)
    await opened.close()


async def open_one(record: Conversations, user: str = "zhang") -> str:
    return (await record.open_conversation("web", user)).id


async def say(record: Conversations, conversation_id: str, text: str, message_id: str = "") -> int:
    recorded = await record.record_inbound(conversation_id, message_id or f"id-of-{text}", text=text)
    return recorded.message.id


async def count(database: Database, table: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


ASK_PRODUCT = Reply(
    text="您主要是做什么的？",
    buttons=[
        ReplyButton(title="种地养殖", payload='/inform{"product": "农户贷"}'),
        ReplyButton(title="开店摆摊", payload='/inform{"product": "商户贷"}'),
    ],
)


async def test_a_conversation_is_made_once_and_found_again(record: Conversations, database: Database) -> None:
    assert await record.find_conversation("web", "zhang") is None
    opened = await record.open_conversation("web", "zhang")
    assert opened.holder == "bot"
    assert await record.open_conversation("web", "zhang") == opened
    assert await record.find_conversation("web", "zhang") == opened
    assert await record.get_conversation(opened.id) == opened
    assert await record.find_conversation("wechat", "zhang") is None
    assert (await record.open_conversation("wechat", "zhang")).id != opened.id
    assert await count(database, Conversation) == 2


async def test_opened_many_times_at_once_it_is_one(
    record: Conversations, other: Conversations, database: Database
) -> None:
    opened = await asyncio.gather(*(each.open_conversation("web", "zhang") for each in (record, other) * 5))
    assert len({conversation.id for conversation in opened}) == 1
    assert await count(database, Customer) == await count(database, Conversation) == 1


async def test_a_message_acts_once(record: Conversations, database: Database, clock: FixedClock) -> None:
    conversation = await open_one(record)
    first = await record.record_inbound(conversation, "message-1", text="你好")
    assert (first.message.text, first.message.sender, first.message.direction) == ("你好", "customer", "inbound")
    assert (first.payload, first.holder, first.replies, first.message.at) == (None, "bot", None, clock.now)

    said, holder = await record.record_outcome(
        conversation, first.message.id, TurnOutcome(replies=[Reply(text="您好"), ASK_PRODUCT])
    )
    assert [reply.text for reply in said] == ["您好", "您主要是做什么的？"]
    assert (holder, {reply.sender for reply in said}) == ("bot", {"bot"})

    clock.move(minutes=1)
    again = await record.record_inbound(conversation, "message-1", text="something else")
    assert again.message == first.message
    assert again.replies == said
    assert await count(database, Message) == 3


async def test_a_message_without_an_answer_is_still_to_be_answered(record: Conversations) -> None:
    conversation = await open_one(record)
    await say(record, conversation, "你好", "message-1")
    assert (await record.record_inbound(conversation, "message-1", text="你好")).replies is None


async def test_a_message_answered_with_silence_is_answered(record: Conversations) -> None:
    conversation = await open_one(record)
    await record.record_outcome(conversation, await say(record, conversation, "在吗", "message-1"), TurnOutcome())
    assert (await record.record_inbound(conversation, "message-1", text="在吗")).replies == []


async def test_the_same_message_from_two_processes_is_recorded_and_answered_once(
    record: Conversations, other: Conversations, database: Database
) -> None:
    conversation = await open_one(record)
    recorded = await asyncio.gather(
        *(each.record_inbound(conversation, "message-1", text="转人工") for each in (record, other) * 4)
    )
    assert len({each.message.id for each in recorded}) == 1

    outcome = TurnOutcome(
        replies=[Reply(text="已为您转人工客服")],
        handoff=HandoffRequest(reason="customer_request"),
        consents=[ConsentGiven(purpose="quota", wording_version="2026-07")],
    )
    inbound_id = recorded[0].message.id
    told = await asyncio.gather(
        *(each.record_outcome(conversation, inbound_id, outcome) for each in (record, other) * 4)
    )
    assert all(each == told[0] for each in told)
    assert [await count(database, table) for table in (Message, Handoff, Consent)] == [2, 1, 1]


async def test_the_same_id_in_two_conversations_is_two_messages(record: Conversations) -> None:
    first, second = await open_one(record, "zhang"), await open_one(record, "li")
    assert await say(record, first, "我姓张", "message-1") != await say(record, second, "我姓李", "message-1")
    assert [m.text for m in await record.list_messages(first)] == ["我姓张"]
    assert [m.text for m in await record.list_messages(second)] == ["我姓李"]


async def test_a_button_says_its_title_and_carries_its_payload(record: Conversations) -> None:
    conversation = await open_one(record)
    inbound = await say(record, conversation, "我想贷款")
    replies, _ = await record.record_outcome(conversation, inbound, TurnOutcome(replies=[ASK_PRODUCT]))
    assert [button.title for button in replies[0].buttons] == ["种地养殖", "开店摆摊"]
    assert "inform" not in replies[0].model_dump_json()

    pressed = await record.record_inbound(conversation, "press-123", button_token=replies[0].buttons[1].token)
    assert (pressed.message.text, pressed.payload) == ("开店摆摊", '/inform{"product": "商户贷"}')
    assert (await record.record_inbound(conversation, "press-123")).payload == pressed.payload


async def test_a_button_of_another_conversation_is_refused(record: Conversations, database: Database) -> None:
    first, second = await open_one(record, "zhang"), await open_one(record, "li")
    inbound = await say(record, first, "我想贷款")
    replies, _ = await record.record_outcome(first, inbound, TurnOutcome(replies=[ASK_PRODUCT]))
    for token in (replies[0].buttons[0].token, "made-up"):
        with pytest.raises(RequestError) as refused:
            await record.record_inbound(second, "press-123", button_token=token)
        assert (refused.value.status, refused.value.code) == (422, "unknown_button")
    assert await record.list_messages(second) == []
    assert await count(database, Message) == 2


async def test_history_is_in_order_and_limited(record: Conversations) -> None:
    conversation, stranger = await open_one(record, "zhang"), await open_one(record, "li")
    for n in range(4):
        inbound = await say(record, conversation, f"问{n}")
        await say(record, stranger, f"别人{n}")
        await record.record_outcome(conversation, inbound, TurnOutcome(replies=[Reply(text=f"答{n}")]))
    every = ["问0", "答0", "问1", "答1", "问2", "答2", "问3", "答3"]
    messages = await record.list_messages(conversation)
    assert [m.text for m in messages] == every
    assert [m.id for m in messages] == sorted(m.id for m in messages)
    assert [m.text for m in await record.list_messages(conversation, limit=3)] == every[:3]
    assert [m.text for m in await record.list_messages(conversation, after_id=messages[4].id)] == every[5:]
    assert [m.text for m in await record.list_messages(conversation, after_id=messages[-1].id)] == []
    assert [m.text for m in await record.list_last_messages(conversation, 3)] == every[-3:]
    assert await record.list_last_messages(conversation) == messages


async def test_history_shows_buttons_with_their_message(record: Conversations) -> None:
    conversation = await open_one(record)
    inbound = await say(record, conversation, "我想贷款", "message-1")
    replies, _ = await record.record_outcome(
        conversation, inbound, TurnOutcome(replies=[Reply(text="好的"), ASK_PRODUCT])
    )
    history = await record.list_messages(conversation)
    assert history[1:] == replies
    assert [[b.title for b in m.buttons] for m in history] == [[], [], ["种地养殖", "开店摆摊"]]
    assert [m.message_id for m in history] == ["message-1", None, None]


async def test_a_handoff_keeps_the_story_once(record: Conversations, database: Database, clock: FixedClock) -> None:
    conversation = await open_one(record)
    greeted = await say(record, conversation, "你好")
    await record.record_outcome(conversation, greeted, TurnOutcome(replies=[Reply(text="您好")]))
    wish = await say(record, conversation, "转人工")
    clock.move(minutes=3)
    slots = {"amount": 50000, "phone": "13800001234", "has_overdue": False, "quota_summary": {"quota": 60000}}
    handoff = HandoffRequest(reason="customer_request", slots=slots)
    _, holder = await record.record_outcome(
        conversation, wish, TurnOutcome(replies=[Reply(text="已为您转人工客服")], handoff=handoff)
    )
    assert holder == "queue"
    assert (await record.get_conversation(conversation)).holder == "queue"

    again = await say(record, conversation, "人呢")
    await record.record_outcome(conversation, again, TurnOutcome(handoff=HandoffRequest(reason="complaint")))
    (waiting,) = await record.list_open_handoffs()
    assert (waiting.conversation_id, waiting.channel, waiting.reason) == (conversation, "web", "customer_request")
    assert (waiting.status, waiting.slots, waiting.requested_at) == ("queued", slots, clock.now)
    assert [(m["sender"], m["text"]) for m in waiting.transcript] == [
        ("customer", "你好"),
        ("bot", "您好"),
        ("customer", "转人工"),
        ("bot", "已为您转人工客服"),
    ]
    assert await count(database, Handoff) == 1


async def test_those_who_wait_longest_come_first(record: Conversations, clock: FixedClock) -> None:
    for user in ("zhang", "li", "wang"):
        conversation = await open_one(record, user)
        inbound = await say(record, conversation, "转人工")
        await record.record_outcome(conversation, inbound, TurnOutcome(handoff=HandoffRequest(reason=user)))
        clock.move(minutes=-1)
    assert [h.reason for h in await record.list_open_handoffs()] == ["wang", "li", "zhang"]
    assert [h.reason for h in await record.list_open_handoffs(limit=1)] == ["wang"]


@sqlite_only
async def test_a_long_story_is_cut_at_its_beginning(record: Conversations) -> None:
    conversation = await open_one(record)
    many = [Reply(text=str(n)) for n in range(TRANSCRIPT_MESSAGES_MAX + 10)]
    inbound = await say(record, conversation, "转人工")
    handoff = HandoffRequest(reason="customer_request")
    await record.record_outcome(conversation, inbound, TurnOutcome(replies=many, handoff=handoff))
    (waiting,) = await record.list_open_handoffs()
    assert [m["text"] for m in waiting.transcript] == [reply.text for reply in many[10:]]


async def test_a_consent_is_recorded_for_the_customer(
    record: Conversations, database: Database, clock: FixedClock
) -> None:
    opened = await record.open_conversation("web", "zhang")
    inbound = await say(record, opened.id, "同意")
    consents = [ConsentGiven(purpose="application", wording_version="2026-07")]
    await record.record_outcome(opened.id, inbound, TurnOutcome(consents=consents))
    async with database.reading() as session:
        (consent,) = await session.scalars(select(Consent))
    assert (consent.customer_id, consent.given_at) == (opened.customer_id, clock.now)
    assert (consent.purpose, consent.wording_version) == ("application", "2026-07")


async def test_an_outcome_that_cannot_be_stored_leaves_nothing(record: Conversations, database: Database) -> None:
    conversation = await open_one(record)
    inbound = await say(record, conversation, "转人工", "message-1")
    handoff = HandoffRequest(reason="customer_request", slots={"amount": object()})
    with pytest.raises(Exception, match="not JSON serializable"):
        await record.record_outcome(
            conversation, inbound, TurnOutcome(replies=[Reply(text="已为您转人工客服")], handoff=handoff)
        )
    assert (await record.get_conversation(conversation)).holder == "bot"
    assert [m.text for m in await record.list_messages(conversation)] == ["转人工"]
    assert (await record.record_inbound(conversation, "message-1", text="转人工")).replies is None
