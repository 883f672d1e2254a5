"""Queries on stored decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from kit.database import Database
from scoring.tables import StoredDecision

# Built once, and run without the ORM: storing a decision is most of what making one costs.
decisions: Table = StoredDecision.metadata.tables[StoredDecision.__tablename__]
_KEY = ["idempotency_key"]
_INSERT = {
    "sqlite": sqlite.insert(decisions).on_conflict_do_nothing(index_elements=_KEY).returning(decisions.c.id),
    "postgresql": postgresql.insert(decisions).on_conflict_do_nothing(index_elements=_KEY).returning(decisions.c.id),
}
_SHOWN = select(decisions.c.id, decisions.c.request_hash, decisions.c.decision)
_BY_KEY = _SHOWN.where(decisions.c.idempotency_key == bindparam("key"))
_BY_ID = _SHOWN.where(decisions.c.id == bindparam("decision_id"))


class ShownDecision(NamedTuple):
    """What is told of a stored decision, and the hash of what was asked."""

    id: str
    request_hash: str
    decision: Mapping[str, Any]


async def insert_decision(database: Database, row: Mapping[str, Any]) -> bool:
    """Stores a decision; False if one has this idempotency key."""
    return bool(await database.run(_INSERT[database.engine.dialect.name], row))


async def find_by_key(database: Database, key: str) -> ShownDecision | None:
    """The decision that was stored under a key."""
    return _read(await database.fetch(_BY_KEY.params(key=key)))


async def find_by_id(database: Database, decision_id: str) -> ShownDecision | None:
    """A decision."""
    return _read(await database.fetch(_BY_ID.params(decision_id=decision_id)))


def _read(rows: Sequence[Any]) -> ShownDecision | None:
    return ShownDecision(*rows[0]) if rows else None


async def list_shadows(
    database: Database, begin: datetime, end: datetime
) -> Sequence[tuple[str, Mapping[str, Any] | None]]:
    """Of the decisions from a moment on until before another, in order: their ids and what was kept of the shadow."""
    query = (
        select(StoredDecision.id, StoredDecision.shadow)
        .where(StoredDecision.created_at >= begin, StoredDecision.created_at < end)
        .order_by(StoredDecision.created_at, StoredDecision.id)
    )
    return [(row.id, row.shadow) for row in await database.fetch(query)]
