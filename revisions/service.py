"""Drafts and approves revisions of one topic, in the transaction of the caller, who checks roles and audits.

Every method raises RequestError 409 when somebody else was faster.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import RequestError
from kit.locks import lock_name
from revisions import rules
from revisions.schemas import Content, RevisionNoteView, RevisionView, State
from revisions.tables import Revision, RevisionNote

DRAFT_OPEN = "已有一份草稿在改或等审核，请先处理那一份"


class Revisions:
    """The revisions of one topic, such as `product`."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    async def lock(self, session: AsyncSession) -> None:
        """Until the transaction ends nobody else gets the topic's lock."""
        await lock_name(session, f"revisions:{self._topic}")

    async def list_all(self, session: AsyncSession, key: str | None = None) -> list[RevisionView]:
        """Of a key or of all, by key and number."""
        query = select(Revision).where(Revision.topic == self._topic).order_by(Revision.key, Revision.number)
        if key is not None:
            query = query.where(Revision.key == key)
        return [RevisionView.model_validate(row) for row in await session.scalars(query)]

    async def find(self, session: AsyncSession, key: str, number: int) -> RevisionView | None:
        """One revision."""
        row = await session.scalar(self._find(key, number))
        return RevisionView.model_validate(row) if row else None

    async def list_drafts(self, session: AsyncSession) -> list[RevisionView]:
        """The open drafts, by key."""
        query = select(Revision).where(Revision.topic == self._topic, Revision.state == "draft").order_by(Revision.key)
        return [RevisionView.model_validate(row) for row in await session.scalars(query)]

    async def list_effective(
        self, session: AsyncSession, day: date, approved_by: datetime | None = None
    ) -> list[RevisionView]:
        """The revisions in force on a day, one a key at most, by key; without what was approved after a moment."""
        is_begun = [Revision.topic == self._topic, Revision.state == "approved", Revision.effective_from <= day]
        if approved_by:
            is_begun.append(Revision.decided_at <= approved_by)
        # As rules.find_effective does; and rows, as the session follows objects for as long as all the rest takes.
        last_first = Revision.effective_from.desc(), Revision.number.desc()
        place = func.row_number().over(partition_by=Revision.key, order_by=last_first).label("place")
        ranked = select(Revision.id, place).where(*is_begun).subquery()
        last = Revision.id.in_(select(ranked.c.id).where(ranked.c.place == 1))
        rows = await session.execute(select(*inspect(Revision).columns).where(last).order_by(Revision.key))
        return [RevisionView.model_validate(row) for row in rows]

    async def list_first_days(self, session: AsyncSession) -> dict[str, date]:
        """The day on which the first approved revision of each key begins."""
        approved = Revision.topic == self._topic, Revision.state == "approved"
        first = select(Revision.key, func.min(Revision.effective_from).label("day")).where(*approved)
        return {row.key: row.day for row in await session.execute(first.group_by(Revision.key))}

    async def count_approved(self, session: AsyncSession) -> int:
        """How many revisions were approved; it rises with each that is, whatever the clock of whoever did, and never
        falls.
        """
        query = select(func.count()).where(Revision.topic == self._topic, Revision.state == "approved")
        return await session.scalar(query) or 0

    async def seed(
        self, session: AsyncSession, key: str, values: Sequence[tuple[date, Content]], now: datetime
    ) -> None:
        """Revisions that were in force before anybody wrote here, of a key that has none."""
        for number, (day, content) in enumerate(values, 1):
            written = {"content": content, "effective_from": day, "written_at": now, "decided_at": now}
            session.add(self._make(key, number, state="approved", writers=[], **written))

    async def draft(
        self,
        session: AsyncSession,
        key: str,
        content: Content,
        effective_from: date,
        *,
        by: str,
        now: datetime,
        today: date,
        rolls_back: int | None = None,
        change: str | None = None,
    ) -> RevisionView:
        """A new draft, of a change if one is named; 409 while another one of the key is open."""
        rules.require_future(effective_from, today)
        last = await session.scalar(
            select(func.max(Revision.number)).where(Revision.topic == self._topic, Revision.key == key)
        )
        written = {"content": content, "effective_from": effective_from, "writers": [by], "written_at": now}
        row = self._make(key, (last or 0) + 1, state="draft", rolls_back=rolls_back, change=change, **written)
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:
            raise RequestError(409, "draft_open", DRAFT_OPEN) from None
        return RevisionView.model_validate(row)

    async def draft_all(
        self,
        session: AsyncSession,
        contents: Mapping[str, Content],
        effective_from: date,
        *,
        by: str,
        now: datetime,
        today: date,
    ) -> list[RevisionView]:
        """As `draft`, for many keys at once; 409 if one of them has an open draft."""
        rules.require_future(effective_from, today)
        highest = select(Revision.key, func.max(Revision.number).label("number")).group_by(Revision.key)
        found = await session.execute(highest.where(Revision.topic == self._topic))
        last: dict[str, int] = {row.key: row.number for row in found}
        written = {"effective_from": effective_from, "writers": [by], "written_at": now}
        rows = [
            self._make(key, last.get(key, 0) + 1, state="draft", content=content, **written)
            for key, content in contents.items()
        ]
        try:
            async with session.begin_nested():
                session.add_all(rows)
        except IntegrityError:
            raise RequestError(409, "draft_open", DRAFT_OPEN) from None
        return [RevisionView.model_validate(row) for row in rows]

    async def revise(
        self,
        session: AsyncSession,
        key: str,
        number: int,
        version: int,
        content: Content,
        effective_from: date,
        *,
        by: str,
        now: datetime,
        today: date,
    ) -> RevisionView:
        """Changes a draft; whoever does becomes one of its writers. The others of its change: see `move_change`."""
        row, _ = await self._take(session, key, number, version)
        rules.require_future(effective_from, today)
        row.content = content
        _write(row, effective_from, by, now)
        return await self._keep(session, row)

    async def join(
        self,
        session: AsyncSession,
        key: str,
        number: int,
        version: int,
        change: str | None,
        effective_from: date,
        *,
        by: str,
        now: datetime,
    ) -> RevisionView:
        """Makes a draft part of a change, which begins on that day, or of none any more. Whoever moves its day becomes
        one of its writers.
        """
        row, before = await self._take(session, key, number, version)
        row.change = change
        if before.effective_from != effective_from:
            _write(row, effective_from, by, now)
        return await self._keep(session, row)

    async def list_change(self, session: AsyncSession, change: str, state: State) -> list[RevisionView]:
        """The revisions of a change that are in a state, by key."""
        query = select(Revision).where(Revision.topic == self._topic, Revision.change == change)
        rows = await session.scalars(query.where(Revision.state == state).order_by(Revision.key))
        return [RevisionView.model_validate(row) for row in rows]

    async def approve(
        self, session: AsyncSession, key: str, number: int, version: int, *, by: str, now: datetime, today: date
    ) -> RevisionView:
        """Approves a draft that somebody else wrote; it is in force from its date on."""
        row, before = await self._take(session, key, number, version)
        rules.require_second(before, by)
        rules.require_future(before.effective_from, today)
        row.state, row.decided_by, row.decided_at = "approved", by, now
        return await self._keep(session, row)

    async def refuse(
        self, session: AsyncSession, key: str, number: int, version: int, reason: str, *, by: str, now: datetime
    ) -> RevisionView:
        """Refuses a draft that somebody else wrote."""
        row, before = await self._take(session, key, number, version)
        rules.require_second(before, by)
        row.state, row.decided_by, row.decided_at, row.reason = "refused", by, now, reason
        return await self._keep(session, row)

    async def withdraw(
        self, session: AsyncSession, key: str, number: int, version: int, *, by: str, now: datetime
    ) -> RevisionView:
        """Withdraws a draft that they wrote."""
        row, before = await self._take(session, key, number, version)
        rules.require_writer(before, by)
        row.state, row.decided_by, row.decided_at = "withdrawn", by, now
        return await self._keep(session, row)

    async def roll_back(
        self,
        session: AsyncSession,
        key: str,
        number: int,
        effective_from: date,
        *,
        by: str,
        now: datetime,
        today: date,
    ) -> RevisionView:
        """A new draft with the content of an earlier approved revision."""
        row = await session.scalar(self._find(key, number))
        if row is None or row.state != "approved":
            raise RequestError(404, "unknown_revision", "没有这个版本")
        return await self.draft(
            session, key, row.content, effective_from, by=by, now=now, today=today, rolls_back=number
        )

    async def add_note(
        self, session: AsyncSession, revision: RevisionView, text: str, *, by: str, now: datetime
    ) -> RevisionNoteView:
        """Adds a note about a revision."""
        about = {"topic": self._topic, "key": revision.key, "number": revision.number}
        note = RevisionNote(**about, staff_id=by, text=text, at=now)
        session.add(note)
        await session.flush()
        return RevisionNoteView.model_validate(note)

    async def list_notes(self, session: AsyncSession, key: str) -> list[RevisionNoteView]:
        """Those about a key's revisions, the oldest first."""
        return await self._list_notes(session, RevisionNote.key == key)

    async def list_draft_notes(self, session: AsyncSession) -> list[RevisionNoteView]:
        """Those about open drafts, the oldest first."""
        is_draft = exists().where(
            Revision.topic == RevisionNote.topic,
            Revision.key == RevisionNote.key,
            Revision.number == RevisionNote.number,
            Revision.state == "draft",
        )
        return await self._list_notes(session, is_draft)

    async def _list_notes(self, session: AsyncSession, condition: ColumnElement[bool]) -> list[RevisionNoteView]:
        query = select(RevisionNote).where(RevisionNote.topic == self._topic, condition).order_by(RevisionNote.id)
        return [RevisionNoteView.model_validate(row) for row in await session.scalars(query)]

    def _make(self, key: str, number: int, **values: object) -> Revision:
        usual = {"version": 1, "rolls_back": None, "decided_by": None, "decided_at": None, "reason": "", "change": None}
        return Revision(topic=self._topic, key=key, number=number, **{**usual, **values})

    def _find(self, key: str, number: int) -> Select[Revision]:
        return select(Revision).where(Revision.topic == self._topic, Revision.key == key, Revision.number == number)

    async def _take(self, session: AsyncSession, key: str, number: int, version: int) -> tuple[Revision, RevisionView]:
        row = await session.scalar(self._find(key, number).with_for_update())
        if row is None:
            raise RequestError(404, "unknown_revision", "没有这个版本")
        before = RevisionView.model_validate(row)
        rules.require_open(before, version)
        return row, before

    async def _keep(self, session: AsyncSession, row: Revision) -> RevisionView:
        row.version += 1
        await session.flush()
        return RevisionView.model_validate(row)


async def move_change(
    session: AsyncSession, change: str, effective_from: date, *, by: str, now: datetime
) -> list[tuple[str, RevisionView]]:
    """Makes the drafts of a change begin on a day; those that began on another one, each with its topic. Whoever moves
    them becomes one of their writers.
    """
    is_other = Revision.change == change, Revision.state == "draft", Revision.effective_from != effective_from
    query = select(Revision).where(*is_other).order_by(Revision.id).with_for_update()
    rows = (await session.scalars(query)).all()
    for row in rows:
        _write(row, effective_from, by, now)
        row.version += 1
    await session.flush()
    return [(row.topic, RevisionView.model_validate(row)) for row in rows]


def _write(row: Revision, effective_from: date, by: str, now: datetime) -> None:
    row.effective_from, row.written_at = effective_from, now
    row.writers = list(dict.fromkeys((*row.writers, by)))
