"""The knowledge service's client for other processes."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from kit.http import ServiceClient
from knowledge.batch_tests import BatchQuestion, BatchTestIn, BatchTestView
from knowledge.encoder import TextVectors
from knowledge.hits import HitTestIn, HitTestView
from knowledge.schemas import AlikeView, EvidenceView, Match, SearchResult, StaffMatches, VectorsOut
from knowledge.trials import DraftIn, TrialView


class KnowledgeClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def search(self, question: str, k: int = 3) -> SearchResult:
        """The best matching entries, and whether one answers the question."""
        return await self._http.get("/v1/search", SearchResult, {"q": question, "k": k})

    async def search_for_staff(self, question: str, k: int = 3) -> list[Match]:
        """The best matching entries, with those that only staff may read."""
        return (await self._http.get("/v1/staff-search", StaffMatches, {"q": question, "k": k})).matches

    async def get_entry(self, entry_id: str) -> Match:
        """One entry by its id; ServiceRefused 404 for an unknown one."""
        return await self._http.get(f"/v1/entries/{quote(entry_id, safe='')}", Match)

    async def read_evidence(self, text: str, parts: Sequence[str] = ()) -> EvidenceView:
        """All that the service can say of a text at once, and of at most three clauses of it."""
        return await self._http.post("/v1/evidence", {"text": text, "parts": list(parts)}, EvidenceView)

    async def encode(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of 1 to 256 texts."""
        found = await self._http.post("/v1/vectors", {"texts": list(texts)}, VectorsOut)
        return TextVectors(found.fingerprint, found.unpack())

    async def find_alike(self, texts: Sequence[str], entry_id: str | None = None) -> AlikeView:
        """Which of an entry's texts another one has already, or nearly."""
        return await self._http.post("/v1/alike", {"texts": list(texts), "entry_id": entry_id}, AlikeView)

    async def try_out(self, drafts: Sequence[DraftIn]) -> TrialView:
        """Which golden questions would go wrong if the drafts were published; half a minute on a slow machine."""
        return await self._http.post("/v1/trials", {"drafts": [draft.model_dump() for draft in drafts]}, TrialView)

    async def test_hit(self, question: str, draft: DraftIn | None = None, at: datetime | None = None) -> HitTestView:
        """What a question finds and why, also with a draft or at a moment of the past."""
        body = HitTestIn(question=question, draft=draft, at=at).model_dump(mode="json")
        return await self._http.post("/v1/hit-tests", body, HitTestView)

    async def test_all(self, questions: Sequence[BatchQuestion], drafts: Sequence[DraftIn] = ()) -> BatchTestView:
        """What many questions find, also with drafts; a minute for the most there may be on a slow machine."""
        body = BatchTestIn(questions=list(questions), drafts=list(drafts)).model_dump()
        return await self._http.post("/v1/batch-tests", body, BatchTestView)
