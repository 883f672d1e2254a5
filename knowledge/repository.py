"""Queries on the entries in force and on stored vectors."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import CHINA
from knowledge.record import ENCODER_KEY, encoder_revisions, entry_revisions
from knowledge.schemas import EntryView
from knowledge.tables import TextVector

CHUNK = 500
MANY = 5000


async def list_entries(session: AsyncSession, at: datetime, approved_by: datetime | None = None) -> list[EntryView]:
    """The entries in force at a moment, in the order of their ids; of the past without what was approved since."""
    revisions = await entry_revisions.list_effective(session, at.astimezone(CHINA).date(), approved_by)
    entries = (EntryView(entry_id=each.key, revision=each.number, **each.content) for each in revisions)
    return [each for each in entries if not each.is_retired and not each.has_expired(at)]


async def find_tuned(session: AsyncSession, day: date) -> str | None:
    """The fingerprint of the tuned encoder that is in force on a day; None: that of the settings is."""
    in_force = await encoder_revisions.list_effective(session, day)
    return next((each.content["fingerprint"] for each in in_force if each.key == ENCODER_KEY), None)


async def find_vectors(session: AsyncSession, encoder: str, keys: Sequence[str]) -> dict[str, bytes]:
    """Stored vectors of an encoder by key."""
    columns = select(TextVector.key, TextVector.encoder, TextVector.vector)
    if len(keys) > MANY:  # one reading of the table is cheaper than many searches
        wanted, of_encoder = set(keys), columns.where(TextVector.encoder == encoder)
        return {row.key: row.vector for row in await session.execute(of_encoder) if row.key in wanted}
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), CHUNK):
        # Asked for the encoder too, SQLite would read all of that encoder's for each query.
        query = columns.where(TextVector.key.in_(keys[start : start + CHUNK]))
        found |= {row.key: row.vector for row in await session.execute(query) if row.encoder == encoder}
    return found


async def keep_vectors(session: AsyncSession, encoder: str, vectors: Mapping[str, bytes]) -> None:
    """Stores exactly these vectors of an encoder; those of removed texts are deleted."""
    known = set(await session.scalars(select(TextVector.key).where(TextVector.encoder == encoder)))
    new = {key: vector for key, vector in vectors.items() if key not in known}
    await change_vectors(session, encoder, sorted(known - vectors.keys()), new)


async def forget_encoders(session: AsyncSession, kept: Collection[str]) -> None:
    """Deletes the vectors of all encoders but these."""
    await session.execute(delete(TextVector).where(TextVector.encoder.not_in(kept)))


async def change_vectors(session: AsyncSession, encoder: str, gone: Sequence[str], new: Mapping[str, bytes]) -> None:
    """Deletes the vectors with some keys, and stores others of an encoder."""
    for start in range(0, len(gone), CHUNK):
        await session.execute(delete(TextVector).where(TextVector.key.in_(gone[start : start + CHUNK])))
    # Always in the same order, so that two processes that insert the same keys cannot deadlock.
    rows = [{"key": key, "encoder": encoder, "vector": new[key]} for key in sorted(new)]
    if rows:
        await session.execute(insert(TextVector), rows)
