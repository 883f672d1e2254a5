"""Rasa's SQL tracker store with the index its queries want."""

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore


class IndexedTrackerStore(SQLTrackerStore):
    """Every turn reads a conversation's events since its session began: that must not scan all of its life."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
        with self.engine.begin() as connection:
            connection.execute(
                sa.text("CREATE INDEX IF NOT EXISTS ix_events_session ON events (sender_id, type_name, timestamp)")
            )


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # Write-ahead logging spares every turn two waits for the disk; a power cut may cost the last turn's dialogue
    # state, never the gateway's record.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
