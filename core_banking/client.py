"""The client of the API about loans that customers have."""

from urllib.parse import quote

from core_banking.schemas import LoanList, LoanRequestIn, LoanRequestView
from kit.http import ServiceClient


class LoansClient:
    """Raises kit.errors.ServiceUnavailable (the core is away too) or ServiceRefused with a code of Loans.request."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def list_loans(self, conversation_id: str) -> LoanList:
        """The loans of the conversation's customer, as the core knows them now."""
        return await self._http.get("/v1/loans", LoanList, {"conversation_id": conversation_id})

    async def request(self, ref: str, wanted: LoanRequestIn, *, idempotency_key: str) -> LoanRequestView:
        """Hands in what the customer confirmed, once for each key."""
        path = f"/v1/loans/{quote(ref, safe='')}/requests"
        body = wanted.model_dump(mode="json")
        return await self._http.post(path, body, LoanRequestView, idempotency_key=idempotency_key)
