"""What the shared record says of a gateway that runs in another process."""

from sqlalchemy import func, select

from conversations.tables import Conversation, Delivery, Message
from kit.database import Database


async def is_settled(database: Database) -> bool:
    """Nothing is left to be answered or sent."""
    open_deliveries = select(func.count()).where(Delivery.state.in_(("passive", "pending")))
    open_turns = select(func.count()).where(Conversation.lease_until.is_not(None))
    async with database.reading() as session:
        return not await session.scalar(open_deliveries) and not await session.scalar(open_turns)


async def count_turns(database: Database) -> int:
    """Messages of customers that were answered."""
    answered = select(func.count()).where(Message.direction == "inbound", Message.answered_at.is_not(None))
    async with database.reading() as session:
        return await session.scalar(answered) or 0


async def describe_progress(database: Database) -> str:
    """Changes whenever a message or a delivery comes one step further."""
    messages = select(func.count(), func.sum(Message.attempts), func.count(Message.answered_at))
    deliveries = select(func.count(), func.sum(Delivery.attempts), func.sum(Delivery.parts_sent))
    async with database.reading() as session:
        return str([(await session.execute(query)).one() for query in (messages, deliveries)])
