"""Small builders: what a customer does, and what a process makes of it."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.schemas import (
    Answer,
    ClaimedMessage,
    ConsentGiven,
    HandoffRequest,
    HandoffUpdate,
    InboundMessage,
    Reply,
    ReplyButton,
    TurnOutcome,
)
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import Signal
from kit.tables import SignalRow
from tests.conversations.acts import Acts

OWNER, OTHER = "process-1", "process-2"
AN, BO, CHEN = "agent-an", "agent-bo", "agent-chen"
MOVED_ON = "409 handoff_moved_on"
PHONE = "13800001234"
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
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request"),
    consents=[ConsentGiven(purpose="quota")],
)
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
Result = TypeVar("Result")


def make_inbound(text: str, **more: Any) -> InboundMessage:
    return InboundMessage(**{"message_id": f"id-of-{text}", "text": text, **more})


async def say(
    inbox: Inbox, conversation: str, text: str, *, owner: str | None = None, **more: Any
) -> tuple[Answer, ClaimedMessage | None]:
    """The customer says something; a named process claims the conversation."""
    return await inbox.record(conversation, make_inbound(text, **more), owner=owner)


async def hear(inbox: Inbox, conversation: str, text: str, **more: Any) -> ClaimedMessage:
    """The customer says something, which the process claims."""
    _, claimed = await say(inbox, conversation, text, owner=OWNER, **more)
    assert claimed
    return claimed


async def answer(
    inbox: Inbox, claimed: ClaimedMessage, *replies: Reply | str, is_awaited: bool = False, **more: Any
) -> tuple[Answer, ClaimedMessage | None]:
    """The process answers what it has claimed; gives that, and what it has claimed then."""
    said = [Reply(text=reply) if isinstance(reply, str) else reply for reply in replies]
    outcome = TurnOutcome(replies=said, **more)
    done, following = await inbox.record_outcome(claimed, outcome, owner=OWNER, is_awaited=is_awaited)
    assert done is not None
    return done, following


async def talk(inbox: Inbox, conversation: str, text: str, *replies: Reply | str, **more: Any) -> Answer:
    """The customer says something and is answered."""
    done, _ = await answer(inbox, await hear(inbox, conversation, text), *replies, **more)
    return done


async def count(database: Database, table: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def ask_for_human(
    inbox: Inbox, handoffs: Acts, conversation: str, text: str = "转人工", **request: Any
) -> HandoffView:
    """The customer asks for a human, and waits."""
    handoff = HandoffRequest(**{"reason": "customer_request", **request})
    await talk(inbox, conversation, text, "已为您转人工客服", handoff=handoff)
    live = await handoffs.find_live(conversation)
    assert live
    return live


async def act(inbox: Inbox, conversation: str, text: str, act: Any, **more: Any) -> Answer:
    """The customer does something about a handoff of theirs, and is told so."""
    return await talk(inbox, conversation, text, f"好的，{text}", handoff_update=HandoffUpdate(act=act, **more))


async def attempt(action: Coroutine[Any, Any, Result]) -> Result | None:
    """The result of an action; None when it was refused because somebody else was faster."""
    try:
        return await action
    except RequestError as error:
        if error.status != 409:
            raise
        return None


async def read_signals(database: Database) -> list[Signal]:
    """What was told to every process so far (SQLite only)."""
    async with database.reading() as session:
        items = await session.scalars(select(SignalRow).order_by(SignalRow.id))
        return [Signal(item.subject, item.kind, item.by) for item in items]
