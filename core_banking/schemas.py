"""Requests and responses of the API about loans that customers have."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from core_banking.interface import LoanFacts
from core_banking.renewal import RenewalCheck

ConversationId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class LoanView(LoanFacts):
    """A loan, under a `ref` that means nothing elsewhere: the core's own key stays in the desk process."""

    ref: str
    renewal: RenewalCheck
    draw_obstacle: Literal["", "no_line", "expired", "overdue"] = ""


class LoanList(BaseModel):
    """The loans of a conversation's customer.

    `is_offered`: a core is connected; `is_verified`: a phone is known to be the customer's, without which nothing is
    looked up.
    """

    is_offered: bool
    is_verified: bool = False
    loans: list[LoanView] = Field(default_factory=list)


class LoanRequestIn(BaseModel):
    """What the customer confirmed. A drawdown needs its `amount` in yuan; a renewal what only they can say."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    conversation_id: ConversationId
    kind: Literal["drawdown", "renewal", "review"]
    amount: Annotated[int, Field(ge=1)] | None = None
    is_operating: bool = False
    needs_funds: bool = False

    @model_validator(mode="after")
    def require_own(self) -> Self:
        """Each kind has what it is decided by."""
        if (self.amount is None) == (self.kind == "drawdown"):
            raise ValueError("a drawdown has an amount, and nothing else has one")
        if self.kind == "renewal" and not (self.is_operating and self.needs_funds):
            raise ValueError("a renewal is for a business that runs and needs the money")
        return self


class LoanRequestView(BaseModel):
    """A stored request: its application's number, until when its account manager has to act, and what the core said.

    `core`: `sent`, `refused` with its reason, `waiting` until the core can be reached; empty where it is not asked.
    """

    number: str
    due_at: datetime | None
    core: Literal["", "sent", "refused", "waiting"] = ""
    reason: str = ""
