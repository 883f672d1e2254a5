"""The client of the applications service."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from applications.schemas import (
    ApplicationIn,
    ApplicationList,
    ApplicationView,
    ConsentList,
    DraftIn,
    DraftView,
    FoundDraft,
    MendableAnswer,
    MendableList,
    WithdrawalIn,
)
from kit.http import ServiceClient


class ApplicationsClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def submit(self, application: ApplicationIn, *, idempotency_key: str) -> ApplicationView:
        """Stores a pre-application once for each key."""
        body = application.model_dump(mode="json")
        return await self._http.post("/v1/applications", body, ApplicationView, idempotency_key=idempotency_key)

    async def find_mendable(self, application: ApplicationIn) -> list[MendableAnswer]:
        """What the customer should be asked again before it is submitted."""
        body = application.model_dump(mode="json")
        return (await self._http.post("/v1/applications/checks", body, MendableList)).mendable

    async def list_consents(self, conversation_id: str) -> list[str]:
        """The purposes to which the conversation's customer has agreed."""
        query = {"conversation_id": conversation_id}
        return (await self._http.get("/v1/applications/consents", ConsentList, query)).purposes

    async def list_applications(self, conversation_id: str) -> list[ApplicationView]:
        """The applications of the conversation's customer, newest first."""
        found = await self._http.get("/v1/applications", ApplicationList, {"conversation_id": conversation_id})
        return found.applications

    async def save_draft(self, draft: DraftIn) -> None:
        """Keeps what was filled in so far; without answers the customer's drafts are deleted."""
        await self._http.post("/v1/drafts", draft.model_dump(mode="json"), FoundDraft)

    async def find_draft(self, conversation_id: str) -> DraftView | None:
        """The newest draft of the conversation's customer, on whatever channel."""
        return (await self._http.get("/v1/drafts", FoundDraft, {"conversation_id": conversation_id})).draft

    async def withdraw(self, conversation_id: str, number: str, *, idempotency_key: str) -> ApplicationView:
        """Withdraws the customer's application of that number.

        ServiceRefused 404 if it has none, 409 `already_in_progress` once staff have acted on it, with the reason.
        """
        path = f"/v1/applications/{quote(number, safe='')}/withdrawal"
        body = WithdrawalIn(conversation_id=conversation_id).model_dump()
        return await self._http.post(path, body, ApplicationView, idempotency_key=idempotency_key)

    async def complete(
        self, conversation_id: str, number: str, answers: Mapping[str, Any], *, idempotency_key: str
    ) -> ApplicationView:
        """Hands in the items that were asked for of an incomplete application.

        ServiceRefused 404 if it is not theirs, 409 `not_incomplete`, 422 `not_requested`, `still_missing` or
        `invalid_answer`, with the items.
        """
        path = f"/v1/applications/{quote(number, safe='')}/completion"
        body = {"conversation_id": conversation_id, "answers": dict(answers)}
        return await self._http.post(path, body, ApplicationView, idempotency_key=idempotency_key)
