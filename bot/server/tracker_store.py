"""Rasa's SQL tracker store with plain statements, and the index they need."""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

DIALOGUES_KEPT = 500  # some 100 kB each
_FIND_SESSION = (
    "SELECT id, timestamp,"
    " (SELECT count(*) FROM events WHERE sender_id = :sender_id AND id >= :first AND id < :next_row) AS rows_known"
    " FROM events WHERE sender_id = :sender_id AND type_name = 'session_started' ORDER BY id DESC LIMIT 1"
)
_LIST_EVENTS = "SELECT id, data FROM events WHERE sender_id = :sender_id AND id >= :first ORDER BY id"
_FORGET = "DELETE FROM events WHERE sender_id = :sender_id"
_LIST_IDLE = "SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :moment LIMIT 500"
_FORGET_SESSIONS = (
    "DELETE FROM events WHERE timestamp < :moment AND id < (SELECT max(begun.id) FROM events AS begun"
    " WHERE begun.sender_id = events.sender_id AND begun.type_name = 'session_started')"
)
_INDEX = "CREATE INDEX IF NOT EXISTS ix_events_sender_type_id ON events (sender_id, type_name, id)"


@dataclass
class Dialogue:
    """The events of a session that were read so far: rows of the table are added, never changed.

    SQLite reuses the ids of deleted rows, so a session is identified by its id and the time it began.
    """

    session: int = 0
    began_at: float | None = None
    next_row: int = 0
    rows: int = 0
    events: list[Event] = field(default_factory=list)


class QuickTrackerStore(SQLTrackerStore):
    """Rasa's store without the object mapper; a turn reads only the events added since the last one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self.engine = _create_sqlite_engine(self.engine.url)
            self.sessionmaker.configure(bind=self.engine)
        self.engine.hide_parameters = True  # errors are logged, and events hold all that customers say
        with self.engine.begin() as connection:
            connection.execute(sa.text(_INDEX))
        self._dialogues: OrderedDict[str, Dialogue] = OrderedDict()
        self._saved: dict[str, DialogueStateTracker] = {}

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        with self.engine.connect() as connection:
            if fetch_events_from_all_sessions:
                dialogue = Dialogue()
            else:
                known = self._dialogues.get(sender_id, Dialogue())
                values = {"sender_id": sender_id, "first": known.session, "next_row": known.next_row}
                session = connection.execute(sa.text(_FIND_SESSION), values).first()
                dialogue = self._remember(sender_id, session)
            values = {"sender_id": sender_id, "first": dialogue.next_row}
            rows = connection.execute(sa.text(_LIST_EVENTS), values).all()
        if rows:
            dialogue.events += deserialise_events([json.loads(data) for _, data in rows])
            dialogue.next_row = rows[-1].id + 1
            dialogue.rows += len(rows)
        if not dialogue.events:
            return None
        tracker = DialogueStateTracker.from_events(sender_id, dialogue.events, self.domain.slots)
        tracker.events_stored = len(dialogue.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores the events added since the tracker was read."""
        stored = getattr(tracker, "events_stored", None if tracker.events else 0)
        if stored is None:  # neither read nor begun here: let the parent count
            await super().save(tracker)
        else:
            await self.stream_events(tracker)
            rows = [self._make_row(tracker.sender_id, event.as_dict()) for event in list(tracker.events)[stored:]]
            if rows:
                with self.engine.begin() as connection:
                    connection.execute(sa.insert(self.SQLEvent.__table__), rows)
        tracker.events_stored = len(tracker.events)
        self._saved[tracker.sender_id] = tracker
        while len(self._saved) > DIALOGUES_KEPT:  # of turns that took too long, and were not waited for
            del self._saved[next(iter(self._saved))]

    def take_saved(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker as the turn that has just ended saved it."""
        return self._saved.pop(sender_id, None)

    def forget(self, sender_id: str) -> None:
        """Deletes all that is known of a conversation."""
        self._dialogues.pop(sender_id, None)
        self._saved.pop(sender_id, None)
        with self.engine.begin() as connection:
            connection.execute(sa.text(_FORGET), {"sender_id": sender_id})

    def forget_before(self, moment: float) -> int:
        """Deletes the conversations in which nothing happened since a moment (seconds since 1970); gives how many.

        Of the others what was said before that in sessions that are over.
        """
        with self.engine.begin() as connection:
            connection.execute(sa.text(_FORGET_SESSIONS), {"moment": moment})
            idle = connection.execute(sa.text(_LIST_IDLE), {"moment": moment}).scalars().all()
            for sender_id in idle:
                self._dialogues.pop(sender_id, None)
                self._saved.pop(sender_id, None)
                connection.execute(sa.text(_FORGET), {"sender_id": sender_id})
        return len(idle)

    def _remember(self, sender_id: str, session: Any) -> Dialogue:
        first, began_at, rows = session or (0, None, 0)
        dialogue = self._dialogues.get(sender_id)
        # Another session has begun, rows were deleted, or rows with lower ids than those read were committed later.
        if dialogue is None or (dialogue.session, dialogue.began_at, dialogue.rows) != (first, began_at, rows):
            dialogue = self._dialogues[sender_id] = Dialogue(first, began_at, first)
        self._dialogues.move_to_end(sender_id)
        while len(self._dialogues) > DIALOGUES_KEPT:
            self._dialogues.popitem(last=False)
        return dialogue

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
