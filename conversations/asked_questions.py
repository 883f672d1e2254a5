"""How far customers came in a form: which of its questions each was asked, and which last."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Message


class AskedQuestions(NamedTuple):
    """The slots that a conversation's customer was asked for in a form, in the order of the last time."""

    conversation_id: str
    slots: tuple[str, ...]


async def list_asked(session: AsyncSession, form: str, since: datetime, until: datetime) -> list[AskedQuestions]:
    """Those of each conversation in which the form asked something in a period."""
    is_asked = Message.asked.startswith(f"{form}.", autoescape=True), Message.at >= since, Message.at < until
    last = func.max(Message.id)
    query = select(Message.conversation_id, Message.asked).where(*is_asked)
    rows = await session.execute(query.group_by(Message.conversation_id, Message.asked).order_by(last))
    slots: dict[str, list[str]] = {}
    for conversation_id, asked in rows:
        slots.setdefault(conversation_id, []).append(str(asked).removeprefix(f"{form}."))
    return [AskedQuestions(conversation_id, tuple(own)) for conversation_id, own in slots.items()]
