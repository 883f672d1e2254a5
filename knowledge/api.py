"""The knowledge service's application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query

from kit.database import Database
from kit.web import create_web_app
from knowledge.adapter.texts import HELD_OUT
from knowledge.batch_tests import BatchTestIn, BatchTestView
from knowledge.encoder import CachedEncoder, Encoder, load_encoder
from knowledge.hits import HitTestIn, HitTestView
from knowledge.lessons import Lessons, read_lessons
from knowledge.schemas import (
    AlikeIn,
    AlikeView,
    EvidenceIn,
    EvidenceView,
    Match,
    SearchResult,
    StaffMatches,
    VectorsIn,
    VectorsOut,
)
from knowledge.seeding import INTERNAL
from knowledge.service import Knowledge
from knowledge.settings import KnowledgeSettings
from knowledge.trials import TrialIn, TrialView
from knowledge.tuned_encoders import TunedEncoders
from products.following import follow_catalogue
from products.record import read_from

# Of an empty database: the texts held out from the seed, which are not searched.
GOLDEN = HELD_OUT / "entries.yml"
# A thousand questions, or drafts with hundreds of similar questions.
UPLOADS = dict.fromkeys(("/v1/batch-tests", "/v1/trials", "/v1/hit-tests", "/v1/alike"), 8_000_000)
Question = Annotated[str, Query(min_length=1, max_length=2000)]
Count = Annotated[int, Query(ge=1, le=10)]


def create_app(
    settings: KnowledgeSettings, *, encoder: Encoder | None = None, lessons: Lessons | None = None
) -> FastAPI:
    """The application; `encoder` defaults to the one the settings name, `lessons` to those that ship."""
    database = Database(settings.database_url)
    knowledge = Knowledge(
        database,
        encoder or CachedEncoder(load_encoder(settings.encoder)),
        lessons=read_lessons() if lessons is None else lessons,
        internal=INTERNAL,
        golden=GOLDEN,
        kept=Path(settings.knowledge_cache),
        allows_demo=settings.environment == "demo",
        tuned=TunedEncoders(Path(settings.tuned_encoders)),
        site=(settings.public_url or settings.gateway_url).rstrip("/"),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await knowledge.open()
        following = asyncio.create_task(follow_catalogue(read_from(database)))
        yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await knowledge.close()
        await database.close()

    token = settings.knowledge_token.get_secret_value()
    app = create_web_app(
        "小禾 knowledge", checks={"index": knowledge.is_ready}, lifespan=lifespan, token=token, uploads=UPLOADS
    )

    @app.get("/v1/search", response_model_exclude_none=True)
    async def search(q: Question, k: Count = 3) -> SearchResult:
        """The entries that fit a question best, and whether one of them answers it."""
        return await knowledge.search(q, k)

    @app.get("/v1/staff-search", response_model_exclude_none=True)
    async def search_for_staff(q: Question, k: Count = 3) -> StaffMatches:
        """The entries that fit a question best, with those that only staff may read."""
        return StaffMatches(matches=await knowledge.search_for_staff(q, k))

    @app.get("/v1/entries/{entry_id}", response_model_exclude_none=True)
    async def get_entry(entry_id: str) -> Match:
        """One entry."""
        return knowledge.get_entry(entry_id)

    @app.post("/v1/evidence")
    async def read_evidence(body: EvidenceIn) -> EvidenceView:
        """All that can be said of a message at once: its vector, its matches and those of its parts, its dangers."""
        return await knowledge.read_evidence(body.text, body.parts)

    @app.post("/v1/alike")
    async def find_alike(body: AlikeIn) -> AlikeView:
        """Which texts of an entry another one has already, or nearly."""
        return await knowledge.find_alike(body.texts, body.entry_id)

    @app.post("/v1/trials")
    async def try_out(body: TrialIn) -> TrialView:
        """Which golden questions would go wrong if the drafts were published."""
        return await knowledge.try_out(body.drafts)

    @app.post("/v1/hit-tests")
    async def test_hit(body: HitTestIn) -> HitTestView:
        """What a question finds and why, would find with a draft, and found in the past; the question is not kept."""
        return await knowledge.test_hit(body)

    @app.post("/v1/batch-tests")
    async def test_all(body: BatchTestIn) -> BatchTestView:
        """What many questions find, and would find with drafts; they are not kept."""
        return await knowledge.test_all(body)

    @app.post("/v1/vectors")
    async def encode(body: VectorsIn) -> VectorsOut:
        """Vectors of texts, for the Rasa server."""
        return VectorsOut.pack(*await knowledge.encode(body.texts))

    return app
