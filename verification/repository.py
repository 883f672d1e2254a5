"""Reads which phones are verified, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from verification.tables import PhoneVerification


async def list_verified(session: AsyncSession, conversation_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The verified phones of each conversation."""
    is_verified = PhoneVerification.conversation_id.in_(conversation_ids), PhoneVerification.verified_at.is_not(None)
    query = select(PhoneVerification.conversation_id, PhoneVerification.phone).where(*is_verified)
    verified: defaultdict[str, set[str]] = defaultdict(set)
    for conversation_id, phone in (await session.execute(query)).all():
        verified[conversation_id].add(phone)
    return {each: frozenset(verified[each]) for each in conversation_ids}
