"""Rasa's SQL tracker store on plain statements, with the index they want."""

import json
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

_FIND_SESSION = "SELECT max(id) FROM events WHERE sender_id = :sender_id AND type_name = 'session_started'"
_LIST_EVENTS = "SELECT data FROM events WHERE sender_id = :sender_id AND id >= :first ORDER BY id"
_INDEX = "CREATE INDEX IF NOT EXISTS ix_events_sender_type_id ON events (sender_id, type_name, id)"


class QuickTrackerStore(SQLTrackerStore):
    """As its parent, but every turn costs one look-up and one insertion without the object mapper between.

    A turn reads a conversation's events since its session began, and then saves those it added, both under Rasa's
    lock of that conversation. So what was read tells what is new.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self.engine = _create_sqlite_engine(self.engine.url)
            self.sessionmaker.configure(bind=self.engine)
        self.engine.hide_parameters = True  # errors are logged, and events hold all that customers say
        with self.engine.begin() as connection:
            connection.execute(sa.text(_INDEX))
        self._read: dict[str, int] = {}

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        values: dict[str, Any] = {"sender_id": sender_id, "first": 0}
        with self.engine.connect() as connection:
            if not fetch_events_from_all_sessions:
                values["first"] = connection.execute(sa.text(_FIND_SESSION), values).scalar() or 0
            rows = connection.execute(sa.text(_LIST_EVENTS), values).all()
        events = [json.loads(data) for (data,) in rows]
        self._read[sender_id] = len(events)
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots) if events else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores the events added since the tracker was read."""
        await self.stream_events(tracker)
        known = self._read.pop(tracker.sender_id, None)
        if known is None:  # saved without having been read: let the parent count
            await super().save(tracker)
            return
        rows = [self._make_row(tracker.sender_id, event.as_dict()) for event in list(tracker.events)[known:]]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(self.SQLEvent.__table__), rows)

    @staticmethod
    def _make_row(sender_id: str, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "sender_id": sender_id,
            "type_name": data["event"],
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }


def _create_sqlite_engine(url: sa.engine.URL) -> sa.engine.Engine:
    # SQLAlchemy opens a file anew for every session; closing the last connection then folds the log into the file.
    engine = sa.create_engine(url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # A power cut may cost the last turn's dialogue state, never the gateway's record.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
