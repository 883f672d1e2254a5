"""Queries on the shared record; every function works inside the caller's transaction."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.schemas import ButtonView, ConversationView, HandoffView, MessageView
from conversations.tables import Conversation, Customer, Handoff, Message, MessageButton


async def find_conversation(session: AsyncSession, channel: str, channel_user_id: str) -> Conversation | None:
    """The customer's conversation on a channel."""
    query = (
        select(Conversation)
        .join(Customer)
        .where(Customer.channel == channel, Customer.channel_user_id == channel_user_id)
    )
    return (await session.scalars(query)).one_or_none()


async def lock_turn(
    session: AsyncSession, conversation_id: str, inbound: ColumnElement[bool]
) -> tuple[Conversation, Message | None]:
    """A conversation and one inbound message of it, if there is such a one.

    The conversation is kept from other writers until the transaction ends (SQLite locks the whole file).
    """
    locked = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    conversation = (await session.scalars(locked)).one()
    # Only after the lock is held: a join would show PostgreSQL's view from before the wait.
    found = select(Message).where(Message.conversation_id == conversation_id, inbound)
    return conversation, (await session.scalars(found)).one_or_none()


async def find_button(session: AsyncSession, conversation_id: str, token: str) -> MessageButton | None:
    """A button that was shown in this very conversation."""
    query = select(MessageButton).where(MessageButton.token == token, MessageButton.conversation_id == conversation_id)
    return (await session.scalars(query)).one_or_none()


async def list_replies(session: AsyncSession, inbound_id: int) -> list[MessageView]:
    """What was said in answer to an inbound message, in order."""
    query = select(Message).where(Message.answers_id == inbound_id).order_by(Message.id)
    return await view_messages(session, (await session.scalars(query)).all())


async def list_messages(session: AsyncSession, conversation_id: str, after_id: int, limit: int) -> list[MessageView]:
    """Messages after an id, oldest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(limit)
    )
    return await view_messages(session, (await session.scalars(query)).all())


async def list_last_messages(session: AsyncSession, conversation_id: str, limit: int) -> list[MessageView]:
    """The newest messages, oldest of them first."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(limit)
    newest_first = (await session.scalars(query)).all()
    return await view_messages(session, newest_first[::-1])


async def list_open_handoffs(session: AsyncSession, limit: int) -> list[HandoffView]:
    """Handoffs that wait for a human, longest waiting first."""
    query = (
        select(Handoff, Customer.channel)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(Handoff.status == "queued")
        .order_by(Handoff.requested_at)
        .limit(limit)
    )
    return [
        HandoffView(
            id=handoff.id,
            conversation_id=handoff.conversation_id,
            channel=channel,
            reason=handoff.reason,
            status=handoff.status,
            transcript=handoff.transcript,
            slots=handoff.slots,
            requested_at=handoff.requested_at,
        )
        for handoff, channel in (await session.execute(query)).all()
    ]


async def view_messages(session: AsyncSession, messages: Sequence[Message]) -> list[MessageView]:
    """Views of messages with their buttons, in the given order."""
    buttons = await _find_buttons(session, [m.id for m in messages if m.direction == "outbound"])
    return [view_message(m, buttons.get(m.id, [])) for m in messages]


def view_message(message: Message, buttons: Iterable[MessageButton] = ()) -> MessageView:
    """The view of one message with its buttons."""
    return MessageView.model_validate(
        {
            "id": message.id,
            "direction": message.direction,
            "sender": message.sender,
            "text": message.text,
            "buttons": [ButtonView(title=b.title, token=b.token) for b in buttons],
            "message_id": message.channel_message_id,
            "at": message.at,
        }
    )


def view_conversation(conversation: Conversation) -> ConversationView:
    """The view of a conversation."""
    return ConversationView.model_validate(
        {"id": conversation.id, "customer_id": conversation.customer_id, "holder": conversation.holder}
    )


async def _find_buttons(session: AsyncSession, message_ids: list[int]) -> dict[int, list[MessageButton]]:
    found: dict[int, list[MessageButton]] = {}
    if message_ids:
        query = select(MessageButton).where(MessageButton.message_id.in_(message_ids)).order_by(MessageButton.position)
        for button in await session.scalars(query):
            found.setdefault(button.message_id, []).append(button)
    return found
