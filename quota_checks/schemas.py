"""Requests and responses of the quota checks' API."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from scoring.schemas import DecisionView


class QuotaCheckIn(BaseModel):
    """A decision that a customer is told, with the facts it follows from; `product_revision`: `farmer_loan@2`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    conversation_id: Annotated[str, Field(min_length=1, max_length=36)]
    product: Annotated[str, Field(min_length=1, max_length=20)]
    product_revision: Annotated[str, Field(min_length=1, max_length=40)]
    facts: dict[str, Any]
    decision: DecisionView


class QuotaCheckView(QuotaCheckIn):
    """A kept one; it began with the conversation that it names."""

    model_config = ConfigDict(from_attributes=True)

    decided_at: datetime

    def stands(self, product_revision: str, facts: dict[str, Any], today: date) -> bool:
        """Whether the same question has this answer: within its validity, by the same limits and terms."""
        is_same = (self.product_revision, self.facts) == (product_revision, facts)
        return is_same and today <= self.decision.valid_until


class QuotaCheckList(BaseModel):
    """The newest check of each product, the newest first."""

    checks: list[QuotaCheckView]
