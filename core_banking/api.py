"""HTTP routes about loans that customers have, for the gateway alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from core_banking.schemas import LoanList, LoanRequestIn, LoanRequestView
from core_banking.service import Loans
from kit.service_token import require_service

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=100)]
ConversationId = Annotated[str, Query(min_length=1, max_length=64)]


def build_router(loans: Loans, service_token: str) -> APIRouter:
    """Routes under /v1/loans; all of them need the service token."""
    router = APIRouter(prefix="/v1/loans", tags=["loans"], dependencies=[Depends(require_service(service_token))])

    @router.get("")
    async def list_loans(conversation_id: ConversationId) -> LoanList:
        """The loans of the phones that the conversation verified; 503 while the core is away."""
        return await loans.list_loans(conversation_id)

    @router.post("/{ref}/requests")
    async def request(ref: str, wanted: LoanRequestIn, idempotency_key: IdempotencyKey) -> LoanRequestView:
        """Stores what the customer confirmed, once for each key, and asks the core for it."""
        return await loans.request(ref, wanted, idempotency_key)

    return router
