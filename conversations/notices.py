"""Says something to a customer who has not written: only where their channel takes it now."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import statements
from conversations.channels import PUSHED
from conversations.outgoing import say
from conversations.schemas import Reply
from conversations.tables import Conversation, Customer, Message
from conversations.windows import is_open, view_window

# `pushed`: it reaches the customer by itself. `shown`: on a page that they may have closed.
Told = Literal["pushed", "shown", ""]


async def tell_customer(session: AsyncSession, conversation_id: str, text: str, now: datetime, *, key: str) -> Told:
    """Records a notice in the caller's transaction; gives nothing if the platform would not take it now.

    With the same `key` again nothing more is said. The words stand beside the dialogue: choices that the bot offered
    stay as they are.
    """
    conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one_or_none()
    if conversation is None:
        return ""
    is_pushed = conversation.channel in PUSHED
    if is_pushed and not is_open(view_window(conversation), now):
        return ""
    told: Told = "pushed" if is_pushed else "shown"
    is_said = Message.conversation_id == conversation_id, Message.channel_message_id == key
    if await session.scalar(select(exists().where(*is_said))):
        return told
    await say(session, conversation, [Reply(author="system", text=text)], now, key=key)
    return told


async def is_told(session: AsyncSession, conversation_ids: Collection[str], key: str) -> bool:
    """Whether the notice of a key was said in one of these conversations."""
    is_said = Message.conversation_id.in_(conversation_ids), Message.channel_message_id == key
    return bool(await session.scalar(select(exists().where(*is_said))))


async def put_pushed_first(session: AsyncSession, conversation_ids: Sequence[str]) -> list[str]:
    """The same conversations: before the others, those on channels where a notice reaches the customer by itself."""
    is_pushed = Conversation.id.in_(conversation_ids), Customer.channel.in_(PUSHED)
    query = select(Conversation.id).join(Customer, Conversation.customer_id == Customer.id).where(*is_pushed)
    pushed = set(await session.scalars(query))
    return sorted(conversation_ids, key=lambda each: each not in pushed)


async def find_user(session: AsyncSession, conversation_id: str, channel: str) -> str | None:
    """Who the customer is on a channel; None if the conversation is on another, or gone."""
    query = (
        select(Customer.channel_user_id)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .where(Conversation.id == conversation_id, Customer.channel == channel)
    )
    return await session.scalar(query)
