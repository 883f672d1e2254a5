"""The client of the quota checks' API."""

from kit.http import ServiceClient
from quota_checks.schemas import QuotaCheckIn, QuotaCheckList, QuotaCheckView


class QuotaChecksClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def keep(self, check: QuotaCheckIn, *, idempotency_key: str) -> QuotaCheckView:
        """Keeps what a customer is told, once for each key."""
        body = check.model_dump(mode="json")
        return await self._http.post("/v1/quota-checks", body, QuotaCheckView, idempotency_key=idempotency_key)

    async def list_checks(self, conversation_id: str) -> list[QuotaCheckView]:
        """What the conversation's customer was told, on whatever channel: the newest of each product, newest first."""
        found = await self._http.get("/v1/quota-checks", QuotaCheckList, {"conversation_id": conversation_id})
        return found.checks
