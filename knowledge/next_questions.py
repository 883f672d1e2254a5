"""What customers often ask after an answer: counted by the desk (desk/next_questions.py), offered as follow-ups."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.tables import NextQuestion


async def list_asked_next(session: AsyncSession) -> dict[str, list[str]]:
    """Ids of the entries that answered customers' next questions, by the entry before, most frequent first."""
    query = select(NextQuestion).order_by(NextQuestion.customers.desc(), NextQuestion.next_id)
    found: dict[str, list[str]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.entry_id, []).append(row.next_id)
    return found


async def keep_asked_next(session: AsyncSession, counts: Mapping[tuple[str, str], int]) -> None:
    """Replaces what is known; `counts`: customers by the ids of an entry and of the next one."""
    await session.execute(delete(NextQuestion))
    rows = [{"entry_id": one, "next_id": other, "customers": counts[one, other]} for one, other in sorted(counts)]
    if rows:
        await session.execute(insert(NextQuestion), rows)
