"""Tables whose rows are never changed: the database refuses it, and each row's keyed hash covers the row before."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Table, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.database import Database
from kit.vault import Vault

View = TypeVar("View", bound=BaseModel)


def refuse_changes(table: str) -> dict[str, tuple[str, ...]]:
    """The statements that make the database refuse to change or delete rows of a table, by dialect.

    On SQLite INSERT OR REPLACE deletes without a word unless `recursive_triggers` is on (kit/database.py).
    """
    reason = f"{table} is append-only"
    return {
        "sqlite": tuple(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
            for act in ("UPDATE", "DELETE")
        ),
        "postgresql": (
            f"CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{reason}'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}()",
        ),
    }


def allow_changes(table: str) -> dict[str, tuple[str, ...]]:
    """The statements that undo `refuse_changes`."""
    return {
        "sqlite": tuple(f"DROP TRIGGER {table}_no_{act}" for act in ("update", "delete")),
        "postgresql": (
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"DROP TRIGGER {table}_no_truncate ON {table}",
            f"DROP FUNCTION refuse_change_of_{table}()",
        ),
    }


def keep_append_only(table: Any) -> None:
    """A table that is created from its declaration refuses changes as well."""

    @event.listens_for(table, "after_create")
    def refuse(created: Table, connection: Connection, **options: Any) -> None:
        for statement in refuse_changes(created.name)[connection.dialect.name]:
            connection.exec_driver_sql(statement)


async def read_rows(
    database: Database, table: Any, view: type[View], after_id: int = 0, *, at_once: int = 1_000
) -> AsyncIterator[View]:
    """All rows with a greater id as values of a type, the oldest first."""
    while True:
        query = select(table).where(table.id > after_id).order_by(table.id).limit(at_once)
        async with database.reading() as session:
            rows = (await session.scalars(query)).all()
            views = [view.model_validate(row) for row in rows]
            last_id = rows[-1].id if rows else after_id
        for each in views:
            yield each
        if len(views) < at_once:
            return
        after_id = last_id


async def lock_chain(session: AsyncSession, lock: int) -> None:
    """Until the transaction ends nobody else adds to the chain; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def chain(vault: Vault, last: str, values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """The hash of a row and of the one before it, by the vault's key.

    Whoever changes a row has to change all that follow, and cannot without the key.
    """
    content = [last, *(_write(values[field]) for field in fields)]
    return vault.digest(f"chain:{json.dumps(content, ensure_ascii=False, sort_keys=True)}")


async def verify(
    vault: Vault,
    views: AsyncIterator[Any],
    fields: tuple[str, ...],
    is_whole: Callable[[Any], bool] = lambda view: True,
) -> tuple[int, str, int | None]:
    """How many rows are as they were written, the last one's hash, and the id of the first that is not.

    The views come oldest first; `is_whole` looks at what each names. Rows missing at the end are not noticed: compare
    count and hash with those of an export.
    """
    count, last = 0, ""
    async for view in views:
        if not is_whole(view) or view.hash != chain(vault, last, view.model_dump(), fields):
            return count, last, view.id
        count, last = count + 1, view.hash
    return count, last, None


def _write(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
