"""Decides once per idempotency key and stores the decisions."""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.clock import CHINA, Clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_content
from products.catalogue import get_catalogue
from scoring.decide import decide
from scoring.policy_file import PolicyHistory, choose_policy
from scoring.schemas import DecisionRequest, DecisionView, PolicyName
from scoring.tables import StoredDecision


def read_today(clock: Clock) -> date:
    """Today's date in China; policies and validity go by it."""
    return clock().astimezone(CHINA).date()


class DecisionService:
    """Makes, stores and returns decisions; the same key never decides twice."""

    def __init__(self, database: Database, policies: Mapping[PolicyName, PolicyHistory], clock: Clock) -> None:
        self._database = database
        self._policies = policies
        self._clock = clock

    async def decide_once(self, request: DecisionRequest, key: str) -> DecisionView:
        """The decision for this key, new or stored; RequestError 409 when the key was used for another request."""
        # Of the parsed request: 15 and 15.0, or a missing fact and null, are the same question.
        request_hash = hash_content(request.model_dump(mode="json"))
        found = await self._find_by_key(key)
        if found is None:
            try:
                return await self._store(request, key, request_hash)
            except IntegrityError:
                # The same key arrived twice at once and the other request was first: its decision stands.
                found = await self._find_by_key(key)
                if found is None:
                    raise
        if found.request_hash != request_hash:
            raise RequestError(409, "idempotency_conflict", "this Idempotency-Key was used for another request")
        return _view(found)

    async def get_decision(self, decision_id: str) -> DecisionView:
        """A stored decision, exactly as it was made; RequestError 404 when there is none."""
        async with self._database.reading() as session:
            found = await session.get(StoredDecision, decision_id)
        if found is None:
            raise RequestError(404, "decision_not_found", "no such decision")
        return _view(found)

    async def _find_by_key(self, key: str) -> StoredDecision | None:
        async with self._database.reading() as session:
            return await session.scalar(select(StoredDecision).where(StoredDecision.idempotency_key == key))

    async def _store(self, request: DecisionRequest, key: str, request_hash: str) -> DecisionView:
        today = read_today(self._clock)
        product = get_catalogue().find(request.product, today)
        if product is None or not product.is_offered:
            raise RequestError(422, "invalid_request", "product: not offered today")
        decision = decide(request.facts, choose_policy(self._policies, product, today), today)
        stored = StoredDecision(
            id=str(uuid4()),
            idempotency_key=key,
            request_hash=request_hash,
            product=request.product,
            request=request.model_dump(mode="json"),
            decision=decision.model_dump(mode="json", exclude={"decision_id"}),
            policy_version=decision.policy_version,
            product_revision=product.reference,
            created_at=self._clock(),
        )
        async with self._database.transaction() as session:
            session.add(stored)
        return _view(stored)


def _view(stored: StoredDecision) -> DecisionView:
    return DecisionView(decision_id=stored.id, **stored.decision)
