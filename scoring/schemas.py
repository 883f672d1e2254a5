"""What the scoring service is asked and what it answers.

Money is whole yuan. A request is `{"product": "farmer_loan", "facts": {...}}`; the product says which facts belong
to it, and unknown fields or wrong types are refused.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Product = Literal["farmer_loan", "trader_loan", "firm_loan"]
Outcome = Literal["approve", "review", "decline"]

Yuan = Annotated[int, Field(ge=0, le=1_000_000_000)]
REASONS_MAX = 4


class Facts(BaseModel):
    """What every customer is asked; optional facts that were not told are not judged.

    `existing_debt`: still owed here and elsewhere. `has_overdue`: overdue now, or by more than 90 days within the last
    two years. `amount_wanted`: only decides who answers, the quota does not shrink to it. `age`: of the applicant, for
    a firm of its legal representative. `term_months`: of a single draw. `in_service_area`: lives, farms or trades
    where the bank lends.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    existing_debt: Yuan
    has_overdue: bool
    amount_wanted: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    age: Annotated[int, Field(ge=0, le=120)] | None = None
    term_months: Annotated[int, Field(ge=1, le=360)] | None = None
    in_service_area: bool | None = None


class FarmerFacts(Facts):
    """A household: `land_mu` it farms, `machinery_value`, `household_income` a year after costs (0 for a loss)."""

    land_mu: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    machinery_value: Yuan
    household_income: Yuan


class BusinessFacts(Facts):
    """A trader or a firm: `annual_turnover` and `years_in_business`."""

    annual_turnover: Yuan
    years_in_business: Annotated[float, Field(ge=0, le=200, allow_inf_nan=False)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FarmerRequest(_Request):
    """Asks for a decision on 农户贷."""

    product: Literal["farmer_loan"]
    facts: FarmerFacts


class BusinessRequest(_Request):
    """Asks for a decision on 商户贷 or 小微企业贷."""

    product: Literal["trader_loan", "firm_loan"]
    facts: BusinessFacts


DecisionRequest = Annotated[FarmerRequest | BusinessRequest, Field(discriminator="product")]
_REQUEST: TypeAdapter[FarmerRequest | BusinessRequest] = TypeAdapter(DecisionRequest)


def parse_request(body: object) -> FarmerRequest | BusinessRequest:
    """The request in a plain mapping; raises pydantic.ValidationError naming the field."""
    return _REQUEST.validate_python(body)


class Reason(BaseModel):
    """Why: a stable code for programs, a sentence for the customer."""

    code: str
    text: str


class Decision(BaseModel):
    """An answer of the policy.

    `quota`: what the bank would lend at most, in yuan; promised with `approve`, an estimate for the account manager
    with `review`, 0 with `decline`. `annual_rate`: percent a year (5.2 is 5.2%). `term_months`: of a single draw.
    Rate and term are null with `decline`. `reasons`: one to four, the strongest first. `policy_version`: product and
    the date since which the policy is in force. `valid_until`: last day on which the answer holds.
    """

    outcome: Outcome
    quota: int
    term_months: int | None
    annual_rate: float | None
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=REASONS_MAX)]
    next_step: str
    policy_version: str
    valid_until: date


class DecisionView(Decision):
    """A decision as callers see it; `decision_id` is null only when it was not stored (command line)."""

    decision_id: str | None
