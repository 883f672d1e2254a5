"""The search over the bank's entries, rebuilt whenever these change in the database."""

import asyncio
import base64
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kit.background import repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from knowledge import repository
from knowledge.batch_tests import BatchTestIn, BatchTestView, ask_all
from knowledge.cutover import BEAT_SECONDS, Cutover, Edition
from knowledge.encoder import Encoder, TextVectors
from knowledge.filling import fill_if_empty, is_of_demo_bank, require_own_entries
from knowledge.follow_ups import list_follow_ups
from knowledge.golden_questions import list_golden_questions
from knowledge.hits import HitTestIn, HitTestView, find_hits
from knowledge.index import judge
from knowledge.index_builder import IndexBuilder
from knowledge.lessons import Lessons
from knowledge.message_classifier import ClassifierResult
from knowledge.next_questions import list_asked_next
from knowledge.published import Published
from knowledge.record import count_editions
from knowledge.schemas import Alike, AlikeView, EvidenceView, Match, SearchResult
from knowledge.seeding import FOLDER
from knowledge.trials import DraftIn, TrialView, choose_nearest, find_failures, find_first, find_repeats
from knowledge.tuned_encoders import TunedEncoders

log = logging.getLogger(__name__)

MATCHES = 3
REFRESH_SECONDS = 0.5
NO_LESSONS = Lessons()


class _Live(NamedTuple):
    """What answers: the entries of an edition, and the builder of their index, whose encoder reads the questions."""

    published: Published
    builder: IndexBuilder


