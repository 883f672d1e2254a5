"""The search over the bank's entries, rebuilt whenever these change in the database."""

import asyncio
import base64
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from kit.background import repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from knowledge import repository
from knowledge.batch_tests import BatchTestIn, BatchTestView, ask_all
from knowledge.cutover import BEAT_SECONDS, Cutover, Edition
from knowledge.demo import list_demo_entries, names_demo_bank
from knowledge.encoder import Encoder
from knowledge.filling import fill_if_empty
from knowledge.follow_ups import list_follow_ups
from knowledge.golden_questions import list_golden_questions
from knowledge.hits import HitTestIn, HitTestView, find_hits
from knowledge.index import Index, judge
from knowledge.index_builder import IndexBuilder
from knowledge.lessons import Lessons
from knowledge.message_classifier import ClassifierResult, MessageClassifier
from knowledge.next_questions import list_asked_next
from knowledge.published import Published
from knowledge.record import entry_revisions
from knowledge.schemas import Alike, AlikeView, EvidenceView, Match, SearchResult
from knowledge.seeding import FOLDER, read_seed
from knowledge.trials import DraftIn, Finding, TrialView, choose_nearest, find_failures, find_repeats
from knowledge.vector_store import Vector, Vectors

log = logging.getLogger(__name__)

MATCHES = 3
REFRESH_SECONDS = 0.5
NO_LESSONS = Lessons()


