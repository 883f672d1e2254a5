"""Fills an empty database with the initial entries and golden questions."""

import contextlib
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import CHINA
from kit.database import Database
from knowledge import repository
from knowledge.adapter.texts import read_groups
from knowledge.demo import list_demo_entries, names_demo_bank
from knowledge.golden_questions import add_golden_questions
from knowledge.record import entry_revisions
from knowledge.schemas import EntryText
from knowledge.seeding import read_seed


async def fill_if_empty(
    database: Database, folder: Path, internal: Path | None, golden: Path | None, now: datetime
) -> None:
    """Fills an empty database with the entries of a folder, those of another that only staff find, and with golden
    questions from a file of groups.
    """
    async with database.reading() as session:
        if await entry_revisions.count_approved(session):
            return
    with contextlib.suppress(IntegrityError):  # another process seeded it first
        async with database.transaction() as session:
            await _seed(session, folder, golden, now)
            if internal:
                await _add_entries(session, internal, now, is_internal=True)


def is_of_demo_bank(folder: Path) -> bool:
    """Whether the entries of a folder are the demo bank's."""
    return any(names_demo_bank(each.question, each.answer) for _, each in read_seed(folder))


async def require_own_entries(database: Database, now: datetime) -> None:
    """Raises ValueError if the database holds texts of the demo bank."""
    async with database.reading() as session:
        entries = list_demo_entries(await repository.list_entries(session, now))
    if entries:
        raise ValueError(f"the database holds {len(entries)} entries of the demo bank: production needs its own")


async def _seed(session: AsyncSession, folder: Path, golden: Path | None, now: datetime) -> None:
    await _add_entries(session, folder, now)
    known = {entry.id for _, entry in read_seed(folder)}
    for entry_id, texts in read_groups(golden).items() if golden else ():
        add_golden_questions(session, texts, entry_id if entry_id in known else None, now)


async def _add_entries(session: AsyncSession, folder: Path, now: datetime, *, is_internal: bool = False) -> None:
    day = now.astimezone(CHINA).date()
    for category, entry in read_seed(folder):
        content = EntryText(
            category=category,
            question=entry.question,
            similar_questions=entry.list_similar(),
            answer=entry.answer,
            question_english=entry.english.question if entry.english else None,
            answer_english=entry.english.answer if entry.english else None,
            follow_ups=entry.follow_ups,
            source=entry.source,
            is_internal=is_internal,
        )
        await entry_revisions.seed(session, entry.id, [(day, content.model_dump(mode="json"))], now)
