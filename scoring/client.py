"""Client of the scoring service, ours or a bank's own with the same API."""

from kit.http import ServiceClient
from scoring.schemas import DecisionRequest, DecisionView


class ScoringClient:
    """Raises kit.errors.ServiceUnavailable (ask again later) or ServiceRefused (the request is at fault)."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def decide(self, request: DecisionRequest, *, idempotency_key: str) -> DecisionView:
        """The decision on a request (see `schemas.parse_request`); the same key gives the same decision."""
        body = request.model_dump(mode="json", exclude_none=True)
        return await self._http.post("/v1/decisions", body, DecisionView, idempotency_key=idempotency_key)
