"""Queries on the shared record; every function works inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations import statements
from conversations.attachments import find_document
from conversations.schemas import TALKS, ButtonView, MessageView
from conversations.tables import Conversation, Message, MessageButton
from kit.pubsub import Signal, publish


async def announce_message(session: AsyncSession, conversation: Conversation) -> None:
    """Tells the pages that show the conversation of a new message, and the lists of staff if it is theirs."""
    signals = [Signal(conversation.id, "message")]
    if conversation.holder != "bot":
        signals.append(Signal(TALKS, "message", conversation.id))
    await publish(session, *signals)


async def find_button(session: AsyncSession, conversation_id: str, token: str) -> MessageButton | None:
    """A button that was shown in this very conversation."""
    query = select(MessageButton).where(MessageButton.token == token, MessageButton.conversation_id == conversation_id)
    return (await session.scalars(query)).one_or_none()


async def list_last_choices(session: AsyncSession, conversation_id: str) -> Sequence[Any]:
    """The buttons of the bot's last replies, in the order they were shown; system messages may follow them."""
    last = (await session.execute(statements.FIND_LAST_SAID, {"conversation_id": conversation_id})).one_or_none()
    if last is None:
        return []
    return (await session.execute(statements.LIST_CHOICES, {"last_id": last.id, "answers_id": last.answers_id})).all()


async def is_last_choice(session: AsyncSession, button: Any) -> bool:
    """Whether no later turn showed buttons.

    Buttons sent on their own, such as a rating, make all earlier ones old, and stay valid while the bot goes on.
    """
    shown, later = aliased(Message), aliased(Message)
    query = (
        select(MessageButton.token)
        .join(later, later.id == MessageButton.message_id)
        .join(shown, shown.id == button.message_id)
        .where(
            MessageButton.conversation_id == button.conversation_id,
            MessageButton.message_id > button.message_id,
            or_(later.answers_id.is_(None), later.answers_id != shown.answers_id),
            later.author != "system",
        )
        .limit(1)
    )
    return await session.scalar(query) is None


async def list_replies(session: AsyncSession, inbound_id: int) -> list[MessageView]:
    """The replies to an inbound message, in order."""
    return await view_messages(session, (await session.execute(statements.LIST_REPLIES, {"key": inbound_id})).all())


async def list_messages(session: AsyncSession, conversation_id: str, after_id: int, limit: int) -> list[MessageView]:
    """Messages after an id, oldest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(limit)
    )
    return await view_messages(session, (await session.scalars(query)).all())


async def view_messages(session: AsyncSession, messages: Sequence[Any]) -> list[MessageView]:
    """Views of messages with their buttons, in the given order."""
    buttons = await _find_buttons(session, [m.id for m in messages if m.direction == "outbound"])
    return [view_message(m, buttons.get(m.id, [])) for m in messages]


def view_message(message: Any, buttons: Iterable[Any] = ()) -> MessageView:
    """The view of one message, or of a row of its table, with its buttons."""
    return MessageView.model_validate(
        {
            "id": message.id,
            "direction": message.direction,
            "author": message.author,
            "text": message.text,
            "buttons": [ButtonView.model_validate(button, extra="ignore") for button in buttons],
            "card": message.card,
            "progress": message.progress,
            "entry": message.entry,
            "document": message.document or find_document(message.payload),
            "thumb": message.thumb or ("open" if message.entry else None),
            "message_id": message.channel_message_id,
            "at": message.at,
            "staff_id": message.staff_id,
        }
    )


async def _find_buttons(session: AsyncSession, message_ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    if message_ids:
        for button in await session.execute(statements.LIST_BUTTONS, {"message_ids": message_ids}):
            found.setdefault(button.message_id, []).append(button)
    return found
