"""Golden questions: what must be answered by its entry, or must not be answered, whoever publishes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import tables


class GoldenQuestion(NamedTuple):
    """A question that its entry must be found for first; None: that must not be answered."""

    text: str
    entry_id: str | None


class GoldenView(NamedTuple):
    """A golden question with who added it when; nobody: it came with the seed."""

    id: int
    text: str
    entry_id: str | None
    added_by: str | None
    added_at: datetime


async def list_golden_questions(session: AsyncSession) -> list[GoldenQuestion]:
    """All of them, the oldest first."""
    rows = await session.scalars(select(tables.GoldenQuestion).order_by(tables.GoldenQuestion.id))
    return [GoldenQuestion(row.text, row.entry_id) for row in rows]


async def view_golden_questions(session: AsyncSession) -> list[GoldenView]:
    """All of them, the newest first."""
    rows = await session.scalars(select(tables.GoldenQuestion).order_by(tables.GoldenQuestion.id.desc()))
    return [GoldenView(row.id, row.text, row.entry_id, row.added_by, row.added_at) for row in rows]


async def has_golden_question(session: AsyncSession, text: str) -> bool:
    """Whether there is one with these words."""
    return bool(await session.scalar(select(exists().where(tables.GoldenQuestion.text == text))))


def add_golden_questions(
    session: AsyncSession, texts: Sequence[str], entry_id: str | None, now: datetime, by: str | None = None
) -> None:
    """Adds questions that the entry must be found for; None: that must not be answered."""
    session.add_all(tables.GoldenQuestion(text=text, entry_id=entry_id, added_by=by, added_at=now) for text in texts)


async def remove_golden_question(session: AsyncSession, question_id: int) -> GoldenQuestion | None:
    """Removes one and gives it; None if it is gone."""
    removal = delete(tables.GoldenQuestion).where(tables.GoldenQuestion.id == question_id)
    columns = tables.GoldenQuestion.text, tables.GoldenQuestion.entry_id
    removed = (await session.execute(removal.returning(*columns))).one_or_none()
    return GoldenQuestion(*removed) if removed else None
