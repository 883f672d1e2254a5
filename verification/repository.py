"""Reads which phones are verified, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
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


async def list_same_customer(session: AsyncSession, conversation_id: str) -> frozenset[str]:
    """The conversations, on whatever channel, that verified a phone which this one verified too; itself included."""
    this = aliased(PhoneVerification)
    is_same = PhoneVerification.phone_key == this.phone_key
    query = select(PhoneVerification.conversation_id).join(this, is_same)
    is_verified = PhoneVerification.verified_at.is_not(None), this.verified_at.is_not(None)
    found = await session.scalars(query.where(this.conversation_id == conversation_id, *is_verified))
    return frozenset((conversation_id, *found))
