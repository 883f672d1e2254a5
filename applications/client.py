"""The client of the applications service."""

from applications.schemas import ApplicationIn, ApplicationList, ApplicationView
from kit.http import ServiceClient


class ApplicationsClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def submit(self, application: ApplicationIn, *, idempotency_key: str) -> ApplicationView:
        """Stores a pre-application once for each key."""
        body = application.model_dump(mode="json")
        return await self._http.post("/v1/applications", body, ApplicationView, idempotency_key=idempotency_key)

    async def list_applications(self, conversation_id: str) -> list[ApplicationView]:
        """The conversation's applications, newest first."""
        found = await self._http.get("/v1/applications", ApplicationList, {"conversation_id": conversation_id})
        return found.applications