class Knowledge:
    """Searches the entries, and tells dangers and acts; ready after `open`.

    An empty database is filled from the folder `seed`, from `internal` with what only staff find, and with golden
    questions from the file `golden`. What is learned
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
        internal: Path | None = None,
        golden: Path | None = None,
        lessons: Lessons = NO_LESSONS,
        kept: Path | None = None,
        allows_demo: bool = True,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._clock = clock
        self._seed_folder = seed
        self._internal = internal
        self._golden = golden
        self._allows_demo = allows_demo
        self._refresh_seconds = refresh_seconds
        self._builder = IndexBuilder(database, encoder, lessons, kept)
        # A process learns of the moment in a third of this, if it is not busy.
        self._cutover = Cutover(database, clock, timedelta(seconds=3 * refresh_seconds))
        self._published: Published | None = None
        self._classifier: MessageClassifier | None = None
        self._is_refreshing = asyncio.Lock()
        self._background: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Seeds an empty database, learns, builds the index and starts watching the database for changes.

        Raises ValueError if the database holds texts of the demo bank and must not.
        """
        await self._seed()
        await self._refuse_demo()
        self._classifier = await self._builder.learn()
        self._background.append(asyncio.create_task(repeat(self._cutover.beat, seconds=BEAT_SECONDS)))
        await self.refresh()
        self._background.append(asyncio.create_task(repeat(self.refresh, seconds=self._refresh_seconds)))

    async def close(self) -> None:
        """Stops watching."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._cutover.leave()
        self._builder.close()

    async def is_ready(self) -> bool:
        """Whether questions can be answered."""
        return self._published is not None and await self._database.check()

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    async def encode(self, texts: Sequence[str]) -> Vector:
        """Vectors of texts, shape (n, dimension)."""
        return await self._builder.vectors.encode(texts)

    async def search(self, question: str, k: int) -> SearchResult:
        """The best k entries; RequestError 503 before the index is built."""
        # Taken once: a refresh may replace it while the question is encoded.
        published = self._take_published()
        vector = (await self.encode([question]))[0]
        matches = published.show(published.index.search(question, vector, k), self._clock())
        outcome = judge([match.score for match in matches])
        return SearchResult(outcome=outcome, matches=matches, version=published.edition.version)

    async def search_for_staff(self, question: str, k: int) -> list[Match]:
        """As `search`, also among what only staff may read."""
        published = self._take_published()
        vector, now = (await self.encode([question]))[0], self._clock()
        parts = [published, *([published.internal] if published.internal else [])]
        found = [match for part in parts for match in part.show(part.index.search(question, vector, k), now)]
        return sorted(found, key=lambda match: -match.score)[:k]

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
        vectors = await self._builder.vectors.provide(texts)
        found = await self._builder.run(
            lambda: {text: published.index.find_alike(text, vectors[text], entry_id) for text in texts}
        )
        return AlikeView(
            alike=[
                Alike(text=text, nearest=alike[1], entry_id=alike[0], question=published.entries[alike[0]].question)
                for text, alike in found.items()
                if alike
            ]
        )

    async def try_out(self, drafts: Sequence[DraftIn]) -> TrialView:
        """How the golden questions would fare if the drafts were published, beside what is."""
        published = self._take_published()
        async with self._database.reading() as session:
            questions = await list_golden_questions(session)
        drafted = await self._builder.build_with(drafts, published)
        keys = [draft.entry_id for draft in drafts]
        changed = [text for each in (published, drafted) for key in keys for text in each.texts.get(key, ())]
        vectors = await self._builder.vectors.provide([*(question.text for question in questions), *changed])
        questions = choose_nearest(questions, changed, vectors)
        asked = [question.text for question in questions]
        before, after = [
            await self._builder.run(_find_first, each.index, asked, vectors) for each in (published, drafted)
        ]
        titles = {key: entry.question for key, entry in drafted.entries.items()}
        failures = [
            *find_repeats(drafts, published.texts, titles),
            *find_failures(questions, before, after, set(keys) - published.entries.keys(), titles),
        ]
        return TrialView(version=published.edition.version, questions=len(questions), failures=failures)

    async def test_hit(self, test: HitTestIn) -> HitTestView:
        """What a question finds, what it would find if the draft were published, and what it found in the past."""
        published = self._take_published()
        vector = (await self.encode([test.question]))[0]
        drafted = await self._builder.build_with([test.draft], published) if test.draft else None
        past = await self._build_past(test.at, published.edition) if test.at else None
        return HitTestView(
            published=find_hits(published, test.question, vector),
            drafted=find_hits(drafted, test.question, vector) if drafted else None,
            past=find_hits(past, test.question, vector) if past else None,
        )

    async def test_all(self, test: BatchTestIn) -> BatchTestView:
        """What many questions find, and what they would find if the drafts were published."""
        published = self._take_published()
        drafted = await self._builder.build_with(test.drafts, published) if test.drafts else None
        vectors = await self._builder.vectors.provide([question.text for question in test.questions])
        ask = partial(self._builder.run, ask_all)
        return BatchTestView(
            published=await ask(published, test.questions, vectors),
            drafted=await ask(drafted, test.questions, vectors) if drafted else None,
        )

    def get_entry(self, entry_id: str) -> Match:
        """One entry that was chosen, so surely meant; RequestError 404 when there is none."""
        published = self._published
        known = [(entry_id, 1.0)] if published and entry_id in published.entries else []
        shown = published.show(known, self._clock()) if published else []
        if not shown:
            raise RequestError(404, "unknown_entry", "no such entry")
        return shown[0]

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
            asked_next = await list_asked_next(session)
        await self._cutover.begin(edition)
        same = last and entries == last.list_entries()
        if last and same:
            built = replace(last, edition=edition, follow_ups=list_follow_ups(last.entries, asked_next))
        else:
            built = await self._builder.build(edition, entries, asked_next)
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
        await self._builder.follow_drift(built)
        return False

    def _take_published(self) -> Published:
        if self._published is None:
            raise RequestError(503, "not_ready", "the index is being built")
        return self._published

    async def _build_past(self, at: datetime, edition: Edition) -> Published:
        async with self._database.reading() as session:
            entries = await repository.list_entries(session, at, approved_by=at)
        shown = {entry.entry_id: entry for entry in entries if not entry.is_internal}
        return await self._builder.build_past(edition, shown)

    async def _seed(self) -> None:
        if not self._allows_demo and any(
            names_demo_bank(each.question, each.answer) for _, each in read_seed(self._seed_folder)
        ):
            log.warning("knowledge/seed is the demo bank's: an empty database stays empty")
            return
        await fill_if_empty(self._database, self._seed_folder, self._internal, self._golden, self._clock())

    async def _refuse_demo(self) -> None:
        if self._allows_demo:
            return
        async with self._database.reading() as session:
            entries = list_demo_entries(await repository.list_entries(session, self._clock()))
        if entries:
            raise ValueError(f"the database holds {len(entries)} entries of the demo bank: production needs its own")


def _find_first(index: Index, texts: Sequence[str], vectors: Vectors) -> dict[str, Finding]:
    found = {text: index.search(text, vectors[text], 1) for text in texts}
    return {
        text: Finding(matches[0][0] if matches else None, judge([score for _, score in matches]) == "answer")
        for text, matches in found.items()
    }
