"""Queries on knowledge entries and stored vectors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.schemas import EntryView
from knowledge.tables import KnowledgeEntry, SimilarQuestion, TextVector

CHUNK = 500


async def list_entries(session: AsyncSession) -> list[EntryView]:
    """All entries in the order of their ids, with their similar questions."""
    similar: dict[str, list[str]] = defaultdict(list)
    query = select(SimilarQuestion.entry_id, SimilarQuestion.text).order_by(SimilarQuestion.position)
    for entry_id, text in await session.execute(query):
        similar[entry_id].append(text)
    columns = select(KnowledgeEntry.id, KnowledgeEntry.category, KnowledgeEntry.question, KnowledgeEntry.answer)
    rows = await session.execute(columns.order_by(KnowledgeEntry.id))
    return [
        EntryView(
            entry_id=row.id,
            category=row.category,
            question=row.question,
            similar_questions=similar[row.id],
            answer=row.answer,
        )
        for row in rows
    ]


async def find_vectors(session: AsyncSession, keys: Sequence[str]) -> dict[str, bytes]:
    """Stored vectors by key."""
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), CHUNK):
        query = select(TextVector).where(TextVector.key.in_(keys[start : start + CHUNK]))
        found |= {row.key: row.vector for row in await session.scalars(query)}
    return found


async def keep_vectors(session: AsyncSession, vectors: Mapping[str, bytes]) -> None:
    """Stores exactly these vectors; those of removed texts are deleted."""
    known = set(await session.scalars(select(TextVector.key)))
    stale = sorted(known - vectors.keys())
    for start in range(0, len(stale), CHUNK):
        await session.execute(delete(TextVector).where(TextVector.key.in_(stale[start : start + CHUNK])))
    # Always in the same order, so that two processes that insert the same keys cannot deadlock.
    session.add_all(TextVector(key=key, vector=vectors[key]) for key in sorted(vectors.keys() - known))
