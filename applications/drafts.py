"""Keeps what was filled in of an application that is not handed in yet, so that it can be resumed days later."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.schemas import DraftIn, DraftView
from applications.tables import ApplicationDraft
from kit.clock import Clock, read_clock
from kit.database import Database
from privacy.retention import load_retention
from verification.repository import list_same_customer


class Drafts:
    """The drafts in the database: one a conversation, found on every channel where its customer verified the phone."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, draft: DraftIn) -> DraftView | None:
        """Keeps a draft in place of the conversation's one before; without answers all the customer's are deleted."""
        async with self._database.transaction() as session:
            if not draft.answers:
                await drop_drafts(session, draft.conversation_id)
                return None
            theirs = select(ApplicationDraft).where(ApplicationDraft.conversation_id == draft.conversation_id)
            row = await session.scalar(theirs.with_for_update())
            if row is None:
                row = ApplicationDraft(id=str(uuid.uuid4()), conversation_id=draft.conversation_id)
                session.add(row)
            row.answers, row.saved_at = draft.answers, self._clock()
        return DraftView.model_validate(row)

    async def find(self, conversation_id: str) -> DraftView | None:
        """The customer's newest draft that is not over."""
        async with self._database.reading() as session:
            theirs = await list_same_customer(session, conversation_id)
            newest = select(ApplicationDraft).where(ApplicationDraft.conversation_id.in_(theirs))
            newest = newest.where(ApplicationDraft.saved_at > self._clock() - get_time())
            row = (await session.scalars(newest.order_by(ApplicationDraft.saved_at.desc()).limit(1))).one_or_none()
        return DraftView.model_validate(row) if row else None


async def drop_drafts(session: AsyncSession, conversation_id: str) -> int:
    """Deletes the customer's drafts in the caller's transaction; how many there were."""
    theirs = await list_same_customer(session, conversation_id)
    dropped = delete(ApplicationDraft).where(ApplicationDraft.conversation_id.in_(theirs))
    return len((await session.scalars(dropped.returning(ApplicationDraft.conversation_id))).all())


async def list_to_remind(session: AsyncSession, since: datetime, until: datetime, limit: int) -> Sequence[str]:
    """The ids of drafts last saved between two moments whose customers were not reminded yet, the oldest first."""
    is_due = ApplicationDraft.reminded_at.is_(None), ApplicationDraft.saved_at.between(since, until)
    query = select(ApplicationDraft.id).where(*is_due).order_by(ApplicationDraft.saved_at).limit(limit)
    return (await session.scalars(query)).all()


async def take_reminder(session: AsyncSession, draft_id: str, until: datetime, now: datetime) -> DraftView | None:
    """Notes that the customer of a draft is reminded; None if it is gone, saved since, or somebody else did so."""
    draft = await session.get(ApplicationDraft, draft_id, with_for_update=True)
    if draft is None or draft.reminded_at or draft.saved_at > until:
        return None
    draft.reminded_at = now
    return DraftView.model_validate(draft)


def get_time() -> timedelta:
    """How long a draft is kept."""
    time = load_retention().kinds["draft"].time
    if time is None:
        raise LookupError("drafts have no end")
    return time
