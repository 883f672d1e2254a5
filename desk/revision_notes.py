"""Notes that staff write to each other about a revision: what a reviewer asks, and what its writer replies."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.drafts import INVALID
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.tables import Staff
from desk.topics import Topic
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields
from kit.masking import mask_personal_data
from kit.pubsub import Signal, publish
from kit.text import clean_text
from revisions.schemas import RevisionNoteView, RevisionView

NOTE_MAX = 500
QUOTED_MAX = 60


class RevisionNotes:
    """The notes about the revisions of a topic; who may see these may write them, else RequestError 403."""

    def __init__(self, topic: Topic, database: Database, clock: Clock = read_clock) -> None:
        self._topic = topic
        self._database = database
        self._clock = clock

    async def add(self, staff: StaffView, revision: RevisionView, title: str, words: str) -> None:
        """Adds a note, with personal numbers masked, and notifies its writers and whoever has written about it.

        InvalidFields if it is empty or too long. `title` names the thing.
        """
        self._topic.require(staff, "view")
        text, now = mask_personal_data(clean_text(words)), self._clock()
        if not 1 <= len(text) <= NOTE_MAX:
            raise InvalidFields(INVALID, {"note": f"请写备注，最多{NOTE_MAX}字"})
        async with self._database.transaction() as session:
            before = await self._topic.revisions.list_notes(session, revision.key)
            note = await self._topic.revisions.add_note(session, revision, text, by=staff.id, now=now)
            others = {each.staff_id for each in before if each.number == revision.number}
            told = {*revision.writers, *others, revision.decided_by or ""} - {staff.id}
            headline = f"{staff.name}写了备注\n《{title}》：{text[:QUOTED_MAX]}"
            for staff_id in await _list_active(session, sorted(told)):
                key = f"note:{self._topic.name}:{note.id}:{staff_id}"
                await notifier.add(session, staff_id, key, headline, self._topic.path, now=now)
            await publish(session, Signal(self._topic.name, "revised"))

    async def list_on_drafts(self, staff: StaffView) -> Mapping[str, Sequence[RevisionNoteView]]:
        """Those about open drafts, by key, the oldest first."""
        self._topic.require(staff, "view")
        async with self._database.reading() as session:
            notes = await self._topic.revisions.list_draft_notes(session)
        by_key: dict[str, list[RevisionNoteView]] = defaultdict(list)
        for note in notes:
            by_key[note.key].append(note)
        return by_key

    async def list_of(self, staff: StaffView, key: str) -> Sequence[RevisionNoteView]:
        """Those about all revisions of a key, the oldest first."""
        self._topic.require(staff, "view")
        async with self._database.reading() as session:
            return await self._topic.revisions.list_notes(session, key)


async def _list_active(session: AsyncSession, staff_ids: Sequence[str]) -> Sequence[str]:
    return (await session.scalars(select(Staff.id).where(Staff.id.in_(staff_ids), Staff.is_active))).all()
