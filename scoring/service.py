"""Decides once per idempotency key and stores the decisions."""

from datetime import date
from typing import Any
from uuid import uuid4

from kit.clock import CHINA, Clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_content
from products.catalogue import get_catalogue
from scoring.decide import decide
from scoring.policy_file import Policies, PolicyError, choose_policy
from scoring.repository import ShownDecision, find_by_id, find_by_key, insert_decision
from scoring.schemas import DecisionRequest, DecisionView
from scoring.shadow import ShadowPolicies


def read_today(clock: Clock) -> date:
    """Today's date in China; policies and validity go by it."""
    return clock().astimezone(CHINA).date()


class DecisionService:
    """Makes, stores and returns decisions; the same key never decides twice."""

    def __init__(
        self, database: Database, policies: Policies, clock: Clock, shadow: ShadowPolicies | None = None
    ) -> None:
        self._database = database
        self._policies = policies
        self._clock = clock
        self._shadow = shadow

    async def decide_once(self, request: DecisionRequest, key: str) -> DecisionView:
        """The decision for this key, new or stored; RequestError 409 when the key was used for another request."""
        # Of the parsed request: 15 and 15.0, or a missing fact and null, are the same question.
        request_hash = hash_content(request.model_dump(mode="json"))
        try:
            row, decision = self._decide(request, key, request_hash)
        except (PolicyError, RequestError):
            # It could not be decided today; what was decided under this key before still stands.
            if await find_by_key(self._database, key) is None:
                raise
        else:
            # Mostly the key is new: storing at once is one trip to the database; of two at once only one is stored.
            if await insert_decision(self._database, row):
                return decision
        found = await find_by_key(self._database, key)
        if found is None or found.request_hash != request_hash:
            raise RequestError(409, "idempotency_conflict", "this Idempotency-Key was used for another request")
        return _view(found)

    async def get_decision(self, decision_id: str) -> DecisionView:
        """A stored decision, exactly as it was made; RequestError 404 when there is none."""
        found = await find_by_id(self._database, decision_id)
        if found is None:
            raise RequestError(404, "decision_not_found", "no such decision")
        return _view(found)

    def _decide(self, request: DecisionRequest, key: str, request_hash: str) -> tuple[dict[str, Any], DecisionView]:
        """The row to store and the answer; RequestError 422 for a product that is not offered today."""
        today = read_today(self._clock)
        product = get_catalogue().find(request.product, today)
        if product is None or not product.is_offered:
            raise RequestError(422, "invalid_request", "product: not offered today")
        policy = choose_policy(self._policies, product, today)
        decision = decide(request.facts, policy, today).model_copy(update={"decision_id": str(uuid4())})
        row = {
            "id": decision.decision_id,
            "idempotency_key": key,
            "request_hash": request_hash,
            "product": request.product,
            "request": request.model_dump(mode="json"),
            "decision": decision.model_dump(mode="json", exclude={"decision_id"}),
            "shadow": self._shadow.judge(request.facts, policy, product, today) if self._shadow else None,
            "policy_version": decision.policy_version,
            "product_revision": product.reference,
            "created_at": self._clock(),
        }
        return row, decision


def _view(stored: ShownDecision) -> DecisionView:
    return DecisionView(decision_id=stored.id, **stored.decision)
