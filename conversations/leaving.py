"""Signs in the record that a customer may leave the bank: low ratings, and questions about repaying early."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Conversation, Handoff, Message

REPAY_EARLY = "repay-early"  # begins the ids of the entries about it


async def list_ratings(
    session: AsyncSession, customer_ids: Collection[str], since: datetime
) -> Mapping[str, tuple[int, ...]]:
    """The ratings of talks that ended since a moment, by customer."""
    query = (
        select(Conversation.customer_id, Handoff.rating)
        .join(Handoff, Handoff.conversation_id == Conversation.id)
        .where(Conversation.customer_id.in_(customer_ids), Handoff.rating.is_not(None), Handoff.ended_at >= since)
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for customer_id, rating in (await session.execute(query)).all():
        found[customer_id].append(rating or 0)
    return {customer_id: tuple(ratings) for customer_id, ratings in found.items()}


async def list_repay_early(
    session: AsyncSession, customer_ids: Collection[str], since: datetime
) -> Mapping[str, datetime]:
    """When customers were last answered about repaying early, since a moment."""
    query = (
        select(Conversation.customer_id, func.max(Message.at).label("at"))
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.customer_id.in_(customer_ids), Message.at >= since, Message.entry.startswith(REPAY_EARLY))
        .group_by(Conversation.customer_id)
    )
    return {row.customer_id: row.at for row in await session.execute(query)}
