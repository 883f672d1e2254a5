"""The search over the bank's entries, rebuilt whenever these change in the database."""

import asyncio
import base64
import contextlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.background import repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from knowledge import repository
from knowledge.adapter.texts import read_groups
from knowledge.calibration import Calibration
from knowledge.cutover import BEAT_SECONDS, Cutover, Edition
from knowledge.demo import list_demo_entries, names_demo_bank
from knowledge.encoder import Encoder
from knowledge.index import Entries, Index, calibrate, judge
from knowledge.keeping import Content, hash_content, keep_arrays, keep_vectors
from knowledge.lessons import Lessons
from knowledge.message_classifier import ClassifierResult, ClassWeights, MessageClassifier
from knowledge.published import Published, fill_entry
from knowledge.record import entry_revisions
from knowledge.schemas import Alike, AlikeView, EntryText, EntryView, EvidenceView, SearchResult
from knowledge.seeding import FOLDER, read_seed
from knowledge.trials import DraftIn, Finding, TrialView, choose_nearest, find_failures, find_repeats
from knowledge.vector_store import Vector, Vectors, VectorStore

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MATCHES = 3
REFRESH_SECONDS = 0.5
# The probabilities are learned anew when more than this share of the texts has changed.
DRIFT = 0.1
# What was learned by other code is learned again.
_LEARNERS = ("calibration", "character_pairs", "index", "kernel", "logistic", "message_classifier", "ranking")
_LEARNING = hash_content(*((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8") for name in _LEARNERS))
NO_LESSONS = Lessons()


class Knowledge:
    """Searches the entries, and tells dangers and acts; ready after `open`.

    An empty database is filled from the folder `seed`, with golden questions from the file `golden`. What is learned
    from `lessons` is kept in the folder `kept`. Without `allows_demo` texts of the demo bank are neither put in nor
    served.
    """

    def __init__(
        self,
        database: Database,
        encoder: Encoder,
        clock: Clock = read_clock,
        *,
        seed: Path = FOLDER,
        golden: Path | None = None,
        lessons: Lessons = NO_LESSONS,
        kept: Path | None = None,
        allows_demo: bool = True,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._clock = clock
        self._seed = seed
        self._golden = golden
        self._lessons = lessons
        self._kept = kept
        self._allows_demo = allows_demo
        self._refresh_seconds = refresh_seconds
        # Encoding releases the interpreter's lock; two threads keep two cores busy without fighting over them.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="encoder")
        self._vectors = VectorStore(database, encoder, self._threads)
        # Twice as long as it takes a process to learn of the moment.
        self._cutover = Cutover(database, clock, timedelta(seconds=2 * refresh_seconds))
        self._published: Published | None = None
        self._calibration: Calibration | None = None
        self._calibrated_for: frozenset[str] = frozenset()
        self._classifier: MessageClassifier | None = None
        self._is_refreshing = asyncio.Lock()
        self._background: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Seeds an empty database, learns, builds the index and starts watching the database for changes.

        Raises ValueError if the database holds texts of the demo bank and must not.
        """
        await self._seed_if_empty()
        await self._refuse_demo()
        self._vectors.taught, self._classifier = await self._run(self._learn)
        self._background.append(asyncio.create_task(repeat(self._cutover.beat, seconds=BEAT_SECONDS)))
        await self.refresh()
        self._background.append(asyncio.create_task(repeat(self.refresh, seconds=self._refresh_seconds)))

    async def close(self) -> None:
        """Stops watching."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._cutover.leave()
        self._threads.shutdown()

    async def is_ready(self) -> bool:
        """Whether questions can be answered."""
        return self._published is not None and await self._database.check()

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    async def encode(self, texts: Sequence[str]) -> Vector:
        """Vectors of texts, shape (n, dimension)."""
        return await self._vectors.encode(texts)

    async def search(self, question: str, k: int) -> SearchResult:
        """The best k entries; RequestError 503 before the index is built."""
        # Taken once: a refresh may replace it while the question is encoded.
        published = self._take_published()
        vector = (await self.encode([question]))[0]
        matches = published.show(published.index.search(question, vector, k), self._clock())
        outcome = judge([match.score for match in matches])
        return SearchResult(outcome=outcome, matches=matches, version=published.edition.version)

    async def read_evidence(self, text: str, parts: Sequence[str]) -> EvidenceView:
        """All that can be said of a text and its parts; RequestError 503 before the index is built."""
        published, now = self._take_published(), self._clock()
        vectors = await self.encode([text, *parts])
        found = [published.index.search(*part, 1) for part in zip(parts, vectors[1:], strict=True)]
        best = [published.show(matches, now) for matches in found]
        rated = self._classifier.rate(text, vectors[0]) if self._classifier else ClassifierResult({}, {})
        return EvidenceView(
            fingerprint=self.fingerprint,
            vector=base64.b64encode(vectors[0].astype("<f4").tobytes()).decode(),
            matches=published.show(published.index.search(text, vectors[0], MATCHES), now),
            parts=[matches[0] if matches else None for matches in best],
            dangers=rated.dangers,
            acts=rated.acts,
        )

    async def find_alike(self, texts: Sequence[str], entry_id: str | None) -> AlikeView:
        """Those of an entry's texts that nearly are another's."""
        published = self._take_published()
        vectors = await self._vectors.provide(texts)
        found = await self._run(
            lambda: {text: published.index.find_alike(text, vectors[text], entry_id) for text in texts}
        )
        return AlikeView(
            alike=[
                Alike(text=text, nearest=alike[1], entry_id=alike[0], question=published.entries[alike[0]].question)
                for text, alike in found.items()
                if alike
            ]
        )

    async def try_out(self, draft: DraftIn) -> TrialView:
        """How the golden questions would fare if the draft were published, beside what is."""
        published, key = self._take_published(), draft.entry_id
        async with self._database.reading() as session:
            questions = await repository.list_golden_questions(session)
        texts, titles = dict(published.texts), {each: entry.question for each, entry in published.entries.items()}
        old = texts.pop(key, ())
        titles.pop(key, None)
        if not draft.is_retired:
            texts[key] = self._list_texts(key, draft.question, draft.similar_questions)
            titles[key] = draft.question
        golden = [question.text for question in questions]
        vectors = await self._vectors.provide([*golden, *old, *(text for own in texts.values() for text in own)])
        index = await self._build_index(texts, vectors)
        questions = choose_nearest(questions, [*old, *texts.get(key, ())], vectors)
        asked = [question.text for question in questions]
        before, after = [await self._run(_find_first, each, asked, vectors) for each in (published.index, index)]
        new = None if key in published.entries else key
        failures = [
            *find_repeats(draft, published.texts, titles),
            *find_failures(questions, before, after, new, titles),
        ]
        return TrialView(version=published.edition.version, questions=len(questions), failures=failures)

    def get_entry(self, entry_id: str) -> EntryView:
        """One entry; RequestError 404 when there is none."""
        entry = self._published.entries.get(entry_id) if self._published else None
        if entry is None or entry.has_expired(self._clock()):
            raise RequestError(404, "unknown_entry", "no such entry")
        return fill_entry(entry)

    async def refresh(self) -> None:
        """Builds an index if an entry was approved, came into force or expired, and puts it in force when all
        processes do; only new texts are encoded.
        """
        async with self._is_refreshing:
            while await self._refresh_once():
                pass

    async def _refresh_once(self) -> bool:
        """Whether it has to be done again: a later edition has overtaken the one that was built."""
        now, last = self._clock(), self._published
        day = now.astimezone(CHINA).date()
        async with self._database.reading() as session:
            edition = Edition(await entry_revisions.count_approved(session), day)
            if last and edition == last.edition and not last.has_expired(now):
                return False
            entries = {entry.entry_id: entry for entry in await repository.list_entries(session, now)}
        await self._cutover.begin(edition)
        same = last and entries == last.entries
        built = replace(last, edition=edition) if last and same else await self._build(edition, entries)
        await self._cutover.finish(edition)
        if last and edition == last.edition:  # what has expired is not shown any more anyway
            self._published = built
            return False
        while (at := await self._cutover.agree(edition)) is None:
            if await self._cutover.is_overtaken(edition):
                return True
            await asyncio.sleep(self._refresh_seconds)
        await asyncio.sleep(max(0.0, (at - self._clock()).total_seconds()))
        self._published = built
        log.info("index of %d entries is ready", len(entries))
        await self._follow_drift(built)
        return False

    async def _build(self, edition: Edition, entries: dict[str, EntryView]) -> Published:
        async with self._database.reading() as session:
            golden = [question.text for question in await repository.list_golden_questions(session)]
        own = [text for entry in entries.values() for text in (entry.question, *entry.similar_questions)]
        vectors = await self._vectors.provide([*golden, *own])
        await self._vectors.keep(vectors)
        texts = {key: self._list_texts(key, each.question, each.similar_questions) for key, each in entries.items()}
        if self._calibration is None:
            self._calibration = await self._calibrate(texts, vectors)
        return Published(edition, entries, texts, await self._build_index(texts, vectors))

    async def _follow_drift(self, published: Published) -> None:
        """Learns the probabilities anew if many texts have changed."""
        now = _join(published.texts)
        if len(now ^ self._calibrated_for) > DRIFT * len(now):
            vectors = await self._vectors.provide(list(now))
            published.index.calibration = self._calibration = await self._calibrate(published.texts, vectors)

    def _list_texts(self, entry_id: str, question: str, similar_questions: Sequence[str]) -> list[str]:
        """All that an entry is found by."""
        return [question, *similar_questions, *self._lessons.paraphrases.get(entry_id, ())]

    async def _build_index(self, texts: Entries, vectors: Vectors) -> Index:
        known = {**self._vectors.taught, **vectors}
        return await self._run(Index, texts, known, self._lessons.foreign, self._calibration)

    async def _calibrate(self, texts: Entries, vectors: Vectors) -> Calibration:
        """Learns the probabilities of these texts: seconds, or from the file."""
        known, foreign = {**self._vectors.taught, **vectors}, self._lessons.foreign
        path = self._name_file("calibration", _LEARNING, texts, foreign)
        learned = await self._run(
            keep_arrays, path, lambda: {"parameters": calibrate(texts, known, foreign).parameters}
        )
        self._calibrated_for = _join(texts)
        return Calibration(**learned)

    async def _run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Runs what takes long beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _take_published(self) -> Published:
        if self._published is None:
            raise RequestError(503, "not_ready", "the index is being built")
        return self._published

    def _learn(self) -> tuple[Vectors, MessageClassifier | None]:
        """The lessons' vectors and what they say of messages: a minute the first time, then from the files."""
        lessons = self._lessons
        vectors = keep_vectors(self._name_file("vectors"), lessons.list_texts(), self._encoder.encode)
        if not lessons.classes:
            return vectors, None
        path = self._name_file("classes", _LEARNING, [str(known) for known in lessons.classes])

        def keep(learn: Callable[[], ClassWeights]) -> ClassWeights:
            return ClassWeights(**keep_arrays(path, lambda: learn()._asdict()))

        return vectors, MessageClassifier(lessons.classes, vectors, keep)

    def _name_file(self, name: str, *content: Content) -> Path | None:
        """Where what was computed from this content with this encoder is kept."""
        return self._kept / f"{name}-{hash_content(self.fingerprint, *content)}.npz" if self._kept else None

    async def _seed_if_empty(self) -> None:
        async with self._database.reading() as session:
            if await entry_revisions.count_approved(session):
                return
        if not self._allows_demo and any(
            names_demo_bank(each.question, each.answer) for _, each in read_seed(self._seed)
        ):
            log.error("no entries: knowledge/seed is the demo bank's, and none are in the database")
            return
        with contextlib.suppress(IntegrityError):  # another process seeded it first
            async with self._database.transaction() as session:
                await _seed(session, self._seed, self._golden, self._clock())

    async def _refuse_demo(self) -> None:
        if self._allows_demo:
            return
        async with self._database.reading() as session:
            entries = list_demo_entries(await repository.list_entries(session, self._clock()))
        if entries:
            raise ValueError(f"the database holds {len(entries)} entries of the demo bank: production needs its own")


def _join(texts: Entries) -> frozenset[str]:
    return frozenset(text for own in texts.values() for text in own)


def _find_first(index: Index, texts: Sequence[str], vectors: Vectors) -> dict[str, Finding]:
    found = {text: index.search(text, vectors[text], 1) for text in texts}
    return {
        text: Finding(matches[0][0] if matches else None, judge([score for _, score in matches]) == "answer")
        for text, matches in found.items()
    }


async def _seed(session: AsyncSession, folder: Path, golden: Path | None, now: datetime) -> None:
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
        await entry_revisions.seed(session, entry.id, [(day, content.model_dump(mode="json"))], now)
    known = {entry.id for _, entry in read_seed(folder)}
    for entry_id, texts in read_groups(golden).items() if golden else ():
        repository.add_golden_questions(session, texts, entry_id if entry_id in known else None, now)
