"""What Alembic runs: connects as the services do and applies the versions."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, event, text

from kit.database import Database
from migrations.metadata import METADATA

MIGRATION_SECONDS = 3600.0  # a statement may rewrite a large table


def migrate(connection: Connection) -> None:
    """Applies what is missing; SQLite alters tables by copying them (batch mode)."""
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise RuntimeError("the migration left rows that point nowhere; nothing was changed")


async def connect_and_migrate() -> None:
    """Runs the synchronous Alembic over our asynchronous engine."""
    attributes = context.config.attributes
    database = Database(attributes["database_url"], attributes["vault"], statement_seconds=MIGRATION_SECONDS)

    if database.engine.dialect.name == "sqlite":

        @event.listens_for(database.engine.sync_engine, "connect")
        def loosen(connection: Any, record: Any) -> None:
            # A copied table is dropped under its old name, which rows of other tables still point to.
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.close()

    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(migrate)
    finally:
        await database.close()


asyncio.run(connect_and_migrate())
