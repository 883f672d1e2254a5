"""Locks by name, held until the transaction ends."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


async def lock_name(session: AsyncSession, name: str) -> None:
    """Until the transaction ends nobody else gets the lock; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_LOCK, {"name": name})
