"""Says something to a customer who has not written: only where their channel takes it now."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import statements
from conversations.channels import PUSHED
from conversations.outgoing import say
from conversations.schemas import Reply
from conversations.tables import Conversation, Customer, Message
from conversations.windows import is_open, view_window


async def tell_customer(session: AsyncSession, conversation_id: str, text: str, now: datetime, *, key: str) -> bool:
    """Records a notice in the caller's transaction; false if the platform would not take it, or nobody is there.

    With the same `key` again nothing more is said. A page fetches it, at the customer's next visit at the latest. The
    words stand beside the dialogue: choices that the bot offered stay as they are.
    """
    conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one_or_none()
    if conversation is None:
        return False
    if conversation.channel in PUSHED and not is_open(view_window(conversation), now):
        return False
    is_said = Message.conversation_id == conversation_id, Message.channel_message_id == key
    if await session.scalar(select(exists().where(*is_said))):
        return True
    await say(session, conversation, [Reply(author="system", text=text)], now, key=key)
    return True


async def find_user(session: AsyncSession, conversation_id: str, channel: str) -> str | None:
    """Who the customer is on a channel; None if the conversation is on another, or gone."""
    query = (
        select(Customer.channel_user_id)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .where(Conversation.id == conversation_id, Customer.channel == channel)
    )
    return await session.scalar(query)
