"""Client of the scoring service, ours or a bank's own with the same API."""

from collections.abc import Awaitable, Callable, Collection

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from privacy.purposes import list_missing
from scoring.schemas import DecisionRequest, DecisionView


class ScoringUnavailable(ServiceUnavailable):
    """The customer has agreed to be scored, and the scoring service gave no decision."""


class ScoringClient:
    """Raises kit.errors.ServiceUnavailable (ask again later) or ServiceRefused (the request is at fault).

    It is a ScoringUnavailable once the consent is known.

    Nobody is scored without a consent in the ledger, whatever the dialogue believes: `list_given` reads those of a
    conversation, with which the idempotency key begins.
    """

    def __init__(self, http: ServiceClient, list_given: Callable[[str], Awaitable[Collection[str]]]) -> None:
        self._http = http
        self._list_given = list_given

    async def decide(self, request: DecisionRequest, *, idempotency_key: str) -> DecisionView:
        """The decision on a request (see `schemas.parse_request`); the same key gives the same decision."""
        if list_missing("score", await self._list_given(idempotency_key.partition(":")[0])):
            raise ServiceRefused("scoring", 403, "no_consent", "the customer has not agreed to be scored")
        body = request.model_dump(mode="json", exclude_none=True)
        try:
            return await self._http.post("/v1/decisions", body, DecisionView, idempotency_key=idempotency_key)
        except ServiceUnavailable as error:
            raise ScoringUnavailable(str(error)) from error
