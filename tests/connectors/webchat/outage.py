"""A database that is away for a moment, on both kinds: its messages cannot be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from kit.database import Database


@asynccontextmanager
async def lose_messages(database: Database) -> AsyncIterator[None]:
    """Within the block every read of messages fails."""
    await _rename(database, "messages", "away")
    yield
    await _rename(database, "away", "messages")


async def _rename(database: Database, old: str, new: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
