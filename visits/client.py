"""The client of the visits service."""

from urllib.parse import quote

from kit.http import ServiceClient
from visits.schemas import CancellationIn, MoveIn, VisitIn, VisitOptions, VisitView


class VisitsClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused: 409 `time_taken` names the next free times."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def list_options(self, conversation_id: str) -> VisitOptions:
        """What the conversation can book, and what it has booked."""
        return await self._http.get("/v1/visits/options", VisitOptions, {"conversation_id": conversation_id})

    async def book(self, visit: VisitIn, *, idempotency_key: str) -> VisitView:
        """Books a visit once for each key."""
        body = visit.model_dump(mode="json")
        return await self._http.post("/v1/visits", body, VisitView, idempotency_key=idempotency_key)

    async def move(self, visit_id: str, visit: VisitIn) -> VisitView:
        """Gives the conversation's visit another time and place; may be repeated."""
        body = MoveIn.model_validate(visit.model_dump()).model_dump(mode="json")
        return await self._http.post(f"/v1/visits/{quote(visit_id, safe='')}/time", body, VisitView)

    async def cancel(self, conversation_id: str, visit_id: str) -> VisitView:
        """Cancels the conversation's visit; may be repeated."""
        body = CancellationIn(conversation_id=conversation_id).model_dump()
        return await self._http.post(f"/v1/visits/{quote(visit_id, safe='')}/cancellation", body, VisitView)
