"""HTTP routes of the applications service, for the action server alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from applications.schemas import ApplicationIn, ApplicationList, ApplicationView
from applications.service import Applications
from kit.errors import RequestError
from kit.security import is_same_secret, read_bearer

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=100)]
ConversationId = Annotated[str, Query(min_length=1, max_length=64)]


def build_router(applications: Applications, service_token: str) -> APIRouter:
    """Routes under /v1/applications; all of them need the service token."""

    async def require_service(authorization: Annotated[str | None, Header()] = None) -> None:
        if not is_same_secret(read_bearer(authorization), service_token):
            raise RequestError(401, "unauthorised", "a service token is needed")

    router = APIRouter(prefix="/v1/applications", tags=["applications"], dependencies=[Depends(require_service)])

    @router.post("")
    async def submit(application: ApplicationIn, idempotency_key: IdempotencyKey) -> ApplicationView:
        """Stores a pre-application once for each idempotency key."""
        return await applications.submit(application, idempotency_key)

    @router.get("")
    async def list_applications(conversation_id: ConversationId) -> ApplicationList:
        """The conversation's applications, newest first."""
        return ApplicationList(applications=await applications.list_applications(conversation_id))

    return router
