"""A platform may take a message and say later that it did not arrive."""

import pytest

from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from kit.database import Database
from kit.pubsub import Signal
from tests.conversations.sending import claim, claim_one, send
from tests.conversations.talk import read_signals, talk


@pytest.fixture
async def conversation(record: Conversations) -> str:
    return (await record.open_conversation("wecom_service", "wk1/zhang")).id


async def test_what_was_sent_and_did_not_arrive_is_shown_with_the_reason(
    inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str
) -> None:
    (reply,) = (await talk(inbox, conversation, "一", "答一")).replies
    await send(outbox, await claim_one(outbox))
    for _ in range(2):  # the platform may tell it twice
        await undelivered.record(conversation, reply.id, "客户拒收")
    assert [(each.state, each.problem, each.text) for each in await undelivered.list_all()] == [
        ("failed", "客户拒收", "答一")
    ]
    assert await undelivered.list_of_conversation(conversation) == {reply.id: ("failed", "客户拒收")}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_whoever_looks_at_the_conversation_is_told(
    inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, database: Database
) -> None:
    (reply,) = (await talk(inbox, conversation, "一", "答一")).replies
    await send(outbox, await claim_one(outbox))
    before = len(await read_signals(database))
    for _ in range(2):
        await undelivered.record(conversation, reply.id, "客户拒收")
    assert (await read_signals(database))[before:] == [Signal(conversation, "window")]


async def test_parts_that_are_left_are_not_sent_any_more(
    inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str
) -> None:
    (reply,) = (await talk(inbox, conversation, "一", "答一")).replies
    due = await claim_one(outbox)
    await undelivered.record(conversation, reply.id, "客户拒收")
    assert await outbox.record_part(due, 1, is_complete=False) is False
    assert await claim(outbox) == []


async def test_nothing_happens_for_what_is_not_theirs_or_was_not_ours(
    record: Conversations, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str
) -> None:
    stranger = (await record.open_conversation("wecom_service", "wk1/li")).id
    answer = await talk(inbox, conversation, "一", "答一")
    await send(outbox, await claim_one(outbox))
    await undelivered.record(stranger, answer.replies[0].id, "客户拒收")
    await undelivered.record(conversation, answer.message.id, "客户拒收")
    await undelivered.record(conversation, 999_999_999, "客户拒收")
    assert await undelivered.list_all() == []
