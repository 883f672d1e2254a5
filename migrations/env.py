"""What Alembic runs: connects as the services do and applies the versions."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from kit.database import Database
from migrations.metadata import METADATA


def migrate(connection: Connection) -> None:
    """Applies what is missing; SQLite alters tables by copying them (batch mode)."""
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    """Runs the synchronous Alembic over our asynchronous engine."""
    database = Database(context.config.attributes["database_url"])
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate)
    await database.close()


asyncio.run(connect_and_migrate())
