"""What is still to be said on channels that take messages from us, and what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations import repository
from conversations.schemas import DueDelivery, TroubleView
from conversations.tables import Conversation, Customer, Delivery, Message
from conversations.windows import is_open
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.news import Signal, publish

# A platform repeats its request for some 15 s when it got no answer; only then is an offered answer sent by us.
OFFER_TIME = timedelta(seconds=20)
EXPIRY = timedelta(hours=24)
TROUBLE_TIME = timedelta(days=7)
# A sender that says nothing for so long is gone, and the delivery is sent by another.
SENDER_PATIENCE = timedelta(seconds=30)
UNFINISHED = ("offered", "waiting", "held")
PROBLEM_LENGTH_MAX = 200
WINDOW_CLOSED = "平台限制：要等客户再来消息才能发出"


async def add_delivery(session: AsyncSession, conversation_id: str, state: str, now: datetime) -> Delivery:
    """A delivery without messages yet; `offered` only when nothing said just before is still to be sent.

    What could not be sent so far is no reason to keep an answer back that costs the platform nothing.
    """
    just_before = exists().where(
        Delivery.conversation_id == conversation_id,
        Delivery.state.in_(("offered", "waiting")),
        Delivery.problem.is_(None),
    )
    if state == "offered" and await session.scalar(select(just_before)):
        state = "waiting"
    delivery = Delivery(
        conversation_id=conversation_id,
        state=state,
        due_at=now + OFFER_TIME if state == "offered" else now,
        expires_at=now + EXPIRY,
        attempts=0,
        parts_sent=0,
        created_at=now,
    )
    session.add(delivery)
    await session.flush()
    return delivery


async def find_offer(session: AsyncSession, inbound_id: int) -> int | None:
    """The delivery that answers an inbound message, unless it was pushed.

    A platform repeats only what it got no answer to: one that we believe given was lost on its way.
    """
    query = (
        select(Delivery.id)
        .join(Message, Message.delivery_id == Delivery.id)
        .where(
            Message.answers_id == inbound_id,
            or_(Delivery.state == "offered", and_(Delivery.state == "sent", Delivery.attempts == 0)),
        )
        .limit(1)
    )
    return await session.scalar(query)


async def resume_held(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """The customer did something: what was held back may be sent."""
    held = Delivery.conversation_id == conversation_id, Delivery.state == "held"
    change = {"state": "waiting", "due_at": now, "expires_at": now + EXPIRY, "problem": None}
    await session.execute(update(Delivery).where(*held).values(**change))


class Outbox:
    """One method, one transaction; every gateway process holds one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, channels: Collection[str], limit: int) -> list[DueDelivery]:
        """Deliveries that are due, each conversation's oldest only; nobody else gets them for a while.

        What is too old expires, and what the platform's window forbids is held back. An offer is due when its process
        ended before it could tell whether the answer arrived: it is sent, rather twice than never.
        """
        now = self._clock()
        async with self._database.reading() as session:
            if not await session.scalar(select(exists().where(*_is_due(now)))):
                return []
        async with self._database.transaction() as session:
            query = (
                select(Delivery, Conversation)
                .join(Conversation, Conversation.id == Delivery.conversation_id)
                .join(Conversation.customer)
                .where(*_is_due(now), Customer.channel.in_(channels))
                .order_by(Delivery.due_at)
                .limit(limit)
                .with_for_update(of=Delivery, skip_locked=True)
            )
            tasks = []
            for delivery, conversation in (await session.execute(query)).all():
                if delivery.expires_at <= now:
                    delivery.state = "expired"
                elif not is_open(repository.view_window(conversation), now):
                    delivery.state, delivery.problem = "held", WINDOW_CLOSED
                    await publish(session, Signal(conversation.id, "window"))
                else:
                    delivery.state = "waiting"
                    delivery.attempts += 1
                    delivery.due_at = now + SENDER_PATIENCE
                    tasks.append(await self._view(session, delivery, conversation.customer))
            return tasks

    async def record_part(self, task: DueDelivery, parts_sent: int, *, is_complete: bool) -> bool:
        """A part reached the platform. Gives whether the next one may follow now."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await repository.lock_conversation(session, task.conversation_id)
            if conversation.window_left is not None:
                conversation.window_left = max(0, conversation.window_left - 1)
            may_follow = is_open(repository.view_window(conversation), now)
            change: dict[str, object] = {"parts_sent": parts_sent, "due_at": now + SENDER_PATIENCE}
            if is_complete:
                change["state"] = "sent"
            elif not may_follow:
                change |= {"state": "held", "problem": WINDOW_CLOSED}
            is_ours = await _change(session, task, **change)
            if conversation.holder != "bot":  # who writes is to see what is left
                await publish(session, Signal(conversation.id, "window"))
            return is_ours and may_follow and not is_complete

    async def close(self, task: DueDelivery) -> None:
        """Nothing of it is left to be sent."""
        async with self._database.transaction() as session:
            await _change(session, task, state="sent")

    async def postpone(self, task: DueDelivery, seconds: float, problem: str) -> None:
        """Not sent: to be tried again."""
        due = self._clock() + timedelta(seconds=seconds)
        async with self._database.transaction() as session:
            await _change(session, task, due_at=due, problem=problem[:PROBLEM_LENGTH_MAX])

    async def hold(self, task: DueDelivery, problem: str) -> None:
        """Not sent: to be tried when the customer has written again, which they may have done meanwhile."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await repository.lock_conversation(session, task.conversation_id)
            has_written = exists().where(
                Message.conversation_id == task.conversation_id,
                Message.direction == "inbound",
                Message.at > task.claimed_at,
            )
            if await session.scalar(select(has_written)):
                await _change(session, task, due_at=now)
                return
            if conversation.window_until is not None:
                conversation.window_left = 0  # the platform counts better than we do
            await _change(session, task, state="held", problem=problem[:PROBLEM_LENGTH_MAX])
            await publish(session, Signal(task.conversation_id, "window"))

    async def fail(self, task: DueDelivery, problem: str) -> None:
        """Not sent, and never will be."""
        async with self._database.transaction() as session:
            await _change(session, task, state="failed", problem=problem[:PROBLEM_LENGTH_MAX])

    async def settle_offers(self, answered: Sequence[tuple[int, int, bool]], released: Sequence[int]) -> None:
        """Offers that were taken (delivery, parts given with the answer, whether that was all), and those not."""
        now = self._clock()
        async with self._database.transaction() as session:
            for delivery_id, parts, is_complete in answered:
                state = "sent" if is_complete else "waiting"
                change = {"state": state, "parts_sent": parts, "due_at": now}
                await session.execute(update(Delivery).where(*_is_offer(delivery_id)).values(**change))
            for delivery_id in released:
                change = {"state": "waiting", "due_at": now}
                await session.execute(update(Delivery).where(*_is_offer(delivery_id)).values(**change))

    async def list_troubles(self, limit: int = 50) -> list[TroubleView]:
        """What did not reach its customer in the last week, newest first."""
        query = (
            select(Delivery, Customer.channel, Customer.source)
            .join(Conversation, Conversation.id == Delivery.conversation_id)
            .join(Customer, Customer.id == Conversation.customer_id)
            .where(
                or_(Delivery.state.in_(("held", "failed", "expired")), Delivery.problem.is_not(None)),
                Delivery.state != "sent",
                Delivery.created_at > self._clock() - TROUBLE_TIME,
            )
            .order_by(Delivery.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            troubles = []
            for delivery, channel, source in (await session.execute(query)).all():
                texts = select(Message.text).where(Message.delivery_id == delivery.id).order_by(Message.id)
                troubles.append(
                    TroubleView.model_validate(
                        {
                            "conversation_id": delivery.conversation_id,
                            "channel": channel,
                            "source": source,
                            "state": delivery.state,
                            "problem": delivery.problem or "",
                            "text": "\n".join((await session.scalars(texts)).all()),
                            "created_at": delivery.created_at,
                        }
                    )
                )
            return troubles

    async def list_undelivered(self, conversation_id: str) -> dict[int, tuple[str, str]]:
        """Messages that have not reached their customer: id -> state of the delivery, and its problem."""
        query = (
            select(Message.id, Delivery.state, Delivery.problem)
            .join(Delivery, Delivery.id == Message.delivery_id)
            .where(Message.conversation_id == conversation_id, Delivery.state != "sent")
        )
        async with self._database.reading() as session:
            return {key: (state, problem or "") for key, state, problem in (await session.execute(query)).all()}

    async def _view(self, session: AsyncSession, delivery: Delivery, customer: Customer) -> DueDelivery:
        messages = select(Message).where(Message.delivery_id == delivery.id).order_by(Message.id)
        return DueDelivery(
            id=delivery.id,
            conversation_id=delivery.conversation_id,
            claimed_at=self._clock(),
            channel=customer.channel,
            channel_user_id=customer.channel_user_id,
            messages=await repository.view_messages(session, (await session.scalars(messages)).all()),
            parts_sent=delivery.parts_sent,
            attempts=delivery.attempts,
        )


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    earlier = aliased(Delivery)
    is_first = ~exists().where(
        earlier.conversation_id == Delivery.conversation_id,
        earlier.id < Delivery.id,
        earlier.state.in_(UNFINISHED),
    )
    return Delivery.state.in_(("waiting", "offered")), Delivery.due_at <= now, is_first


async def _change(session: AsyncSession, task: DueDelivery, **values: object) -> bool:
    """Changes a claimed delivery, unless its sender was taken for gone and another has claimed or sent it since."""
    is_claimed = Delivery.id == task.id, Delivery.attempts == task.attempts, Delivery.state == "waiting"
    changed = await session.execute(update(Delivery).where(*is_claimed).values(**values).returning(Delivery.id))
    return changed.first() is not None


def _is_offer(delivery_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Delivery.id == delivery_id, Delivery.state == "offered"
