"""Writes down what is said to a customer, with its buttons, and puts it on its way where the channel takes messages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox, repository
from conversations.schemas import MessageView, Reply
from conversations.tables import Conversation, Message, MessageButton
from kit.news import Signal, publish
from kit.security import make_token

FETCHED_CHANNELS = frozenset({"web"})  # the customer's page fetches what is said; all others are sent it


def is_watched(conversation: Conversation) -> bool:
    """Whether a page may show what is said: the customer's own, or an agent's."""
    return conversation.holder != "bot" or conversation.customer.channel in FETCHED_CHANNELS


async def say(
    session: AsyncSession,
    conversation: Conversation,
    replies: Sequence[Reply],
    now: datetime,
    *,
    staff_id: str | None = None,
    key: str | None = None,
) -> list[MessageView]:
    """Says something that answers no message in particular, inside the caller's transaction.

    `key` names what is said (a single reply), so that it can be found again.
    """
    delivery_id = None
    if conversation.customer.channel not in FETCHED_CHANNELS:
        delivery_id = (await outbox.add_delivery(session, conversation.id, "waiting", now)).id
        await publish(session, Signal("outbox", "waiting"))
    said = await add_messages(
        session, conversation.id, replies, now, delivery_id=delivery_id, staff_id=staff_id, key=key
    )
    await publish(session, Signal(conversation.id, "message"))
    return said


async def add_messages(
    session: AsyncSession,
    conversation_id: str,
    replies: Sequence[Reply],
    now: datetime,
    *,
    answers_id: int | None = None,
    delivery_id: int | None = None,
    staff_id: str | None = None,
    key: str | None = None,
) -> list[MessageView]:
    """Outbound messages with their buttons, in order. Choices count on over all of them."""
    messages = [
        Message(
            conversation_id=conversation_id,
            direction="outbound",
            sender=reply.sender,
            text=reply.text,
            channel_message_id=key,
            answers_id=answers_id,
            delivery_id=delivery_id,
            staff_id=staff_id,
            at=now,
        )
        for reply in replies
    ]
    session.add_all(messages)
    await session.flush()
    views = []
    number = 0
    awaits_number = any(reply.awaits_number for reply in replies)
    for message, reply in zip(messages, replies, strict=True):
        buttons = [
            MessageButton(
                token=make_token(),
                conversation_id=conversation_id,
                message_id=message.id,
                position=position,
                number=None if awaits_number else number + position + 1,
                title=button.title,
                payload=button.payload,
            )
            for position, button in enumerate(reply.buttons)
        ]
        number += len(buttons)
        session.add_all(buttons)
        views.append(repository.view_message(message, buttons))
    return views
