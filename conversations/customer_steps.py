"""What customers do about a handoff, inside the transaction that records their message."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import handoff_repository
from conversations.handoff import LIVE, find_holder, step
from conversations.schemas import HandoffRequest, HandoffStep
from conversations.tables import Conversation, Handoff, HandoffEvent
from kit.news import Signal, publish


async def open_handoff(
    session: AsyncSession, conversation: Conversation, request: HandoffRequest, now: datetime
) -> Handoff:
    """A human is wanted: what was filled in is kept as it stands, and the bot is mute from now on."""
    slots = request.slots
    handoff = Handoff(
        id=str(uuid.uuid4()),
        conversation_id=conversation.id,
        reason=request.reason,
        topic=request.topic,
        state="queued" if request.is_open else "requested",
        slots=slots,
        name=_read_text(slots, "name", 20),
        product=_read_text(slots, "product", 32) or _read_text(_read_summary(slots), "product", 32),
        region=_read_text(slots, "region", 100),
        requested_at=now,
        due_at=request.due_at,
    )
    session.add(handoff)
    await session.flush()
    await change_state(session, conversation, handoff, "request", now)
    return handoff


async def take_step(session: AsyncSession, conversation: Conversation, act: HandoffStep, now: datetime) -> None:
    """What the customer did while they wait, or after; nothing happens when the wait is over meanwhile."""
    if act.act == "rate":
        rated = await session.get(Handoff, act.handoff_id) if act.handoff_id else None
        if rated and rated.conversation_id == conversation.id:
            rated.rating = act.rating
            await publish(session, Signal("desk", "rated", rated.id))
        return
    handoff = await handoff_repository.find_live(session, conversation.id)
    if handoff is None:
        return
    offered_to = handoff.agent_id
    match act.act:
        case "hear_wait":
            handoff.told_to_wait_at = now
        case "ask_callback":
            handoff.is_asked_phone, handoff.callback_phone = True, act.phone
            handoff.told_to_wait_at = now
        case "raise":
            handoff.reason, handoff.topic, handoff.told_to_wait_at = "sensitive", act.topic, now
            await publish(session, Signal("desk", "queue", handoff.id))
        case "book_callback":
            handoff.callback_phone, handoff.due_at, handoff.is_asked_phone = act.phone, act.due_at, False
            handoff.agent_id = None  # whoever it was offered to has not agreed to call
            handoff.state = step(handoff.state, "book_callback")
            await change_state(session, conversation, handoff, "book_callback", now, agent_id=offered_to)
        case "return":
            handoff.ended_at = now
            handoff.state = step(handoff.state, "return")
            await change_state(session, conversation, handoff, "return", now, agent_id=offered_to)


async def change_state(
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    event: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    agent_id: str | None = None,
    note: str = "",
) -> None:
    """Writes down that a handoff has entered its state, lets the holder follow, and tells every process.

    `staff_id` did it, `agent_id` is the agent concerned: who gets it, or who had it.
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
    other = await handoff_repository.find_live(session, conversation.id, besides=handoff.id)
    if handoff.state in LIVE or other is None:
        conversation.holder = find_holder(handoff.state)
    await publish(session, Signal("desk", "queue", handoff.id), Signal(conversation.id, "holder"))


def _read_summary(slots: dict[str, object]) -> dict[str, object]:
    # A quota check that is over has left its answers there.
    summary = slots.get("quota_summary")
    return summary if isinstance(summary, dict) else {}


def _read_text(slots: dict[str, object], name: str, length_max: int) -> str | None:
    value = slots.get(name)
    return value[:length_max] if isinstance(value, str) and value else None
