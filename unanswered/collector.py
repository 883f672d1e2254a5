"""Collects unanswered questions from the record as customers go on, and clusters them."""

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
from sqlalchemy.exc import IntegrityError

from conversations.turn_view import FOLLOWS_WITHIN, TurnView
from conversations.turns import Turns, keep_existing
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from knowledge.encoder import TextVectors
from unanswered import repository
from unanswered.clustering import Clusters, Vector
from unanswered.reasons import Reason, find_unanswered
from unanswered.tables import QuestionCluster, UnansweredQuestion
from understanding.turn_masking import find_private, list_private_words, mask_text, mask_turn

log = logging.getLogger(__name__)

FIRST_HISTORY = timedelta(days=7)
# Turns before a thumb or a handoff that may be about them.
HISTORY = timedelta(days=1)
POLL_SECONDS = 10.0
CONVERSATIONS_AT_ONCE = 100
# Encoded within the time that an agent would wait for a suggestion.
TEXTS_AT_ONCE = 32


class VectorSource(Protocol):
    """Where vectors come from: the knowledge service's client."""

    async def encode(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of 1 to 256 texts; raises kit.errors.ServiceUnavailable or ServiceRefused."""
        ...


class _Found(NamedTuple):
    turn: TurnView
    reasons: tuple[Reason, ...]


class Collector:
    """Looks at what was said since its last look; every desk process may have one, and each turn is kept once."""

    def __init__(
        self,
        database: Database,
        knowledge: VectorSource,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._database = database
        self._turns = Turns(database)
        self._knowledge = knowledge
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._looked_at: datetime | None = None

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.look, seconds=self._poll_seconds)

    async def look(self) -> None:
        """Keeps what was asked in vain since the last look; if the knowledge service fails, the next look does."""
        now = self._clock()
        since = active_since = now - FIRST_HISTORY
        if self._looked_at:  # what was offered then may be known now not to have been taken
            since, active_since = self._looked_at - HISTORY, self._looked_at - 2 * FOLLOWS_WITHIN
        active = await self._turns.list_active(active_since)
        for start in range(0, len(active), CONVERSATIONS_AT_ONCE):
            conversations = await self._turns.list_of(active[start : start + CONVERSATIONS_AT_ONCE], since)
            found = {turn.id: _Found(turn, reasons) for turns in conversations for turn, reasons in _find(turns, now)}
            try:
                await self._follow(found, {turn.id for turns in conversations for turn in turns})
            except IntegrityError:  # another process keeps the same turns
                log.info("another process has kept these questions")
                return
        async with self._database.transaction() as session:
            await repository.drop_empty_clusters(session)
        self._looked_at = now

    async def _follow(self, found: Mapping[int, _Found], looked_at: Set[int]) -> None:
        """Keeps what is new of what was found, changes what is known, and forgets what is in vain no more."""
        async with self._database.reading() as session:
            known = await repository.find_questions(session, looked_at)
        changed = [each for key, each in found.items() if key not in known or each.turn.missing]
        masks = await self._find_private({each.turn.conversation_id for each in changed})
        async with self._database.transaction() as session:
            for key, question in (await repository.find_questions(session, looked_at)).items():
                if key in found:
                    _judge(question, found[key], masks)
                else:
                    await session.delete(question)
        new = [_mask(each, masks) for key, each in found.items() if key not in known]
        for start in range(0, len(new), TEXTS_AT_ONCE):
            await self._add(new[start : start + TEXTS_AT_ONCE], masks)

    async def _find_private(self, conversation_ids: Set[str]) -> dict[str, frozenset[str]]:
        """What each conversation says about its customer anywhere, to be hidden in every question of it."""
        return {turns[0].conversation_id: find_private(turns) for turns in await self._turns.list_of(conversation_ids)}

    async def _add(self, new: Sequence[_Found], masks: Mapping[str, frozenset[str]]) -> None:
        vectors = await self._knowledge.encode([each.turn.text for each in new])
        await self._follow_encoder(vectors.fingerprint)
        async with self._database.transaction() as session:
            there = await keep_existing(session, [each.turn.id for each in new])
            rows = {row.id: row for row in await repository.list_all_clusters(session)}
            clusters = Clusters({key: _unpack(row.vector) for key, row in rows.items()})
            for each, vector in zip(new, vectors.matrix, strict=True):
                if each.turn.id not in there:  # erased meanwhile
                    continue
                key = clusters.find(vector) or str(uuid.uuid4())
                if key not in rows:
                    rows[key] = QuestionCluster(id=key, fingerprint=vectors.fingerprint, created_at=each.turn.at)
                    session.add(rows[key])
                rows[key].vector = _pack(clusters.add(key, vector))
                question = UnansweredQuestion(
                    turn_id=each.turn.id,
                    conversation_id=each.turn.conversation_id,
                    cluster_id=key,
                    text=each.turn.text,
                    at=each.turn.at,
                )
                _judge(question, each, masks)
                session.add(question)
                await session.flush()  # the cluster goes before its question

    async def _follow_encoder(self, fingerprint: str) -> None:
        """Encodes the questions of clusters anew that are of another encoder."""
        async with self._database.reading() as session:
            rows = await repository.list_all_clusters(session)
            stale = [row.id for row in rows if row.fingerprint != fingerprint]
            questions = {key: await repository.list_texts(session, key) for key in stale}
        if not stale:
            return
        sums = {}
        for key, texts in questions.items():
            parts = [texts[start : start + TEXTS_AT_ONCE] for start in range(0, len(texts), TEXTS_AT_ONCE)]
            sums[key] = sum([(await self._knowledge.encode(part)).matrix.sum(axis=0) for part in parts])
        async with self._database.transaction() as session:
            for row in await repository.list_all_clusters(session):
                if row.id in sums:
                    row.vector, row.fingerprint = _pack(np.asarray(sums[row.id])), fingerprint


def _find(turns: Sequence[TurnView], now: datetime) -> Iterator[tuple[TurnView, tuple[Reason, ...]]]:
    unanswered = find_unanswered(turns, now)
    yield from ((turn, unanswered[turn.id]) for turn in turns if turn.id in unanswered)


def _mask(found: _Found, masks: Mapping[str, frozenset[str]]) -> _Found:
    return found._replace(turn=mask_turn(found.turn, masks[found.turn.conversation_id]))


def _judge(question: UnansweredQuestion, found: _Found, masks: Mapping[str, frozenset[str]]) -> None:
    """Why it is unanswered, as it is known now; its text stays as it was masked first."""
    missing = found.turn.missing
    if missing:
        private = masks.get(found.turn.conversation_id, frozenset())
        missing = mask_text(missing, private.union(list_private_words(missing)))
    question.missing, question.reasons = missing, list(found.reasons)
    question.is_handed_over = "handed_over" in found.reasons


def _pack(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _unpack(packed: bytes) -> Vector:
    return np.frombuffer(packed, dtype="<f4")
