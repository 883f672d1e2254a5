"""The shared record on both kinds of database: who writes, what was said, who waits."""

import asyncio

from sqlalchemy import select

from conversations.inbox import Inbox
from conversations.schemas import ConsentGiven, PushGrant, Reply, Window
from conversations.service import Conversations, UnansweredWords
from conversations.tables import Conversation, Customer
from kit.database import Database
from privacy.purposes import load_purposes
from privacy.tables import LedgerRecord
from tests.conversations.acts import Acts
from tests.conversations.talk import ASK_TRADE, ask_for_human, count, say, talk
from tests.fakes import FixedClock


async def test_a_conversation_is_made_once_and_found_again(record: Conversations, database: Database) -> None:
    assert await record.find_conversation("web", "zhang") is None
    opened = await record.open_conversation("web", "zhang")
    assert (opened.holder, opened.window) == ("bot", None)
    assert await record.open_conversation("web", "zhang") == opened
    assert await record.find_conversation("web", "zhang") == opened
    assert await record.get_conversation(opened.id) == opened
    assert await record.find_conversation("wechat", "zhang") is None
    assert (await record.open_conversation("wechat", "zhang")).id != opened.id
    assert await count(database, Conversation) == 2


async def test_opened_many_times_at_once_it_is_one(
    record: Conversations, elsewhere: Database, database: Database
) -> None:
    each = (record, Conversations(elsewhere)) * 5
    opened = await asyncio.gather(*(process.open_conversation("web", "zhang") for process in each))
    assert len({conversation.id for conversation in opened}) == 1
    assert await count(database, Customer) == await count(database, Conversation) == 1


async def test_history_is_in_order_and_limited(record: Conversations, inbox: Inbox, conversation: str) -> None:
    stranger = (await record.open_conversation("web", "li")).id
    for n in range(4):
        await say(inbox, stranger, f"别人{n}")
        await talk(inbox, conversation, f"问{n}", f"答{n}")
    every = ["问0", "答0", "问1", "答1", "问2", "答2", "问3", "答3"]
    messages = await record.list_messages(conversation)
    assert [m.text for m in messages] == every
    assert [m.id for m in messages] == sorted(m.id for m in messages)
    assert [m.text for m in await record.list_messages(conversation, limit=3)] == every[:3]
    assert [m.text for m in await record.list_messages(conversation, after_id=messages[4].id)] == every[5:]
    assert [m.text for m in await record.list_messages(conversation, after_id=messages[-1].id)] == []
    assert [m.text for m in await record.list_last_messages(conversation, 3)] == every[-3:]
    assert await record.list_last_messages(conversation) == messages


async def test_words_that_no_person_answered_are_counted(
    record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str, clock: FixedClock
) -> None:
    await talk(inbox, conversation, "问", "答")
    assert await record.find_unanswered([conversation]) == {}  # the bot's
    clock.move(seconds=1)
    handoff = await ask_for_human(inbox, handoffs, conversation, "转人工")
    clock.move(seconds=1)
    await handoffs.take(handoff.id, "an", replies=[Reply(text="您好，我是安宁", author="agent")])
    asked = (await record.list_last_messages(conversation, 3))[0]
    assert asked.text == "转人工"
    found = await record.find_unanswered([conversation, "nobody"])
    assert found == {conversation: UnansweredWords(1, asked.at, asked.at, asked.id)}  # a greeting is no answer
    await say(inbox, conversation, "还在吗")
    last = (await record.list_last_messages(conversation, 1))[0]
    found = await record.find_unanswered([conversation])
    assert found == {conversation: UnansweredWords(2, asked.at, last.at, last.id)}
    assert await record.find_last_words([conversation, "nobody"]) == {conversation: (last.id, last.at)}
    await handoffs.say(handoff.id, "an", "在的", "key-1")
    assert await record.find_unanswered([conversation]) == {}
    await handoffs.close(handoff.id, by="an")
    await say(inbox, conversation, "谢谢")
    assert await record.find_unanswered([conversation]) == {}  # the bot's again


async def test_history_shows_buttons_with_their_message(record: Conversations, inbox: Inbox, conversation: str) -> None:
    replies = (await talk(inbox, conversation, "我想贷款", "好的", ASK_TRADE)).replies
    history = await record.list_messages(conversation)
    assert history[1:] == replies
    assert [[b.title for b in m.buttons] for m in history] == [[], [], ["种地养殖", "开店摆摊"]]
    assert [m.message_id for m in history] == ["id-of-我想贷款", None, None]


async def test_the_window_of_a_platform_that_counts_is_shown(
    record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await say(inbox, conversation, "你好", grant=PushGrant(seconds=60, messages=5))
    until = clock.now.replace(minute=clock.now.minute + 1)
    assert (await record.get_conversation(conversation)).window == Window(until=until, left=5)


async def test_a_consent_is_recorded_for_the_customer(
    record: Conversations, inbox: Inbox, database: Database, clock: FixedClock
) -> None:
    opened = await record.open_conversation("web", "zhang")
    await talk(inbox, opened.id, "同意", consents=[ConsentGiven(purpose="application")])
    async with database.reading() as session:
        (consent,) = await session.scalars(select(LedgerRecord))
    assert (consent.kind, consent.customer_id, consent.at) == ("consent_given", opened.customer_id, clock.now)
    assert (consent.purpose, consent.wording_version, consent.details) == (
        "application",
        load_purposes()["application"].version,
        {"how": "words"},
    )
