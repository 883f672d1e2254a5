"""The search over the bank's entries, rebuilt whenever these change in the database."""

import asyncio
import base64
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_token
from knowledge import repository
from knowledge.demo import list_demo_entries, names_demo_bank
from knowledge.encoder import Encoder
from knowledge.index import Index, IndexWeights, judge
from knowledge.keeping import Content, hash_content, keep_arrays, keep_vectors
from knowledge.lessons import Lessons
from knowledge.message_classifier import ClassifierResult, ClassWeights, MessageClassifier
from knowledge.schemas import EntryText, EntryView, EvidenceView, Match, SearchResult
from knowledge.seeding import FOLDER, read_seed
from products.variables import fill_variables

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

Learned = TypeVar("Learned", IndexWeights, ClassWeights)

MATCHES = 3
# What was learned by other code is learned again.
_LEARNERS = ("calibration", "character_pairs", "index", "kernel", "message_classifier", "ranking")
_LEARNING = hash_content(*((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8") for name in _LEARNERS))
NO_LESSONS = Lessons()


class Knowledge:
    """Searches the entries, and tells dangers and acts; ready after `open`.

    An empty database is filled from the folder `seed`. What is learned from `lessons` is kept in the folder `kept`.
    Without `allows_demo` texts of the demo bank are neither put in nor served.
    """

    def __init__(
        self,
        database: Database,
        encoder: Encoder,
        clock: Clock = read_clock,
        *,
        seed: Path = FOLDER,
        lessons: Lessons = NO_LESSONS,
        kept: Path | None = None,
        allows_demo: bool = True,
        refresh_seconds: float = 3.0,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._clock = clock
        self._seed = seed
        self._lessons = lessons
        self._kept = kept
        self._allows_demo = allows_demo
        self._refresh_seconds = refresh_seconds
        # Encoding releases the interpreter's lock; two threads keep two cores busy without fighting over them.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="encoder")
        self._entries: dict[str, EntryView] = {}
        self._state: _State | None = None
        self._index: Index | None = None
        self._classifier: MessageClassifier | None = None
        self._taught: dict[str, Vectors] = {}
        self._refreshing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Seeds an empty database, learns, builds the index and starts watching the database for changes.

        Raises ValueError if the database holds texts of the demo bank and must not.
        """
        await self._seed_if_empty()
        await self._refuse_demo()
        loop = asyncio.get_running_loop()
        self._taught, self._classifier = await loop.run_in_executor(self._threads, self._learn)
        await self.refresh()
        self._refreshing = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stops watching."""
        if self._refreshing:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
        self._threads.shutdown()

    async def is_ready(self) -> bool:
        """Whether questions can be answered."""
        return self._index is not None and await self._database.check()

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts, shape (n, dimension)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._encoder.encode, texts)

    async def search(self, question: str, k: int) -> SearchResult:
        """The best k entries; RequestError 503 before the index is built."""
        # Taken together: a refresh may replace both while the question is encoded.
        index, entries = self._take_index(), self._entries
        vector = (await self.encode([question]))[0]
        matches = self._show(index.search(question, vector, k), entries)
        return SearchResult(outcome=judge([match.score for match in matches]), matches=matches)

    async def read_evidence(self, text: str, parts: Sequence[str]) -> EvidenceView:
        """All that can be said of a text and its parts; RequestError 503 before the index is built."""
        index, entries = self._take_index(), self._entries
        vectors = await self.encode([text, *parts])
        best = [self._show(index.search(*part, 1), entries) for part in zip(parts, vectors[1:], strict=True)]
        rated = self._classifier.rate(text, vectors[0]) if self._classifier else ClassifierResult({}, {})
        return EvidenceView(
            fingerprint=self.fingerprint,
            vector=base64.b64encode(vectors[0].astype("<f4").tobytes()).decode(),
            matches=self._show(index.search(text, vectors[0], MATCHES), entries),
            parts=[matches[0] if matches else None for matches in best],
            dangers=rated.dangers,
            acts=rated.acts,
        )

    def get_entry(self, entry_id: str) -> EntryView:
        """One entry; RequestError 404 when there is none."""
        entry = self._entries.get(entry_id)
        if entry is None or entry.has_expired(self._clock()):
            raise RequestError(404, "unknown_entry", "no such entry")
        return _fill(entry)

    async def refresh(self) -> None:
        """Rebuilds the index if an entry was approved, came into force or expired; only new texts are encoded."""
        now = self._clock()
        async with self._database.reading() as session:
            state = _State(await repository.entry_revisions.read_stamp(session), now.astimezone(CHINA).date())
            if state == self._state and not any(entry.has_expired(now) for entry in self._entries.values()):
                return
            entries = {entry.entry_id: entry for entry in await repository.list_entries(session, now)}
        if self._index is None or entries != self._entries:
            await self._rebuild(entries)
        self._state = state

    async def _rebuild(self, entries: dict[str, EntryView]) -> None:
        own = {entry_id: [entry.question, *entry.similar_questions] for entry_id, entry in entries.items()}
        vectors = await self._provide_vectors([text for texts in own.values() for text in texts])
        searched = {entry_id: [*texts, *self._lessons.paraphrases.get(entry_id, ())] for entry_id, texts in own.items()}
        loop = asyncio.get_running_loop()
        keep = partial(self._keep, "index", (searched, self._lessons.foreign), IndexWeights)
        index = await loop.run_in_executor(
            self._threads, Index, searched, self._taught | vectors, self._lessons.foreign, keep
        )
        self._entries, self._index = entries, index
        log.info("index of %d entries is ready", len(entries))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            try:
                await self.refresh()
            except Exception:
                # The current index goes on answering.
                log.exception("the index could not be refreshed")

    def _show(self, found: Sequence[tuple[str, float]], entries: Mapping[str, EntryView]) -> list[Match]:
        # The index learns of an entry's end some seconds late.
        now = self._clock()
        live = [(entries[entry_id], score) for entry_id, score in found if not entries[entry_id].has_expired(now)]
        return [Match(**_fill(entry).model_dump(include=_SHOWN), score=score) for entry, score in live]

    def _take_index(self) -> Index:
        if self._index is None:
            raise RequestError(503, "not_ready", "the index is being built")
        return self._index

    def _learn(self) -> tuple[dict[str, Vectors], MessageClassifier | None]:
        """The lessons' vectors and what they say of messages: a minute the first time, then from the files."""
        lessons, encoder = self._lessons, hash_content(self.fingerprint)
        kept = self._kept / f"vectors-{encoder}.npz" if self._kept else None
        vectors = keep_vectors(kept, lessons.list_texts(), self._encoder.encode)
        if not lessons.classes:
            return vectors, None
        keep = partial(self._keep, "classes", [str(known) for known in lessons.classes], ClassWeights)
        return vectors, MessageClassifier(lessons.classes, vectors, keep)

    def _keep(
        self, name: str, texts: Sequence[Content], made: Callable[..., Learned], learn: Callable[[], Learned]
    ) -> Learned:
        """What was learned from texts, `made` of named arrays: from the file, or learned and kept there."""
        path = self._kept / f"{name}-{hash_content(_LEARNING, self.fingerprint, *texts)}.npz" if self._kept else None
        return made(**keep_arrays(path, lambda: learn()._asdict()))

    async def _provide_vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Vectors of the entries' texts: those that are lessons too are at hand, the others kept in the database."""
        taught = {text: self._taught[text] for text in texts if text in self._taught}
        return taught | await self._provide_own_vectors([text for text in texts if text not in taught])

    async def _provide_own_vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        keys = {text: hash_token(f"{self.fingerprint}\n{text}") for text in texts}
        async with self._database.reading() as session:
            kept = await repository.find_vectors(session, list(keys.values()))
        vectors = {text: np.frombuffer(kept[key], dtype="<f4") for text, key in keys.items() if key in kept}
        missing = [text for text in keys if text not in vectors]
        if missing:
            log.info("encoding %d of %d texts", len(missing), len(keys))
            vectors |= dict(zip(missing, await self.encode(missing), strict=True))
        # Another process may be storing the same vectors.
        with contextlib.suppress(IntegrityError):
            async with self._database.transaction() as session:
                packed = {keys[text]: vector.astype("<f4").tobytes() for text, vector in vectors.items()}
                await repository.keep_vectors(session, packed)
        return vectors

    async def _seed_if_empty(self) -> None:
        async with self._database.reading() as session:
            if await repository.entry_revisions.read_stamp(session) != (0, 0):
                return
        if not self._allows_demo and any(
            names_demo_bank(each.question, each.answer) for _, each in read_seed(self._seed)
        ):
            log.error("no entries: knowledge/seed is the demo bank's, and none are in the database")
            return
        with contextlib.suppress(IntegrityError):  # another process seeded it first
            async with self._database.transaction() as session:
                await _seed(session, self._seed, self._clock())

    async def _refuse_demo(self) -> None:
        if self._allows_demo:
            return
        async with self._database.reading() as session:
            entries = list_demo_entries(await repository.list_entries(session, self._clock()))
        if entries:
            raise ValueError(f"the database holds {len(entries)} entries of the demo bank: production needs its own")


class _State(NamedTuple):
    """What the entries in force depend on, besides their expiry."""

    revisions: tuple[int, int]
    day: date


_SHOWN = {"entry_id", "question", "answer", "question_english", "answer_english"}


def _fill(entry: EntryView) -> EntryView:
    """With the figures that are in force now."""
    answer, english = fill_variables(entry.answer), entry.answer_english and fill_variables(entry.answer_english, "en")
    return entry.model_copy(update={"answer": answer, "answer_english": english})


async def _seed(session: AsyncSession, folder: Path, now: datetime) -> None:
    day = now.astimezone(CHINA).date()
    for category, entry in read_seed(folder):
        content = EntryText(
            category=category,
            question=entry.question,
            similar_questions=entry.list_similar(),
            answer=entry.answer,
            question_english=entry.english.question if entry.english else None,
            answer_english=entry.english.answer if entry.english else None,
            source=entry.source,
        )
        await repository.entry_revisions.seed(session, entry.id, [(day, content.model_dump(mode="json"))], now)
