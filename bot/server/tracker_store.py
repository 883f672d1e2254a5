"""Rasa's SQL tracker store with the index its queries want."""

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore


class IndexedTrackerStore(SQLTrackerStore):
    """Every turn reads a conversation's events since its session began: that must not scan all of its life."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self.engine = _create_sqlite_engine(self.engine.url)
            self.sessionmaker.configure(bind=self.engine)
        with self.engine.begin() as connection:
            connection.execute(
                sa.text("CREATE INDEX IF NOT EXISTS ix_events_session ON events (sender_id, type_name, timestamp)")
            )


def _create_sqlite_engine(url: sa.engine.URL) -> sa.engine.Engine:
    # SQLAlchemy opens a file anew for every session; closing the last connection then folds the log into the file.
    engine = sa.create_engine(url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # A power cut may cost the last turn's dialogue state, never the gateway's record.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
