"""Collects unanswered questions from the record as customers go on, and clusters them."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.turn_view import TurnView
from conversations.turns import Turns
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from knowledge.client import TextVectors
from unanswered import repository
from unanswered.clustering import Clusters, Vector
from unanswered.reasons import FOLLOWS_WITHIN, Reason, find_unanswered
from unanswered.tables import QuestionCluster, UnansweredQuestion
from understanding.turn_masking import find_private, mask_text, mask_turn

log = logging.getLogger(__name__)

FIRST_HISTORY = timedelta(days=7)
# Turns before a thumb or a handoff that may be about them.
HISTORY = timedelta(days=1)
POLL_SECONDS = 10.0
TEXTS_AT_ONCE = 256


class VectorSource(Protocol):
    """Where vectors come from: the knowledge service's client."""

    async def encode(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of 1 to 256 texts; raises kit.errors.ServiceUnavailable or ServiceRefused."""
        ...


class _Found(NamedTuple):
    turn: TurnView  # masked
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
        """Keeps what was asked in vain since the last look; all of it again if the knowledge service fails."""
        now = self._clock()
        if self._looked_at is None:
            conversations = await self._turns.list_since(now - FIRST_HISTORY)
        else:  # what was offered then may be known now not to have been taken
            conversations = await self._turns.list_since(now - HISTORY, self._looked_at - 2 * FOLLOWS_WITHIN)
        found = [each for turns in conversations for each in _find(turns, now)]
        try:
            await self._keep({each.turn.id: each for each in found})
        except IntegrityError:  # another process keeps the same turns
            log.info("another process has kept these questions")
            return
        self._looked_at = now

    async def _keep(self, found: Mapping[int, _Found]) -> None:
        async with self._database.reading() as session:
            known = await repository.find_questions(session, found.keys())
        new = [each for key, each in found.items() if key not in known]
        vectors = await self._encode([each.turn.text for each in new])
        async with self._database.transaction() as session:
            for key, question in (await repository.find_questions(session, found.keys())).items():
                if tuple(question.reasons) != found[key].reasons or question.missing != found[key].turn.missing:
                    _describe(question, found[key])
            if new:
                await self._add(session, new, vectors)
            await repository.drop_empty_clusters(session)

    async def _add(self, session: AsyncSession, new: Sequence[_Found], vectors: TextVectors) -> None:
        rows = {row.id: row for row in await repository.list_all_clusters(session)}
        for row in rows.values():
            if row.fingerprint != vectors.fingerprint:  # of another encoder
                texts = await repository.list_texts(session, row.id)
                row.vector = _pack((await self._encode(texts)).matrix.sum(axis=0)) if texts else row.vector
                row.fingerprint = vectors.fingerprint
        clusters = Clusters({key: _unpack(row.vector) for key, row in rows.items()})
        for each, vector in zip(new, vectors.matrix, strict=True):
            key = clusters.find(vector)
            if key is None:
                key = str(uuid.uuid4())
                rows[key] = QuestionCluster(id=key, fingerprint=vectors.fingerprint, created_at=each.turn.at)
                session.add(rows[key])
            clusters.add(key, vector)
            rows[key].vector = _pack(clusters.sums[key])
            question = UnansweredQuestion(turn_id=each.turn.id, cluster_id=key)
            _describe(question, each)
            session.add(question)
            await session.flush()  # the cluster goes before its question

    async def _encode(self, texts: Sequence[str]) -> TextVectors:
        parts = [
            await self._knowledge.encode(texts[start : start + TEXTS_AT_ONCE])
            for start in range(0, len(texts), TEXTS_AT_ONCE)
        ]
        matrix = np.concatenate([part.matrix for part in parts]) if parts else np.zeros((0, 0), np.float32)
        return TextVectors(parts[0].fingerprint if parts else "", matrix)


def _find(turns: Sequence[TurnView], now: datetime) -> list[_Found]:
    unanswered = find_unanswered(turns, now)
    if not unanswered:
        return []
    private = find_private(turns)
    return [_Found(_mask(turn, private), unanswered[turn.id]) for turn in turns if turn.id in unanswered]


def _mask(turn: TurnView, private: frozenset[str]) -> TurnView:
    missing = mask_text(turn.missing, private) if turn.missing else None
    return mask_turn(turn, private).model_copy(update={"missing": missing})


def _describe(question: UnansweredQuestion, found: _Found) -> None:
    turn = found.turn
    question.conversation_id, question.text, question.missing, question.at = (
        turn.conversation_id,
        turn.text,
        turn.missing,
        turn.at,
    )
    question.reasons, question.is_handed_over = list(found.reasons), "handed_over" in found.reasons


def _pack(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _unpack(packed: bytes) -> Vector:
    return np.frombuffer(packed, dtype="<f4")
