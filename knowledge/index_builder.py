"""Builds indexes of entries, and what is learned for them, from texts and their vectors."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from kit.database import Database
from knowledge.calibration import Calibration
from knowledge.character_pairs import CharacterPairs
from knowledge.cutover import Edition
from knowledge.encoder import Encoder
from knowledge.follow_ups import AskedNext, list_follow_ups
from knowledge.golden_questions import list_golden_questions
from knowledge.index import Entries, Index, calibrate
from knowledge.keeping import Content, hash_content, keep_arrays, keep_vectors
from knowledge.lessons import Lessons
from knowledge.message_classifier import ClassWeights, MessageClassifier
from knowledge.published import Published
from knowledge.repository import list_entries
from knowledge.schemas import EntryView
from knowledge.trials import DraftIn
from knowledge.vector_store import Vectors, VectorStore

Result = TypeVar("Result")

# The probabilities are learned anew when more than this share of the texts has changed.
DRIFT = 0.1
# What was learned by other code is learned again.
_LEARNERS = ("calibration", "character_pairs", "index", "kernel", "logistic", "message_classifier", "ranking")
_LEARNING = hash_content(*((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8") for name in _LEARNERS))


class IndexBuilder:
    """Builds beside the event loop. What is learned from `lessons` and entries is kept in the folder `kept`."""

    def __init__(
        self,
        database: Database,
        encoder: Encoder,
        lessons: Lessons,
        kept: Path | None,
        threads: Executor,
        site: str,
    ) -> None:
        """`site` is where customers find the gateway."""
        self._site = site
        self._database = database
        self._encoder = encoder
        self._lessons = lessons
        self._kept = kept
        self._threads = threads
        self.vectors = VectorStore(database, encoder, threads)
        self.classifier: MessageClassifier | None = None
        self._calibration: Calibration | None = None
        self._calibrated_for: frozenset[str] = frozenset()
        self._pairs: CharacterPairs | None = None

    async def learn(self) -> None:
        """Learns what the lessons say of messages, and their vectors: a minute the first time, then from the files."""
        self.vectors.taught, self.classifier = await self.run(learn_lessons, self._encoder, self._lessons, self._kept)

    async def build(self, edition: Edition, entries: dict[str, EntryView], asked_next: AskedNext) -> Published:
        """An index of these entries; only new texts are encoded. Vectors of others are no longer kept."""
        async with self._database.reading() as session:
            golden = [question.text for question in await list_golden_questions(session)]
        own = [text for entry in entries.values() for text in (entry.question, *entry.similar_questions)]
        vectors = await self.vectors.provide([*golden, *own])
        await self.vectors.keep(vectors)
        internal = {key: entry for key, entry in entries.items() if entry.is_internal}
        shown = {key: entry for key, entry in entries.items() if key not in internal}
        if self._calibration is None:
            self._calibration = await self._calibrate(self._list_all(shown), vectors)
        published = await self._publish(edition, shown, vectors)
        self._pairs = published.index.pairs
        return replace(
            published,
            follow_ups=list_follow_ups(shown, asked_next),
            internal=await self._publish(edition, internal, vectors),
        )

    async def build_with(self, drafts: Sequence[DraftIn], published: Published) -> Published:
        """What is published, as if the drafts were too."""
        entries, texts = dict(published.entries), dict(published.texts)
        for draft in drafts:
            key = draft.entry_id
            entries.pop(key, None)
            texts.pop(key, None)
            if not draft.is_retired:
                entries[key] = draft.show()
                texts[key] = self._list_texts(key, draft.question, draft.similar_questions)
        return await self._build_aside(published.edition, entries, texts)

    async def build_past(self, edition: Edition, at: datetime) -> Published:
        """An index of the entries that were in force at a moment, with the probabilities of today's."""
        async with self._database.reading() as session:
            entries = await list_entries(session, at, approved_by=at)
        shown = {entry.entry_id: entry for entry in entries if not entry.is_internal}
        return await self._build_aside(edition, shown, self._list_all(shown))

    async def follow_drift(self, published: Published) -> None:
        """Learns the probabilities anew if many texts have changed since: seconds."""
        now = _join(published.texts)
        if len(now ^ self._calibrated_for) > DRIFT * len(now):
            vectors = await self.vectors.provide(list(now))
            published.index.calibration = self._calibration = await self._calibrate(published.texts, vectors)

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Runs what takes long beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _build_aside(self, edition: Edition, entries: dict[str, EntryView], texts: Entries) -> Published:
        vectors = await self.vectors.provide([text for own in texts.values() for text in own])
        return Published(edition, entries, dict(texts), await self._index(texts, vectors), site=self._site)

    async def _publish(self, edition: Edition, entries: dict[str, EntryView], vectors: Vectors) -> Published:
        texts = self._list_all(entries)
        return Published(edition, entries, texts, await self._index(texts, vectors), site=self._site)

    def _list_all(self, entries: dict[str, EntryView]) -> dict[str, list[str]]:
        return {key: self._list_texts(key, each.question, each.similar_questions) for key, each in entries.items()}

    def _list_texts(self, entry_id: str, question: str, similar_questions: Sequence[str]) -> list[str]:
        """All that an entry is found by."""
        return [question, *similar_questions, *self._lessons.paraphrases.get(entry_id, ())]

    async def _index(self, texts: Entries, vectors: Vectors) -> Index:
        known = {**self.vectors.taught, **vectors}
        return await self.run(Index, texts, known, self._lessons.foreign, self._calibration, self._pairs)

    async def _calibrate(self, texts: Entries, vectors: Vectors) -> Calibration:
        """Learns the probabilities of these texts, or takes them from the file."""
        known, foreign = {**self.vectors.taught, **vectors}, self._lessons.foreign
        path = _name_file(self._kept, self._encoder.fingerprint, "calibration", _LEARNING, texts, foreign)
        learned = await self.run(keep_arrays, path, lambda: {"parameters": calibrate(texts, known, foreign).parameters})
        self._calibrated_for = _join(texts)
        return Calibration(**learned)


def learn_lessons(encoder: Encoder, lessons: Lessons, folder: Path | None) -> tuple[Vectors, MessageClassifier | None]:
    """The vectors of the lessons' texts, and what tells messages apart; both are kept in the folder."""
    taught, path = name_lesson_files(encoder.fingerprint, lessons, folder)
    vectors = keep_vectors(taught, lessons.list_texts(), encoder.encode)
    if not lessons.classes:
        return vectors, None

    def keep(learn: Callable[[], ClassWeights]) -> ClassWeights:
        return ClassWeights(**keep_arrays(path, lambda: learn()._asdict()))

    return vectors, MessageClassifier(lessons.classes, vectors, keep)


def name_lesson_files(fingerprint: str, lessons: Lessons, folder: Path | None) -> tuple[Path | None, Path | None]:
    """Where the vectors of the lessons' texts are kept, and what was learned of their classes."""
    classes = [str(known) for known in lessons.classes]
    return _name_file(folder, fingerprint, "vectors"), _name_file(folder, fingerprint, "classes", _LEARNING, classes)


def _name_file(folder: Path | None, fingerprint: str, name: str, *content: Content) -> Path | None:
    """Where what was computed from this content with an encoder is kept."""
    return folder / f"{name}-{hash_content(fingerprint, *content)}.npz" if folder else None


def _join(texts: Entries) -> frozenset[str]:
    return frozenset(text for own in texts.values() for text in own)
