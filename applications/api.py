"""HTTP routes of the applications service, for the action server alone."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from applications.drafts import Drafts
from applications.schemas import (
    ApplicationIn,
    ApplicationList,
    ApplicationView,
    CompletionIn,
    ConsentList,
    DraftIn,
    FoundDraft,
    MendableAnswer,
    MendableList,
    WithdrawalIn,
)
from applications.service import Applications
from kit.service_token import require_service

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=100)]
ConversationId = Annotated[str, Query(min_length=1, max_length=64)]


ListGiven = Callable[[str], Awaitable[list[str]]]
FindMendable = Callable[[ApplicationIn], Awaitable[list[MendableAnswer]]]


def build_router(
    applications: Applications,
    drafts: Drafts,
    service_token: str,
    *,
    find_mendable: FindMendable,
    list_given: ListGiven,
) -> APIRouter:
    """Routes under /v1/applications and /v1/drafts; all of them need the service token.

    `find_mendable`: what an applicant is asked again; `list_given`: the consents of a conversation that stand.
    """

    router = APIRouter(prefix="/v1", tags=["applications"], dependencies=[Depends(require_service(service_token))])

    @router.post("/applications")
    async def submit(application: ApplicationIn, idempotency_key: IdempotencyKey) -> ApplicationView:
        """Stores a pre-application once for each idempotency key."""
        return await applications.submit(application, idempotency_key)

    @router.get("/applications/consents")
    async def list_consents(conversation_id: ConversationId) -> ConsentList:
        """The purposes (privacy/purposes.yml) to which the conversation's customer has agreed."""
        return ConsentList(purposes=await list_given(conversation_id))

    @router.post("/applications/checks")
    async def check(application: ApplicationIn) -> MendableList:
        """What its customer should be asked again before it is submitted; stores nothing."""
        return MendableList(mendable=await find_mendable(application))

    @router.get("/applications")
    async def list_applications(conversation_id: ConversationId) -> ApplicationList:
        """The applications of the conversation's customer, newest first."""
        return ApplicationList(applications=await applications.list_applications(conversation_id))

    @router.post("/applications/{number}/withdrawal")
    async def withdraw(number: str, withdrawal: WithdrawalIn, idempotency_key: IdempotencyKey) -> ApplicationView:
        """Withdraws the customer's application, unless staff have acted on it (409)."""
        return await applications.withdraw(withdrawal.conversation_id, number, idempotency_key)

    @router.post("/applications/{number}/completion")
    async def complete(number: str, completion: CompletionIn, idempotency_key: IdempotencyKey) -> ApplicationView:
        """Takes the items that an incomplete application lacks, and no others (422); back to be checked."""
        return await applications.complete(completion, number, idempotency_key)

    @router.post("/drafts")
    async def save_draft(draft: DraftIn) -> FoundDraft:
        """Keeps what was filled in so far in place of what was kept before; without answers nothing is kept."""
        return FoundDraft(draft=await drafts.save(draft))

    @router.get("/drafts")
    async def find_draft(conversation_id: ConversationId) -> FoundDraft:
        """The newest draft of the conversation's customer."""
        return FoundDraft(draft=await drafts.find(conversation_id))

    return router
