"""Small builders: what a customer does, and what a worker makes of it."""

from typing import Any

from sqlalchemy import func, select

from conversations.inbox import Inbox, Push
from conversations.schemas import InboundMessage, RecordedInbound, RecordedOutcome, Reply, ReplyButton, TurnOutcome
from kit.database import Database

WORKER = "worker-1"
ASK_TRADE = Reply(
    text="您主要是做什么的？",
    buttons=[
        ReplyButton(title="种地养殖", payload='/inform{"product": "农户贷"}'),
        ReplyButton(title="开店摆摊", payload='/inform{"product": "商户贷"}'),
    ],
)
ASK_AMOUNT = Reply(
    text="您想借多少？", awaits_number=True, buttons=[ReplyButton(title="还没想好", payload="/inform_unsure")]
)


def make_inbound(text: str, **more: Any) -> InboundMessage:
    return InboundMessage(**{"message_id": f"id-of-{text}", "text": text, **more})


async def say(inbox: Inbox, conversation: str, text: str, *, worker: str | None = None, **more: Any) -> RecordedInbound:
    """The customer says something; a named worker asks for the conversation."""
    return await inbox.record(conversation, make_inbound(text, **more), worker=worker)


async def answer(
    inbox: Inbox, conversation: str, inbound_id: int, *replies: Reply | str, push: Push | None = None, **more: Any
) -> RecordedOutcome:
    """The worker answers what it was given."""
    said = [Reply(text=reply) if isinstance(reply, str) else reply for reply in replies]
    outcome = TurnOutcome(replies=said, **more)
    done = await inbox.record_outcome(conversation, inbound_id, outcome, worker=WORKER, push=push)
    assert done is not None
    return done


async def talk(
    inbox: Inbox, conversation: str, text: str, *replies: Reply | str, push: Push | None = None, **more: Any
) -> RecordedOutcome:
    """The customer says something and is answered."""
    recorded = await say(inbox, conversation, text, worker=WORKER)
    return await answer(inbox, conversation, recorded.message.id, *replies, push=push, **more)


async def count(database: Database, table: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
