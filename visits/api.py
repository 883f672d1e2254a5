"""HTTP routes of the visits service, for the action server alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from kit.service_token import require_service
from visits.schemas import CancellationIn, MoveIn, VisitIn, VisitOptions, VisitView
from visits.service import Visits

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=100)]
ConversationId = Annotated[str, Query(min_length=1, max_length=64)]


def build_router(visits: Visits, service_token: str) -> APIRouter:
    """Routes under /v1/visits; all of them need the service token."""
    router = APIRouter(prefix="/v1/visits", tags=["visits"], dependencies=[Depends(require_service(service_token))])

    @router.get("/options")
    async def list_options(conversation_id: ConversationId) -> VisitOptions:
        """The free times, the place told before, and the visit that is booked."""
        return await visits.list_options(conversation_id)

    @router.post("")
    async def book(visit: VisitIn, idempotency_key: IdempotencyKey) -> VisitView:
        """Books a visit once for each idempotency key; 409 with the next free times if that one is taken."""
        return await visits.book(visit, idempotency_key)

    @router.post("/{visit_id}/time")
    async def move(visit_id: str, wanted: MoveIn) -> VisitView:
        """Moves the conversation's visit; the same again changes nothing."""
        return await visits.move(wanted.conversation_id, visit_id, wanted.starts_at, wanted.place)

    @router.post("/{visit_id}/cancellation")
    async def cancel(visit_id: str, wanted: CancellationIn) -> VisitView:
        """Cancels the conversation's visit; the same again changes nothing."""
        return await visits.cancel(wanted.conversation_id, visit_id)

    return router
