"""Reads which phones are verified, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from verification.tables import PhoneVerification


async def list_verified(session: AsyncSession, conversation_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The verified phones of each conversation."""
    is_verified = PhoneVerification.conversation_id.in_(conversation_ids), PhoneVerification.verified_at.is_not(None)
    query = select(PhoneVerification.conversation_id, PhoneVerification.phone).where(*is_verified)
    verified: defaultdict[str, set[str]] = defaultdict(set)
    for conversation_id, phone in (await session.execute(query)).all():
        verified[conversation_id].add(phone)
    return {each: frozenset(verified[each]) for each in conversation_ids}


async def list_conversations_of_phone(session: AsyncSession, phone: str) -> list[str]:
    """The conversations that verified a phone, the last one first."""
    is_theirs = PhoneVerification.phone_key == phone, PhoneVerification.verified_at.is_not(None)
    query = select(PhoneVerification.conversation_id).where(*is_theirs).order_by(PhoneVerification.verified_at.desc())
    return list(dict.fromkeys(await session.scalars(query)))


async def list_same_customer(session: AsyncSession, *conversation_ids: str) -> frozenset[str]:
    """The conversations, on whatever channel, that verified a phone which one of these verified too; these included."""
    return frozenset((*conversation_ids, *await session.scalars(_select_same_customer(conversation_ids))))


async def lock_same_customer(session: AsyncSession, conversation_id: str) -> frozenset[str]:
    """As `list_same_customer`; what the customer does at the same moment on another channel waits."""
    query = _select_same_customer([conversation_id]).order_by(PhoneVerification.id)
    found = await session.scalars(query.with_for_update(of=PhoneVerification))
    return frozenset((conversation_id, *found))


def _select_same_customer(conversation_ids: Collection[str]) -> Select[str]:
    this = aliased(PhoneVerification)
    is_same = PhoneVerification.phone_key == this.phone_key
    is_verified = PhoneVerification.verified_at.is_not(None), this.verified_at.is_not(None)
    query = select(PhoneVerification.conversation_id).join(this, is_same)
    return query.where(this.conversation_id.in_(conversation_ids), *is_verified)
