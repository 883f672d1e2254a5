"""Deliveries that did not reach their customer (yet) and messages that could not be answered, for the staff."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from conversations.schemas import Value
from conversations.tables import Conversation, Customer, Delivery, Handoff, Message
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.outbox import PROBLEM_LENGTH_MAX
from kit.pubsub import Signal, publish

SHOWN_TIME = timedelta(days=7)
GIVEN_UP = "系统故障，没能答复客户"


class UndeliveredView(Value):
    """A delivery that has not reached its customer, or a message we gave up on (`unanswered`), as staff see it."""

    conversation_id: str
    channel: str
    source: str | None
    state: Literal["pending", "deferred", "failed", "expired", "unanswered"]
    problem: str
    text: str
    created_at: datetime


class Undelivered:
    """Undelivered messages: queries, and those of which the platform tells afterwards."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self, limit: int = 50, *, of: str | None = None) -> list[UndeliveredView]:
        """The newest first; failed and expired ones are listed for a week.

        `of`: of this member's customers only: whom they manage, serve or served last. None: of all.
        """
        is_theirs = true() if of is None else _is_served_by(of)
        since = self._clock() - SHOWN_TIME
        problem = func.coalesce(Delivery.problem, "").label("problem")
        is_late = or_(Delivery.state.in_(("deferred", "failed", "expired")), Delivery.problem.is_not(None))
        deliveries = (
            _select(Delivery, Delivery.id, Delivery.state, problem, Delivery.created_at)
            .where(is_theirs, is_late, Delivery.state != "sent", Delivery.expires_at > since)
            .limit(limit)
        )
        given_up = (
            _select(
                Message,
                literal("unanswered").label("state"),
                literal(GIVEN_UP).label("problem"),
                Message.text,
                Message.at.label("created_at"),
            )
            .where(is_theirs, Message.is_given_up, Message.at > since)
            .limit(limit)
        )
        texts: defaultdict[int | None, list[str]] = defaultdict(list)
        async with self._database.reading() as session:
            found = (await session.execute(deliveries)).all()
            said = select(Message.delivery_id, Message.text).where(Message.delivery_id.in_([row.id for row in found]))
            for delivery_id, text in (await session.execute(said.order_by(Message.id))).all():
                texts[delivery_id].append(text)
            views = [
                UndeliveredView.model_validate({**row._mapping, "text": "\n".join(texts[row.id])}, extra="ignore")
                for row in found
            ]
            views += [UndeliveredView.model_validate(row) for row in (await session.execute(given_up)).all()]
        return sorted(views, key=lambda view: view.created_at, reverse=True)[:limit]

    async def record(self, conversation_id: str, message_id: int, problem: str) -> None:
        """A message that the platform took did not arrive after all; nothing happens for one of somebody else's."""
        sent = select(Message.delivery_id).where(
            Message.id == message_id, Message.conversation_id == conversation_id, Message.direction == "outbound"
        )
        failed = update(Delivery).where(Delivery.id.in_(sent), Delivery.state.in_(("passive", "pending", "sent")))
        async with self._database.transaction() as session:
            changed = failed.values(state="failed", problem=problem[:PROBLEM_LENGTH_MAX]).returning(Delivery.id)
            if (await session.execute(changed)).first():
                await publish(session, Signal(conversation_id, "window"))

    async def list_of_conversation(self, conversation_id: str) -> dict[int, tuple[str, str]]:
        """Messages that have not reached their customer: id -> state of the delivery, and its problem."""
        query = (
            select(Message.id, Delivery.state, Delivery.problem)
            .join(Delivery, Delivery.id == Message.delivery_id)
            .where(Message.conversation_id == conversation_id, Delivery.state != "sent")
        )
        return {key: (state, problem or "") for key, state, problem in await self._database.fetch(query)}


def _is_served_by(staff_id: str) -> ColumnElement[bool]:
    """As desk/talk_access.py decides whose talk it is."""
    is_agent = exists().where(Handoff.conversation_id == Conversation.id, Handoff.agent_id == staff_id)
    return or_(Customer.manager_id == staff_id, is_agent)


def _select(table: type[Delivery | Message], *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
    """Columns of rows with their conversation and its customer's channel and source, the newest first."""
    return (
        select(table.conversation_id, Customer.channel, Customer.source, *columns)
        .join(Conversation, Conversation.id == table.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .order_by(table.id.desc())
    )
