"""A database that is away for a moment, on both kinds: its messages cannot be read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text

from kit.database import Database
from tests.waiting import WAIT_SECONDS


@asynccontextmanager
async def lose_messages(database: Database) -> AsyncIterator[None]:
    """Within the block every read of messages fails."""
    await _rename(database, "messages", "away")
    yield
    await _rename(database, "away", "messages")


async def wait_until(is_met: Callable[[], bool]) -> None:
    """Fails when it is not met within some seconds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_met():  # noqa: ASYNC110 (a log is no event)
            await asyncio.sleep(0.01)


async def _rename(database: Database, old: str, new: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
