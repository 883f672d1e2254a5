"""Deliveries that did not reach their customer (yet) and messages that could not be answered, for the staff."""

from datetime import timedelta

from sqlalchemy import or_, select

from conversations.schemas import UndeliveredView
from conversations.tables import Conversation, Customer, Delivery, Message
from kit.clock import Clock, read_clock
from kit.database import Database

SHOWN_TIME = timedelta(days=7)
GIVEN_UP = "系统故障，没能答复客户"


class Undelivered:
    """Queries on undelivered messages."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self, limit: int = 50) -> list[UndeliveredView]:
        """The newest first; failed and expired ones are listed for a week."""
        since = self._clock() - SHOWN_TIME
        deliveries = (
            select(Delivery, Customer.channel, Customer.source)
            .join(Conversation, Conversation.id == Delivery.conversation_id)
            .join(Customer, Customer.id == Conversation.customer_id)
            .where(
                or_(Delivery.state.in_(("deferred", "failed", "expired")), Delivery.problem.is_not(None)),
                Delivery.state != "sent",
                Delivery.expires_at > since,
            )
            .order_by(Delivery.id.desc())
            .limit(limit)
        )
        given_up = (
            select(Message, Customer.channel, Customer.source)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .join(Customer, Customer.id == Conversation.customer_id)
            .where(Message.is_given_up, Message.at > since)
            .order_by(Message.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            found = (await session.execute(deliveries)).all()
            texts: dict[int | None, list[str]] = {}
            said = select(Message.delivery_id, Message.text).where(
                Message.delivery_id.in_([row[0].id for row in found])
            )
            for delivery_id, text in (await session.execute(said.order_by(Message.id))).all():
                texts.setdefault(delivery_id, []).append(text)
            views = [
                UndeliveredView.model_validate(
                    {
                        "conversation_id": delivery.conversation_id,
                        "channel": channel,
                        "source": source,
                        "state": delivery.state,
                        "problem": delivery.problem or "",
                        "text": "\n".join(texts.get(delivery.id, [])),
                        "created_at": delivery.created_at,
                    }
                )
                for delivery, channel, source in found
            ]
            views += [
                UndeliveredView(
                    conversation_id=message.conversation_id,
                    channel=channel,
                    source=source,
                    state="unanswered",
                    problem=GIVEN_UP,
                    text=message.text,
                    created_at=message.at,
                )
                for message, channel, source in (await session.execute(given_up)).all()
            ]
        return sorted(views, key=lambda view: view.created_at, reverse=True)[:limit]

    async def list_of_conversation(self, conversation_id: str) -> dict[int, tuple[str, str]]:
        """Messages that have not reached their customer: id -> state of the delivery, and its problem."""
        query = (
            select(Message.id, Delivery.state, Delivery.problem)
            .join(Delivery, Delivery.id == Message.delivery_id)
            .where(Message.conversation_id == conversation_id, Delivery.state != "sent")
        )
        async with self._database.reading() as session:
            return {key: (state, problem or "") for key, state, problem in (await session.execute(query)).all()}
