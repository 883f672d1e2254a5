"""HTTP routes of the quota checks, for the action server alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from kit.service_token import require_service
from quota_checks.schemas import QuotaCheckIn, QuotaCheckList, QuotaCheckView
from quota_checks.service import QuotaChecks

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=100)]
ConversationId = Annotated[str, Query(min_length=1, max_length=36)]


def build_router(checks: QuotaChecks, service_token: str) -> APIRouter:
    """Routes under /v1/quota-checks; all of them need the service token."""
    router = APIRouter(
        prefix="/v1/quota-checks", tags=["quota checks"], dependencies=[Depends(require_service(service_token))]
    )

    @router.post("")
    async def keep(check: QuotaCheckIn, idempotency_key: IdempotencyKey) -> QuotaCheckView:
        """Keeps what a customer is told, once for each idempotency key."""
        return await checks.keep(check, idempotency_key)

    @router.get("")
    async def list_checks(conversation_id: ConversationId) -> QuotaCheckList:
        """What the conversation's customer was told, on whatever channel: the newest of each product."""
        return QuotaCheckList(checks=await checks.list_checks(conversation_id))

    return router
