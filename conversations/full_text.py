"""Full-text search of messages: an index of the database's own, of hashed bigrams.

Messages are encrypted, so the index must not tell them: it holds keyed hashes of pairs of characters, and nothing of
personal numbers, which stand as masked.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count, takewhile
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    cast,
    column,
    event,
    exists,
    or_,
    select,
    table,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from conversations.handoff.repository import list_handoffs, list_ways_to_see
from conversations.handoff.schemas import HandoffView
from conversations.tables import Conversation, Handoff, Message
from kit.background import repeat
from kit.bigrams import list_bigrams, normalise
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.encrypted import read_vault
from kit.masking import mask_personal_data

# FTS5 and tsvector alike: words of a fixed length, found as a phrase; a row goes with its message.
CREATE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE message_words USING fts5(words, columnsize=0, tokenize='ascii')",
        "CREATE TRIGGER message_words_gone AFTER DELETE ON messages "
        "BEGIN DELETE FROM message_words WHERE rowid = old.id; END",
    ),
    "postgresql": (
        "CREATE TABLE message_words (rowid BIGINT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE, "
        "words tsvector NOT NULL)",
        "CREATE INDEX ix_message_words ON message_words USING gin (words)",
    ),
}
DROP = {
    "sqlite": ("DROP TRIGGER message_words_gone", "DROP TABLE message_words"),
    "postgresql": ("DROP TABLE message_words",),
}
DIGESTS_KEPT = 20_000
GAP = "x"  # no digest
PLACE_MAX = 16383  # of a tsvector
BATCH = 100
HANDOFFS_MAX = 1000
DIGEST_LENGTH = 6  # two pairs share one so seldom that what is found can be compared with the text
# By then every transaction has ended that could still show a message with a smaller number.
SETTLED = timedelta(seconds=30)
_LAST = text("SELECT rowid FROM message_words ORDER BY rowid DESC LIMIT 1")
_ADD = {
    "sqlite": text("INSERT OR REPLACE INTO message_words (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO message_words (rowid, words) VALUES (:id, CAST(:words AS tsvector)) ON CONFLICT DO NOTHING"
    ),
}
_HIDDEN = re.compile(r"[0-9Xx]*\*+[0-9Xx]*")
_WORDS = table("message_words", column("rowid"), column("words"))


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that says what was looked for, and the newest of its conversation's handoffs."""

    id: int
    author: str
    text: str
    at: datetime
    handoff: HandoffView


class FullTextSearch:
    """Keeps the index of a database, and looks messages up in it. Any process may have one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._dialect = database.engine.dialect.name
        self._vault = read_vault(database.engine.dialect)
        self._clock = clock
        self._digest = lru_cache(DIGESTS_KEPT)(self._hash)

    async def run(self, poll_seconds: float = 5.0) -> None:
        """Adds new messages until cancelled."""
        await repeat(self.catch_up, seconds=poll_seconds)

    async def catch_up(self) -> None:
        """Adds all messages that are settled and not in the index yet; again, and by several processes: nothing."""
        has_more = True
        while has_more:
            has_more = await self._add_some()
            await asyncio.sleep(0)  # who works at the desk goes first

    async def find(self, words: str, limit: int, *, seen_by: str | None = None) -> list[FoundMessage]:
        """The newest messages that say all of the words, of customers who asked for a human; `seen_by`: only those
        an agent may see, and of a talk of theirs that is over nothing that was said after it.

        A word is a run of letters and digits; those of one character are not looked for.
        """
        runs = _cut(words)
        if not runs:
            return []
        ways = [] if seen_by is None else list_ways_to_see(seen_by)
        is_seen = [or_(*ways)] if ways else []
        query = (
            select(Message.id, Message.author, Message.text, Message.at, Message.conversation_id)
            .join(_WORDS, _WORDS.c.rowid == Message.id)
            .where(self._say(runs), _is_among(ways))
            .order_by(_WORDS.c.rowid.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
            is_found = Handoff.conversation_id.in_({row.conversation_id for row in rows})
            handoffs = await list_handoffs(session, is_found, *is_seen, limit=HANDOFFS_MAX)
        newest = {handoff.conversation_id: handoff for handoff in handoffs}
        sought = ["".join(pair[0] for pair in run) + run[-1][1] for run in runs]
        return [
            FoundMessage(row.id, row.author, row.text, row.at, newest[row.conversation_id])
            for row in rows
            if all(run in normalise(row.text) for run in sought)
            and row.conversation_id in newest
            and _is_readable(row.at, newest[row.conversation_id], seen_by)
        ]

    async def _add_some(self) -> bool:
        """Whether there may be more."""
        async with self._database.reading() as session:
            last = await session.scalar(_LAST) or 0
            query = select(Message.id, Message.text, Message.at).where(Message.id > last).order_by(Message.id)
            rows = (await session.execute(query.limit(BATCH))).all()
        settled = list(takewhile(lambda row: row.at < self._clock() - SETTLED, rows))
        if settled:
            added = [{"id": row.id, "words": self._write(row.text)} for row in settled]
            async with self._database.transaction() as session:
                await session.execute(_ADD[self._dialect], added)
        return len(settled) == BATCH

    def _write(self, said: str) -> str:
        """What the index holds of a text; between two runs a place stays free, so that no phrase spans them."""
        runs = _cut(said)
        if self._dialect == "sqlite":
            return f" {GAP} ".join(" ".join(map(self._digest, run)) for run in runs)
        places = count(1)
        words: list[str] = []
        for run in runs:
            words += [f"'{self._digest(pair)}':{min(next(places), PLACE_MAX)}" for pair in run]
            next(places)
        return " ".join(words)

    def _say(self, runs: Sequence[Sequence[str]]) -> ColumnElement[bool]:
        digests = [[self._digest(pair) for pair in run] for run in runs]
        if self._dialect == "sqlite":
            return _WORDS.c.words.op("MATCH", is_comparison=True)(" AND ".join(f'"{" ".join(run)}"' for run in digests))
        phrases = ["({})".format(" <-> ".join(f"'{digest}'" for digest in run)) for run in digests]
        return _WORDS.c.words.op("@@", is_comparison=True)(cast(" & ".join(phrases), TSQUERY))

    def _hash(self, pair: str) -> str:
        return self._vault.digest(pair)[:DIGEST_LENGTH]


def _is_readable(at: datetime, handoff: HandoffView, staff_id: str | None) -> bool:
    limit = handoff.limit_for(staff_id) if staff_id else None
    return limit is None or at <= limit[1]


def _is_among(ways: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether a message's customer asked for a human, seen in one of these ways; without any: by who sees all."""
    if not ways:
        return exists().where(Handoff.conversation_id == Message.conversation_id)
    seen = (select(Handoff.conversation_id).join(Conversation).where(way) for way in ways)
    return Message.conversation_id.in_(union(*seen))  # an `or` would read all handoffs


def _cut(said: str) -> list[list[str]]:
    return list_bigrams(_HIDDEN.sub(" ", mask_personal_data(said)))


@event.listens_for(Message.__table__, "after_create")
def _create(created: Table, connection: Connection, **options: Any) -> None:
    for statement in CREATE[connection.dialect.name]:
        connection.exec_driver_sql(statement)
