"""Queries on knowledge entries and kept vectors."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.tables import KnowledgeEntry, TextVector

CHUNK = 500


async def list_entries(session: AsyncSession) -> Sequence[KnowledgeEntry]:
    """All entries with their similar questions."""
    return (await session.scalars(select(KnowledgeEntry).order_by(KnowledgeEntry.id))).all()


async def describe_state(session: AsyncSession) -> str:
    """Changes whenever an entry is added, changed or removed."""
    query = select(func.count(), func.max(KnowledgeEntry.updated_at)).select_from(KnowledgeEntry)
    count, newest = (await session.execute(query)).one()
    return f"{count} {newest}"


async def find_vectors(session: AsyncSession, keys: Sequence[str]) -> dict[str, bytes]:
    """Kept vectors by key."""
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), CHUNK):
        query = select(TextVector).where(TextVector.key.in_(keys[start : start + CHUNK]))
        found |= {row.key: row.vector for row in await session.scalars(query)}
    return found


async def keep_vectors(session: AsyncSession, vectors: Mapping[str, bytes]) -> None:
    """Keeps exactly these vectors and forgets those of texts that are gone."""
    known = set(await session.scalars(select(TextVector.key)))
    stale = sorted(known - vectors.keys())
    for start in range(0, len(stale), CHUNK):
        await session.execute(delete(TextVector).where(TextVector.key.in_(stale[start : start + CHUNK])))
    # In one order for all: two processes that write the same keys must not wait for each other in a circle.
    session.add_all(TextVector(key=key, vector=vectors[key]) for key in sorted(vectors.keys() - known))
