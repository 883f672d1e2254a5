"""Agrees between the knowledge processes on the moment at which all of them put a new index in force.

Their clocks have to agree: a process whose clock is late, or that is too busy to learn of the moment in time, answers
from the old index for so long.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from kit.clock import Clock
from kit.database import Database
from knowledge.tables import IndexBuild, IndexCutover

# A process that has not been heard of for so long is not waited for.
LIVE = timedelta(seconds=6)
BEAT_SECONDS = 2.0


class Edition(NamedTuple):
    """What an index was built of: the version and the day of the entries. Later ones are greater."""

    version: int
    day: date


class Cutover:
    """One process's part in the agreement.

    `lead` passes between the agreement and the moment: every process reads of it in time if it asks more often.
    """

    def __init__(self, database: Database, clock: Clock, lead: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._lead = lead
        self._id = str(uuid4())

    async def begin(self, edition: Edition) -> None:
        """Says that this process builds an index, for which the others have to wait from now on."""
        await self._tell(edition, is_built=False)

    async def finish(self, edition: Edition) -> None:
        """Says that it has built it."""
        await self._tell(edition, is_built=True)

    async def agree(self, edition: Edition) -> datetime | None:
        """The moment from which on an index that this process has built is in force; None as long as another live
        process has not built it.
        """
        try:
            async with self._database.transaction() as session:
                known = await session.get(IndexCutover, tuple(edition))
                if known:
                    return known.at
                # Locked, so that none begins something else meanwhile.
                others = list(await session.scalars(self._find_others().with_for_update()))
                if any(Edition(each.version, each.day) != edition or not each.is_built for each in others):
                    return None
                at = self._clock() + self._lead if others else self._clock()
                await session.execute(delete(IndexCutover).where(IndexCutover.at < at - LIVE))
                session.add(IndexCutover(version=edition.version, day=edition.day, at=at))
                return at
        except IntegrityError:  # another process was faster, and its moment is found next time
            return None

    async def is_overtaken(self, edition: Edition) -> bool:
        """Whether another live process builds or has a later one: then this one will never be agreed on."""
        async with self._database.reading() as session:
            others = await session.scalars(self._find_others())
            return any(Edition(each.version, each.day) > edition for each in others)

    async def beat(self) -> None:
        """Says that this process is alive."""
        async with self._database.transaction() as session:
            if row := await session.get(IndexBuild, self._id):
                row.seen_at = self._clock()

    async def leave(self) -> None:
        """Says that it is no more."""
        async with self._database.transaction() as session:
            await session.execute(delete(IndexBuild).where(IndexBuild.id == self._id))

    async def _tell(self, edition: Edition, *, is_built: bool) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(IndexBuild).where(IndexBuild.seen_at < self._clock() - 10 * LIVE))
            told = {"version": edition.version, "day": edition.day, "is_built": is_built, "seen_at": self._clock()}
            await session.merge(IndexBuild(id=self._id, **told))

    def _find_others(self) -> Select[IndexBuild]:
        """The other live processes."""
        is_live = IndexBuild.seen_at > self._clock() - LIVE
        return select(IndexBuild).where(IndexBuild.id != self._id, is_live).order_by(IndexBuild.id)