class Knowledge:
    """Searches the entries, and tells dangers and acts; ready after `open`.

    An empty database is filled from the folder `seed`, from `internal` with what only staff find, and with golden
    questions from the file `golden`. What is learned from `lessons` is kept in the folder `kept`. Without `allows_demo`
    texts of the demo bank are neither put in nor served. `encoder` is in force until one of `tuned` is.
    `site` is where customers find the gateway.
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
        tuned: TunedEncoders | None = None,
        site: str = "",
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._tuned = tuned
        self._clock = clock
        self._seed_folder = seed
        self._internal = internal
        self._golden = golden
        self._allows_demo = allows_demo
        self._refresh_seconds = refresh_seconds
        self._lessons = lessons
        self._kept = kept
        # Encoding releases the interpreter's lock; two threads keep two cores busy without fighting over them.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="encoder")
        self._site = site
        # A process learns of the moment in a third of this, if it is not busy.
        self._cutover = Cutover(database, clock, timedelta(seconds=3 * refresh_seconds))
        self._live: _Live | None = None
        self._is_refreshing = asyncio.Lock()
        self._background: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Seeds an empty database, learns, builds the index and starts watching the database for changes.

        Raises ValueError if the database holds texts of the demo bank and must not.
        """
        await self._fill()
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
        return self._live is not None and await self._database.check()

    async def encode(self, texts: Sequence[str]) -> TextVectors:
        """Vectors of texts; RequestError 503 before the index is built."""
        vectors = self._take_live().builder.vectors
        return TextVectors(vectors.fingerprint, await vectors.encode(texts))

    async def search(self, question: str, k: int) -> SearchResult:
        """The best k entries; RequestError 503 before the index is built."""
        # Taken once: a refresh may replace it while the question is encoded.
        published, builder = self._take_live()
        vector = (await builder.vectors.encode([question]))[0]
        matches = published.show(published.index.search(question, vector, k), self._clock())
        outcome = judge([match.score for match in matches])
        return SearchResult(outcome=outcome, matches=matches, version=published.edition.version)

    async def search_for_staff(self, question: str, k: int) -> list[Match]:
        """As `search`, also among what only staff may read."""
        (published, builder), now = self._take_live(), self._clock()
        vector = (await builder.vectors.encode([question]))[0]
        parts = [published, *([published.internal] if published.internal else [])]
        found = [match for part in parts for match in part.show(part.index.search(question, vector, k), now)]
        return sorted(found, key=lambda match: -match.score)[:k]

    async def read_evidence(self, text: str, parts: Sequence[str]) -> EvidenceView:
        """All that can be said of a text and its parts; RequestError 503 before the index is built."""
        (published, builder), now = self._take_live(), self._clock()
        vectors = await builder.vectors.encode([text, *parts])
        found = [published.index.search(*part, 1) for part in zip(parts, vectors[1:], strict=True)]
        best = [published.show(matches, now) for matches in found]
        rated = builder.classifier.rate(text, vectors[0]) if builder.classifier else ClassifierResult({}, {})
        return EvidenceView(
            fingerprint=builder.vectors.fingerprint,
            vector=base64.b64encode(vectors[0].astype("<f4").tobytes()).decode(),
            matches=published.show(published.index.search(text, vectors[0], MATCHES), now),
            parts=[matches[0] if matches else None for matches in best],
            dangers=rated.dangers,
            acts=rated.acts,
        )

    async def find_alike(self, texts: Sequence[str], entry_id: str | None) -> AlikeView:
        """Those of an entry's texts that nearly are another's."""
        published, builder = self._take_live()
        vectors = await builder.vectors.provide(texts)
        found = await builder.run(
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
        published, builder = self._take_live()
        async with self._database.reading() as session:
            questions = await list_golden_questions(session)
        drafted = await builder.build_with(drafts, published)
        keys = [draft.entry_id for draft in drafts]
        changed = [text for each in (published, drafted) for key in keys for text in each.texts.get(key, ())]
        vectors = await builder.vectors.provide([*(question.text for question in questions), *changed])
        questions = choose_nearest(questions, changed, vectors)
        asked = [question.text for question in questions]
        before, after = [await builder.run(find_first, each.index, asked, vectors) for each in (published, drafted)]
        titles = {key: entry.question for key, entry in drafted.entries.items()}
        failures = [
            *find_repeats(drafts, published.texts, titles),
            *find_failures(questions, before, after, set(keys) - published.entries.keys(), titles),
        ]
        return TrialView(version=published.edition.version, questions=len(questions), failures=failures)

    async def test_hit(self, test: HitTestIn) -> HitTestView:
        """What a question finds, what it would find if the draft were published, and what it found in the past."""
        published, builder = self._take_live()
        vector = (await builder.vectors.encode([test.question]))[0]
        drafted = await builder.build_with([test.draft], published) if test.draft else None
        past = await builder.build_past(published.edition, test.at) if test.at else None
        return HitTestView(
            published=find_hits(published, test.question, vector),
            drafted=find_hits(drafted, test.question, vector) if drafted else None,
            past=find_hits(past, test.question, vector) if past else None,
        )

    async def test_all(self, test: BatchTestIn) -> BatchTestView:
        """What many questions find, and what they would find if the drafts were published."""
        published, builder = self._take_live()
        drafted = await builder.build_with(test.drafts, published) if test.drafts else None
        vectors = await builder.vectors.provide([question.text for question in test.questions])
        ask = partial(builder.run, ask_all)
        return BatchTestView(
            published=await ask(published, test.questions, vectors),
            drafted=await ask(drafted, test.questions, vectors) if drafted else None,
        )

    def get_entry(self, entry_id: str) -> Match:
        """One entry that was chosen, so surely meant; RequestError 404 when there is none."""
        published = self._live.published if self._live else None
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
        now, live = self._clock(), self._live
        last, day = live.published if live else None, now.astimezone(CHINA).date()
        async with self._database.reading() as session:
            edition = Edition(await count_editions(session), day)
            if last and edition == last.edition and not last.has_expired(now):
                return False
            tuned = await repository.find_tuned(session, day)
            entries = {entry.entry_id: entry for entry in await repository.list_entries(session, now)}
            asked_next = await list_asked_next(session)
        await self._cutover.begin(edition)
        # One that could not be had is tried again with every edition.
        wanted = tuned or self._encoder.fingerprint
        has_it = live is not None and live.builder.vectors.fingerprint == wanted
        builder = live.builder if live and has_it else await self._prepare(tuned)
        if live and last and builder is live.builder and entries == last.list_entries():
            built = replace(last, edition=edition, follow_ups=list_follow_ups(last.entries, asked_next))
        else:
            built = await builder.build(edition, entries, asked_next)
        await self._cutover.finish(edition)
        if last and edition == last.edition:  # what has expired is not shown any more anyway
            self._live = _Live(built, builder)
            return False
        while (at := await self._cutover.agree(edition)) is None:
            if await self._cutover.is_overtaken(edition):
                return True
            await asyncio.sleep(self._refresh_seconds)
        await asyncio.sleep(max(0.0, (at - self._clock()).total_seconds()))
        self._live = _Live(built, builder)
        log.info("index of %d entries is ready", len(entries))
        await builder.follow_drift(built)
        return False

    async def _prepare(self, tuned: str | None) -> IndexBuilder:
        """A builder with another encoder: that of the settings if the tuned one is not there, or broken."""
        if tuned and self._tuned:
            try:
                return await self._learn(await asyncio.to_thread(self._tuned.load, tuned))
            except Exception:  # onnxruntime's have nothing in common, and the other processes wait for this one
                log.exception("the encoder of the settings is used instead of the tuned one")
        return await self._learn(self._encoder)

    async def _learn(self, encoder: Encoder) -> IndexBuilder:
        builder = IndexBuilder(self._database, encoder, self._lessons, self._kept, self._threads, self._site)
        await builder.learn()
        async with self._database.transaction() as session:
            others = self._tuned.list_all() if self._tuned else []
            await repository.forget_encoders(session, {encoder.fingerprint, self._encoder.fingerprint, *others})
        return builder

    def _take_live(self) -> _Live:
        if self._live is None:
            raise RequestError(503, "not_ready", "the index is being built")
        return self._live

    async def _fill(self) -> None:
        now = self._clock()
        if self._allows_demo or not is_of_demo_bank(self._seed_folder):
            await fill_if_empty(self._database, self._seed_folder, self._internal, self._golden, now)
        else:
            log.warning("knowledge/seed is the demo bank's: an empty database stays empty")
        if not self._allows_demo:
            await require_own_entries(self._database, now)
