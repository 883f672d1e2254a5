"""Handoff requests and updates by customers, inside the transaction that records their message."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff import repository as handoffs
from conversations.schemas import HandoffRequest, HandoffUpdate
from conversations.tables import Conversation, Handoff
from kit.phones import read_phone
from kit.pubsub import Signal, publish
from kit.search_keys import list_search_keys


async def request_handoff(
    session: AsyncSession, conversation: Conversation, request: HandoffRequest, now: datetime
) -> Handoff:
    """Creates a handoff with the slots filled so far; from then on the bot does not answer."""
    slots = request.slots
    name = _read_text(slots, "name", 20)
    handoff = Handoff(
        id=str(uuid.uuid4()),
        conversation_id=conversation.id,
        reason=request.reason,
        topic=request.topic,
        state="queued" if request.is_open else "requested",
        slots=slots,
        name=name,
        search_keys=list_search_keys(name, read_phone(_read_text(slots, "phone", 40) or "")),
        # A quota check that is over has left its answers in its summary.
        product=_read_text(slots, "product", 32) or _read_text(slots.get("quota_summary"), "product", 32),
        region=_read_text(slots, "region", 100),
        requested_at=now,
        due_at=request.due_at,
    )
    session.add(handoff)
    await session.flush()
    await handoffs.record_event(session, conversation, handoff, "request", now)
    return handoff


async def apply_update(session: AsyncSession, conversation: Conversation, update: HandoffUpdate, now: datetime) -> None:
    """Applies what the customer did while waiting, or after; does nothing if the wait has ended."""
    if update.act in ("rate", "comment"):
        rated = await session.get(Handoff, update.handoff_id) if update.handoff_id else None
        if rated and rated.conversation_id == conversation.id:
            rated.rating, rated.comment = update.rating or rated.rating, update.comment or rated.comment
            await publish(session, Signal("desk", "rated", rated.id))
        return
    if update.act == "cancel_callback":
        for call in await handoffs.list_calls(session, conversation.id):
            # The number was given for this call only. Who was reminded of it has to hear that it is off.
            handoffs.forget_number(call)
            call.reminded_at = None
            await handoffs.move(session, conversation, call, "cancel_callback", now)
        return
    if update.act == "change_callback":
        for call in await handoffs.list_calls(session, conversation.id):
            if call.state == "callback":
                _set_phone(call, update.phone)
                call.due_at = update.due_at
                call.callback_wish = update.wish or call.callback_wish
                call.reminded_at = None  # staff may know the old number
                await publish(session, Signal("desk", "queue", call.id))
        return
    handoff = await handoffs.find_live(session, conversation.id)
    if handoff is None:
        return
    handoff.callback_wish = update.wish or handoff.callback_wish
    match update.act:
        case "reassured":
            handoff.told_to_wait_at = now
        case "ask_callback":
            handoff.is_asked_phone = True
            _set_phone(handoff, update.phone)
            handoff.told_to_wait_at = now
        case "escalate":
            handoff.reason, handoff.topic, handoff.told_to_wait_at = "sensitive", update.topic, now
            await publish(session, Signal("desk", "queue", handoff.id))
        case "book_callback" if update.phone and update.due_at:
            _set_phone(handoff, update.phone)
            handoff.due_at = update.due_at
            # The assigned agent has not agreed to call.
            await handoffs.move(session, conversation, handoff, "book_callback", now, agent_id=None)
        case "return":
            await handoffs.move(session, conversation, handoff, "return", now)


def _set_phone(handoff: Handoff, phone: str | None) -> None:
    handoff.callback_phone = phone
    if phone:
        handoff.search_keys = list_search_keys(handoff.name, phone)


def _read_text(slots: object, name: str, length_max: int) -> str | None:
    value = slots.get(name) if isinstance(slots, dict) else None
    return value[:length_max] if isinstance(value, str) and value else None
