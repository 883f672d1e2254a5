"""Queries on handoffs; every function works inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from conversations import repository
from conversations.handoff import LIVE, WAITING
from conversations.schemas import HandoffView, Outlook
from conversations.tables import Conversation, Handoff, Message

LATELY = timedelta(minutes=30)
FIELDS = [name for name in HandoffView.model_fields if hasattr(Handoff, name)]
FAILED_QUESTIONS_MAX = 20


async def find_live(session: AsyncSession, conversation_id: str, *, besides: str = "") -> Handoff | None:
    """The handoff that decides who answers a conversation now."""
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.state.in_(LIVE), Handoff.id != besides)
        .order_by(Handoff.requested_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def lock_handoff(session: AsyncSession, handoff_id: str) -> tuple[Conversation, Handoff] | None:
    """A handoff with its conversation, both kept from other writers until the transaction ends."""
    query = select(Handoff.conversation_id).where(Handoff.id == handoff_id)
    conversation_id = await session.scalar(query)
    if conversation_id is None:
        return None
    conversation = await repository.lock_conversation(session, conversation_id)
    locked = select(Handoff).where(Handoff.id == handoff_id).with_for_update()
    return conversation, (await session.scalars(locked)).one()


async def list_handoffs(session: AsyncSession, *conditions: ColumnElement[bool], limit: int) -> list[HandoffView]:
    """Handoffs that meet the conditions, without their long columns; longest waiting first."""
    columns = load_only(*(getattr(Handoff, name) for name in FIELDS))
    query = (
        select(Handoff, Conversation)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(*conditions)
        .order_by(Handoff.requested_at)
        .limit(limit)
        .options(columns)
    )
    return [view_handoff(handoff, conversation) for handoff, conversation in (await session.execute(query)).all()]


async def count_load(session: AsyncSession, agent_ids: Collection[str] | None = None) -> dict[str, int]:
    """How many talks each agent has or is offered."""
    query = (
        select(Handoff.agent_id, func.count())
        .where(Handoff.state.in_(("assigned", "active")), Handoff.agent_id.is_not(None))
        .group_by(Handoff.agent_id)
    )
    if agent_ids is not None:
        query = query.where(Handoff.agent_id.in_(agent_ids))
    return {str(agent_id): count for agent_id, count in (await session.execute(query)).all()}


async def read_outlook(session: AsyncSession, before: datetime, now: datetime) -> Outlook:
    """How many wait that came before a moment, and how many were taken lately."""
    ahead = select(func.count()).where(Handoff.state.in_(WAITING), Handoff.requested_at < before)
    taken = select(func.count()).where(Handoff.accepted_at > now - LATELY)
    return Outlook(ahead=await session.scalar(ahead) or 0, taken_lately=await session.scalar(taken) or 0)


async def list_failed_questions(session: AsyncSession, conversation_id: str) -> Sequence[str]:
    """What the customer wrote and the bot did not understand, the oldest of the last ones first."""
    query = (
        select(Message.text)
        .where(Message.conversation_id == conversation_id, Message.is_understood.is_(False))
        .order_by(Message.id.desc())
        .limit(FAILED_QUESTIONS_MAX)
    )
    return (await session.scalars(query)).all()[::-1]


def view_handoff(handoff: Handoff, conversation: Conversation) -> HandoffView:
    """The view of a handoff."""
    customer = conversation.customer
    return HandoffView.model_validate(
        {name: getattr(handoff, name) for name in FIELDS}
        | {
            "customer_id": customer.id,
            "channel": customer.channel,
            "source": customer.source,
            "manager_id": customer.manager_id,
            "window": repository.view_window(conversation),
        }
    )
