"""The knowledge service's client for other processes."""

from collections.abc import Sequence
from urllib.parse import quote

from kit.http import ServiceClient
from knowledge.schemas import EntryView, EvidenceView, SearchResult


class KnowledgeClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def search(self, question: str, k: int = 3) -> SearchResult:
        """The best matching entries, and whether one answers the question."""
        return await self._http.get("/v1/search", SearchResult, {"q": question, "k": k})

    async def get_entry(self, entry_id: str) -> EntryView:
        """One entry by its id; ServiceRefused 404 for an unknown one."""
        return await self._http.get(f"/v1/entries/{quote(entry_id, safe='')}", EntryView)

    async def read_evidence(self, text: str, parts: Sequence[str] = ()) -> EvidenceView:
        """All that the service can say of a text at once, and of at most three clauses of it."""
        return await self._http.post("/v1/evidence", {"text": text, "parts": list(parts)}, EvidenceView)
