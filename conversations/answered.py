"""Which entries answered customers, one after another."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations.schemas import find_entry_id
from conversations.tables import Message
from conversations.turn_view import FOLLOWS_WITHIN


class AnsweredTurn(NamedTuple):
    """A turn and the entry that answered it; `is_pressed`: the customer pressed its button rather than ask."""

    conversation_id: str
    turn_id: int
    at: datetime
    entry_id: str
    is_pressed: bool


async def list_answered(session: AsyncSession, since: datetime) -> list[AnsweredTurn]:
    """What answered since a moment, by conversation, oldest first."""
    turn = aliased(Message)
    query = (
        select(Message.conversation_id, turn.id, turn.at, Message.entry, turn.payload.is_not(None))
        .join(turn, Message.answers_id == turn.id)
        .where(Message.entry.is_not(None), Message.at >= since)
        .order_by(Message.conversation_id, Message.id)
    )
    return [
        AnsweredTurn(conversation_id, turn_id, at, find_entry_id(str(entry)), is_pressed)
        for conversation_id, turn_id, at, entry, is_pressed in await session.execute(query)
    ]


def count_asked_next(answered: Iterable[AnsweredTurn]) -> Counter[tuple[str, str]]:
    """How many conversations asked for the one entry and right after, in words of their own, for the other.

    `answered` as `list_answered` gives it.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for _, own in groupby(answered, key=lambda each: each.conversation_id):
        counts.update({(one.entry_id, other.entry_id) for one, other in pairwise(own) if _is_next(one, other)})
    return counts


def _is_next(one: AnsweredTurn, other: AnsweredTurn) -> bool:
    return (
        one.turn_id != other.turn_id
        and one.entry_id != other.entry_id
        and not other.is_pressed
        and other.at - one.at <= FOLLOWS_WITHIN
    )
