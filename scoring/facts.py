"""What every customer is asked."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Money = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""Whole yuan."""


class Strict(BaseModel):
    """Refuses unknown fields and wrong types; never changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Facts(Strict):
    """Facts about any customer; each kind of customer adds its own. Optional facts that are missing are not judged.

    `existing_debt`: total owed, to this bank and others. `has_overdue`: overdue now, or by more than 90 days within the
    last two years. `amount_wanted`: decides whether a person must look at the case; it does not reduce the quota.
    `age`: of the applicant or, for a firm, its legal representative. `term_months`: of a single draw.
    `in_service_area`: whether the customer lives, farms or trades where the bank lends.
    """

    existing_debt: Money
    has_overdue: bool
    amount_wanted: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    age: Annotated[int, Field(ge=0, le=120)] | None = None
    term_months: Annotated[int, Field(ge=1, le=360)] | None = None
    in_service_area: bool | None = None
