"""Reads and writes handoffs; every function works inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, load_only

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import HELD, LIVE, WAITING, Beginning, Event, find_holder, next_state
from conversations.tables import Conversation, Customer, Handoff, HandoffEvent
from kit.errors import RequestError
from kit.locks import lock_name
from kit.pubsub import Signal, publish
from kit.search_keys import list_search_keys

FIELDS = [name for name in HandoffView.model_fields if hasattr(Handoff, name)]
# A call was promised, or the customer left a number while waiting.
HAS_CALL = or_(Handoff.state == "callback", and_(Handoff.state.in_(WAITING), Handoff.callback_phone.is_not(None)))
Order = InstrumentedAttribute[Any] | ColumnElement[Any] | UnaryExpression[Any]


async def find_live(session: AsyncSession, conversation_id: str, *, besides: str = "") -> Handoff | None:
    """The handoff that decides who answers a conversation now."""
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.state.in_(LIVE), Handoff.id != besides)
        .order_by(Handoff.requested_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def list_calls(session: AsyncSession, conversation_id: str) -> Sequence[Handoff]:
    """The handoffs of a conversation for which the customer expects a call."""
    query = select(Handoff).where(Handoff.conversation_id == conversation_id, HAS_CALL)
    return (await session.scalars(query)).all()


async def lock_handoff(session: AsyncSession, handoff_id: str) -> tuple[Conversation, Handoff]:
    """A handoff with its conversation, both locked until the transaction ends; RequestError 404.

    Whatever else a transaction reads of them comes after: a join would show PostgreSQL's view from before the wait.
    """
    conversation_id = await session.scalar(select(Handoff.conversation_id).where(Handoff.id == handoff_id))
    if conversation_id is None:
        raise RequestError(404, "unknown_handoff", "没有这个会话")
    conversation = select(Conversation).where(Conversation.id == conversation_id).with_for_update(of=Conversation)
    handoff = select(Handoff).where(Handoff.id == handoff_id).with_for_update()
    locked = (await session.scalars(conversation)).one()
    return locked, (await session.scalars(handoff.execution_options(populate_existing=True))).one()


def list_ways_to_see(staff_id: str) -> list[ColumnElement[bool]]:
    """Why an agent may see a handoff: it is theirs, their customer's, or nobody's yet. Each has an index."""
    theirs = select(Customer.id).where(Customer.manager_id == staff_id)
    return [
        Handoff.agent_id == staff_id,
        Conversation.customer_id.in_(theirs),
        Handoff.state.in_(("requested", "queued")),
        and_(Handoff.state == "callback", Handoff.agent_id.is_(None)),
    ]


async def list_handoffs(
    session: AsyncSession,
    *conditions: ColumnElement[bool],
    limit: int,
    order: Sequence[Order] = (Handoff.requested_at,),
) -> list[HandoffView]:
    """Handoffs that meet the conditions, without their long columns; the oldest first unless ordered otherwise."""
    columns = load_only(*(getattr(Handoff, name) for name in FIELDS))
    query = (
        select(Handoff, Conversation)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(*conditions)
        .order_by(*order, Handoff.id)
        .limit(limit)
        .options(columns)
    )
    return [view_handoff(handoff, conversation) for handoff, conversation in (await session.execute(query)).all()]


async def move(
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    event: Event,
    now: datetime,
    *,
    by: str | None = None,
    note: str = "",
    **changes: Any,
) -> None:
    """Applies and records an event with changes of other columns; RequestError 409 if it is not possible any more."""
    handoff.state = next_state(handoff.state, event)
    before = handoff.agent_id
    handoff.snoozed_until = None
    for column, value in changes.items():
        setattr(handoff, column, value)
    match event:
        case "assign":
            handoff.assigned_at = now
        case "transfer":
            handoff.assigned_at, handoff.wanted_skill = now, None
        case "accept" | "take" | "take_over":
            handoff.accepted_at, handoff.wanted_skill = handoff.accepted_at or now, None
        case "book_callback":
            await _end_earlier_calls(session, conversation, handoff, now, by)
            handoff.callback_booked_at, handoff.is_asked_phone = now, False
            handoff.search_keys = list_search_keys(handoff.name, handoff.callback_phone)
        case "miss_call":
            handoff.missed_calls += 1
        case "return" | "close" | "cancel_callback" | "rebook_callback":
            handoff.ended_at = now
    await record_event(
        session, conversation, handoff, event, now, staff_id=by, agent_id=handoff.agent_id or before, note=note
    )


async def _end_earlier_calls(
    session: AsyncSession, conversation: Conversation, handoff: Handoff, now: datetime, by: str | None
) -> None:
    """A customer is called once: the calls promised before are off, and who was to make them is told."""
    for call in await list_calls(session, conversation.id):
        if call.id != handoff.id and call.state == "callback":
            forget_number(call)
            knows = call.agent_id and call.agent_id in (by, handoff.agent_id)
            call.reminded_at = now if knows else None
            await move(session, conversation, call, "rebook_callback", now, by=by)


def forget_number(handoff: Handoff) -> None:
    """The number to call is neither kept nor found any more, nor when the call was wished for."""
    handoff.callback_phone = handoff.callback_wish = None
    handoff.search_keys = list_search_keys(handoff.name, None)


async def record_event(
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    event: Event | Beginning,
    now: datetime,
    *,
    staff_id: str | None = None,
    agent_id: str | None = None,
    note: str = "",
) -> None:
    """Records the event that brought a handoff into its state, updates the holder and signals every process.

    `staff_id` acted (None: the customer or the clock), `agent_id` is the agent concerned: the new or the previous one.
    """
    session.add(
        HandoffEvent(
            handoff_id=handoff.id,
            event=event,
            state=handoff.state,
            staff_id=staff_id,
            agent_id=agent_id,
            note=note,
            at=now,
        )
    )
    other = await find_live(session, conversation.id, besides=handoff.id)
    if handoff.state in LIVE or other is None:
        conversation.holder = find_holder(handoff.state)
    await publish(session, Signal("desk", "queue", handoff.id), Signal(conversation.id, "holder"))


def view_handoff(handoff: Handoff, conversation: Conversation) -> HandoffView:
    """The view of a handoff."""
    customer = conversation.customer
    return HandoffView(
        **{name: getattr(handoff, name) for name in FIELDS},
        customer_id=customer.id,
        channel=customer.channel,
        source=customer.source,
        manager_id=customer.manager_id,
        window=conversation.window,
    )


async def require_room(session: AsyncSession, agent_id: str, capacity: int) -> None:
    """RequestError 409 when an agent has that many talks; until the transaction ends they get no others."""
    await lock_name(session, agent_id)
    is_theirs = Handoff.agent_id == agent_id, Handoff.state.in_(HELD)
    if (await session.scalar(select(func.count()).where(*is_theirs)) or 0) >= capacity:
        raise RequestError(409, "agent_full", "这位同事已经满员")
