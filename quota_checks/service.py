"""Keeps what customers were told of their quota, and finds it again for the same customer on another channel."""

import uuid

from sqlalchemy.exc import IntegrityError

from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from quota_checks.repository import find_by_key, list_agreed, list_newest
from quota_checks.schemas import QuotaCheckIn, QuotaCheckView
from quota_checks.tables import QuotaCheck
from verification.repository import list_same_customer


class QuotaChecks:
    """The quota checks in the database."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, check: QuotaCheckIn, idempotency_key: str) -> QuotaCheckView:
        """Keeps it; the same key again gives the kept one. RequestError 409 if the key has kept another."""
        kept = await self._find(idempotency_key)
        if kept is None:
            row = QuotaCheck(
                id=str(uuid.uuid4()),
                idempotency_key=idempotency_key,
                decided_at=self._clock(),
                quota_until=check.decision.valid_until if check.decision.quota else None,
                **check.model_dump(mode="json"),
            )
            try:
                async with self._database.transaction() as session:
                    session.add(row)
                return QuotaCheckView.model_validate(row)
            except IntegrityError:  # the same key twice at the same moment, or no such conversation
                kept = await self._find(idempotency_key)
                if kept is None:
                    raise RequestError(404, "no_such_conversation", "没有这个对话") from None
        if QuotaCheckIn.model_validate(kept.model_dump(exclude={"decided_at"})) != check:
            raise RequestError(409, "idempotency_conflict", "this key was used for another check")
        return kept

    async def list_checks(self, conversation_id: str) -> list[QuotaCheckView]:
        """The newest of each product that this customer was told, on whatever channel, the newest first."""
        async with self._database.reading() as session:
            same = await list_same_customer(session, conversation_id)
            found = await list_newest(session, await list_agreed(session, same))
            return [QuotaCheckView.model_validate(row) for row in found]

    async def _find(self, idempotency_key: str) -> QuotaCheckView | None:
        async with self._database.reading() as session:
            row = await find_by_key(session, idempotency_key)
            return QuotaCheckView.model_validate(row) if row else None
