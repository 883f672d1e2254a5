"""Requests and responses of the scoring service.

Money is whole yuan. A request is `{"product": "farmer_loan", "facts": {...}}`; the product's kind of customer says
which facts belong to it, and unknown fields or wrong types are refused.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, PlainSerializer, Tag, TypeAdapter

from products.catalogue import find_product
from scoring.business import BusinessRequest
from scoring.farmer import FarmerRequest
from scoring.wording import format_number


# Each kind of customer is listed once in both.
def _find_tag(body: object) -> str | None:
    product_id = body.get("product") if isinstance(body, Mapping) else getattr(body, "product", None)
    product = find_product(product_id) if isinstance(product_id, str) else None
    if product is None or product.id != product_id:
        return None
    return "farmer" if product.kind == "farmer" else "business"


DecisionRequest = Annotated[
    Annotated[FarmerRequest, Tag("farmer")] | Annotated[BusinessRequest, Tag("business")],
    Discriminator(
        _find_tag,
        custom_error_type="unknown_product",
        custom_error_message="product: no such product",
    ),
]
_REQUEST: TypeAdapter[DecisionRequest] = TypeAdapter(DecisionRequest)

REASONS_MAX = 4
Rate = Annotated[
    Decimal,
    AfterValidator(lambda rate: Decimal(format_number(rate))),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""Percent a year, without trailing zeros, so that 6.0 prints as 6; a number in JSON."""


def parse_request(body: object) -> DecisionRequest:
    """The request in a plain mapping; raises pydantic.ValidationError naming the field."""
    return _REQUEST.validate_python(body)


class Reason(BaseModel):
    """Why: a stable code for programs, a sentence for the customer, and what its sums add to the quota (yuan).

    The amounts of a quota's reasons add up to it; rules have none.
    """

    code: str
    text: str
    amount: int | None = None


class DecisionView(BaseModel):
    """An answer of the policy.

    `quota`: the most the bank would lend, in yuan; promised with `approve`, an estimate for the account manager with
    `review`, 0 with `decline`. `annual_rate`: percent a year (5.2 is 5.2%). `term_months`: of a single draw. Rate and
    term are null with `decline`. `reasons`: one to four, rules first, then sums. `improvement`: what would raise the
    quota, empty if nothing or if it is not told. `policy_version`: the product and the
    date since which the policy is in force. `valid_until`: the last day on which the answer holds. `decision_id`: null
    only when the decision was not stored (command line).
    """

    outcome: Literal["approve", "review", "decline"]
    quota: int
    term_months: int | None
    annual_rate: Rate | None
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=REASONS_MAX)]
    improvement: str = ""
    next_step: str
    policy_version: str
    valid_until: date
    decision_id: str | None
