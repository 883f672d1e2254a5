"""The outbox: deliveries to push channels, each leased to one process at a time."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import repository, statements
from conversations.deliveries import DueDelivery
from conversations.tables import Conversation, Customer, Delivery, Message
from conversations.windows import is_open, view_window
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.outbox import LeasedRows
from kit.pubsub import Signal, publish

PENDING = Signal("outbox", "pending")  # there is something to send: wakes the deliverers of every process
# A platform repeats its request for some 15 s when it got no answer; only then is a passive reply sent by us.
PASSIVE_TIME = timedelta(seconds=20)
EXPIRY = timedelta(hours=24)
AGENT_EXPIRY = timedelta(days=7)  # an agent's message is worth reading for longer than a "please wait"
UNFINISHED = ("passive", "pending", "deferred")
WINDOW_CLOSED = "平台限制：要等客户再来消息才能发出"

deliveries = Delivery.metadata.tables[Delivery.__tablename__]
_THIS = deliveries.c.id == bindparam("key")
_ADD = insert(deliveries).returning(deliveries.c.id)
_FIND_UNSENT = (
    select(deliveries.c.id)
    .where(
        deliveries.c.conversation_id == bindparam("conversation_id"),
        deliveries.c.state.in_(("passive", "pending")),
        # Earlier deliveries that could not be sent must not block a passive reply, which the platform always takes.
        deliveries.c.problem.is_(None),
    )
    .limit(1)
)
_RESUME = (
    update(deliveries)
    .where(
        deliveries.c.conversation_id == bindparam("conversation"),
        deliveries.c.state == "deferred",
        deliveries.c.expires_at > bindparam("now"),
    )
    .values(state="pending", due_at=bindparam("now"), problem=None)
    .returning(deliveries.c.id)
)
_FIND_PASSIVE = (
    select(deliveries.c.id)
    .join(Message, Message.delivery_id == deliveries.c.id)
    .where(
        Message.answers_id == bindparam("message_id"),
        (deliveries.c.state == "passive") | ((deliveries.c.state == "sent") & (deliveries.c.attempts == 0)),
    )
    .limit(1)
)
_earlier = deliveries.alias()
_IS_NOT_OURS = deliveries.c.id.not_in(bindparam("sending", expanding=True))
_IS_DUE = (
    _IS_NOT_OURS,
    deliveries.c.state.in_(("pending", "passive")),
    deliveries.c.due_at <= bindparam("now"),
    ~exists().where(
        _earlier.c.conversation_id == deliveries.c.conversation_id,
        _earlier.c.id < deliveries.c.id,
        _earlier.c.state.in_(UNFINISHED),
    ),
)
_OVER = (
    _IS_NOT_OURS,
    deliveries.c.state.in_(UNFINISHED),
    deliveries.c.due_at <= bindparam("now"),
    deliveries.c.expires_at <= bindparam("now"),
)
_DUE = (
    select(deliveries, Customer.channel, Customer.channel_user_id, Conversation.window_until, Conversation.window_left)
    .join(Conversation, Conversation.id == deliveries.c.conversation_id)
    .join(Customer, Customer.id == Conversation.customer_id)
    .where(*_IS_DUE, Customer.channel.in_(bindparam("channels", expanding=True)))
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("limit"))
    .with_for_update(of=deliveries, skip_locked=True)
)
_LOOK = select(
    exists(select(deliveries.c.id).where(*_OVER)).label("is_over"),
    exists(
        select(deliveries.c.id)
        .join(Conversation, Conversation.id == deliveries.c.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(*_IS_DUE, Customer.channel.in_(bindparam("channels", expanding=True)))
    ).label("is_due"),
)
_EXPIRE = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(deliveries.c.id).where(*_OVER).with_for_update(skip_locked=True)))
    .values(state="expired")
    .returning(deliveries.c.conversation_id)
)
_LIST_MESSAGES = (
    select(statements.messages)
    .where(statements.messages.c.delivery_id.in_(bindparam("delivery_ids", expanding=True)))
    .order_by(statements.messages.c.id)
)
_LEASED = LeasedRows(deliveries)


class Confirmation(NamedTuple):
    """What became of a passive reply: how many of its parts went out with the response."""

    delivery_id: int
    parts_sent: int
    is_complete: bool


async def add_delivery(
    session: AsyncSession, conversation_id: str, now: datetime, *, is_awaited: bool, is_agents: bool
) -> tuple[int, bool]:
    """Adds a delivery, without messages yet; also returns whether it is left to the open request.

    It is not while an earlier delivery is on its way, which must not be overtaken.
    """
    this = {"conversation_id": conversation_id}
    is_passive = is_awaited and await session.scalar(_FIND_UNSENT, this) is None
    delivery = {
        "conversation_id": conversation_id,
        "state": "passive" if is_passive else "pending",
        "due_at": now + PASSIVE_TIME if is_passive else now,
        "expires_at": now + (AGENT_EXPIRY if is_agents else EXPIRY),
        "created_at": now,
    }
    return int((await session.execute(_ADD, delivery)).scalar_one()), is_passive


async def find_passive_reply(session: AsyncSession, message_id: int) -> int | None:
    """The passive reply to a customer's message, unless it was pushed since.

    A platform repeats only unanswered messages: if ours counts as given, it was lost on the way.
    """
    return await session.scalar(_FIND_PASSIVE, {"message_id": message_id})


async def resume_deferred(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """Makes deferred deliveries due after the customer did something, unless they have expired."""
    if (await session.execute(_RESUME, {"conversation": conversation_id, "now": now})).first():
        await publish(session, PENDING)


class Outbox:
    """The outbox of a process that sends. One method, one transaction.

    A lease that was not renewed for `lease_seconds` is over: another process may claim the delivery.
    """

    def __init__(self, database: Database, clock: Clock = read_clock, *, lease_seconds: float = 4.0) -> None:
        self._database = database
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self.renew_seconds = lease_seconds / 4

    async def claim(self, channels: Collection[str], limit: int, sending: Collection[int] = ()) -> list[DueDelivery]:
        """Leases deliveries that are due, only the oldest of each conversation.

        Those that are too old expire on any channel, those outside the window are deferred. A passive reply is
        due when its process ended before confirming it: better sent twice than never. What this process is still
        `sending` is left alone, also when its lease has ended.
        """
        now = self._clock()
        own = {"now": now, "sending": list(sending)}
        due = {**own, "channels": list(channels)}
        async with self._database.reading() as session:
            found = (await session.execute(_LOOK, due)).one()
        if not (found.is_over or found.is_due):
            return []
        async with self._database.transaction() as session:
            if found.is_over:
                for conversation_id in set((await session.execute(_EXPIRE, own)).scalars()):
                    await publish(session, Signal(conversation_id, "window"))
            claimed = []
            for row in (await session.execute(_DUE, {**due, "limit": limit})).all():
                if is_open(view_window(row), now):
                    claimed.append(row)
                else:
                    await _defer(session, row.id, row.conversation_id, WINDOW_CLOSED)
            if not claimed:
                return []
            await _LEASED.claim(session, [row.id for row in claimed], now + self._lease)
            return await _view(session, claimed, now)

    async def renew(self, sending: Iterable[DueDelivery]) -> None:
        """Renews the leases on these deliveries."""
        until = self._clock() + self._lease
        leases = [(delivery.id, delivery.attempts) for delivery in sending]  # may all be sent before it is our turn
        async with self._database.transaction() as session:
            await _LEASED.renew(session, leases, until)

    async def record_part(self, delivery: DueDelivery, parts_sent: int, *, is_complete: bool) -> bool:
        """Records that a part reached the platform; returns whether the next one may follow now."""
        now = self._clock()
        async with self._database.transaction() as session:
            this = {"conversation_id": delivery.conversation_id}
            conversation = (await session.execute(statements.LOCK, this)).one()
            window = view_window(conversation)
            if window:
                window = window.model_copy(update={"left": max(0, window.left - 1)})
                await _set_window_left(session, conversation.id, window.left)
            may_follow = is_open(window, now)
            end = {"state": "sent"} if is_complete else {"due_at": now + self._lease}
            is_ours = await _change(session, delivery, parts_sent=parts_sent, **end)
            if is_ours and not (is_complete or may_follow):
                await _defer(session, delivery.id, conversation.id, WINDOW_CLOSED)
            if conversation.holder != "bot":  # an agent sees how many are left
                await publish(session, Signal(conversation.id, "window"))
            return is_ours and may_follow and not is_complete

    async def close(self, delivery: DueDelivery) -> None:
        """Closes a delivery with no parts left."""
        async with self._database.transaction() as session:
            await _change(session, delivery, state="sent")

    async def postpone(self, delivery: DueDelivery, seconds: float, problem: str) -> None:
        """Schedules another try."""
        due = self._clock() + timedelta(seconds=seconds)
        async with self._database.transaction() as session:
            await _change(session, delivery, due_at=due, problem=problem)

    async def defer(self, delivery: DueDelivery, problem: str) -> None:
        """Defers it until the customer writes again; if they just did, it is due at once."""
        now = self._clock()
        async with self._database.transaction() as session:
            this = {"conversation_id": delivery.conversation_id}
            conversation = (await session.execute(statements.LOCK, this)).one()
            has_written = exists().where(
                Message.conversation_id == delivery.conversation_id,
                Message.direction == "inbound",
                Message.at > delivery.claimed_at,
            )
            if await session.scalar(select(has_written)):
                await _change(session, delivery, due_at=now)
                return
            if conversation.window_until is not None:
                await _set_window_left(session, conversation.id, 0)  # the platform's count is the one that matters
            if await _change(session, delivery, problem=problem):
                await _defer(session, delivery.id, conversation.id, problem)

    async def fail(self, delivery: DueDelivery, problem: str) -> None:
        """Marks it as failed for good."""
        async with self._database.transaction() as session:
            await _change(session, delivery, state="failed", problem=problem)

    async def confirm(self, confirmations: Sequence[Confirmation]) -> None:
        """Records passive replies that were given fully, in part or not at all; what is left is sent now."""
        now = self._clock()
        async with self._database.transaction() as session:
            for delivery_id, parts_sent, is_complete in confirmations:
                state = "sent" if is_complete else "pending"
                passive = update(deliveries).where(_THIS, deliveries.c.state == "passive")
                await session.execute(
                    passive.values(state=state, parts_sent=parts_sent, due_at=now), {"key": delivery_id}
                )


async def _change(session: AsyncSession, delivery: DueDelivery, **values: object) -> bool:
    return await _LEASED.change(session, delivery.id, delivery.attempts, **values)


async def _defer(session: AsyncSession, delivery_id: int, conversation_id: str, problem: str) -> None:
    # Due again when it expires.
    change = {"state": "deferred", "problem": problem, "due_at": deliveries.c.expires_at}
    await session.execute(update(deliveries).where(_THIS).values(**change), {"key": delivery_id})
    await publish(session, Signal(conversation_id, "window"))


async def _set_window_left(session: AsyncSession, conversation_id: str, left: int) -> None:
    await session.execute(statements.SET_WINDOW_LEFT, {"conversation_id": conversation_id, "left": left})


async def _view(session: AsyncSession, claimed: Sequence[Any], now: datetime) -> list[DueDelivery]:
    rows = (await session.execute(_LIST_MESSAGES, {"delivery_ids": [row.id for row in claimed]})).all()
    views = list(zip(rows, await repository.view_messages(session, rows), strict=True))
    return [
        DueDelivery(
            id=row.id,
            conversation_id=row.conversation_id,
            claimed_at=now,
            channel=row.channel,
            channel_user_id=row.channel_user_id,
            messages=[view for message, view in views if message.delivery_id == row.id],
            parts_sent=row.parts_sent,
            attempts=row.attempts + 1,
        )
        for row in claimed
    ]
