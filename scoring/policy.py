"""The credit policy in force on one day: every number that rules, scorecard and quota use, with its unit.

The files in `scoring/policy/` hold the values; a field here is the parameter of the same name there.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from scoring.schemas import Product

Grade = Literal["A", "B", "C", "D"]


class Unit(NamedTuple):
    """The unit a parameter must have in its file."""

    name: str


Years = Annotated[Decimal, Unit("year")]
Months = Annotated[int, Unit("month")]
Days = Annotated[int, Unit("day")]
Yuan = Annotated[int, Unit("yuan")]
Mu = Annotated[Decimal, Unit("mu")]
YuanPerMu = Annotated[Decimal, Unit("yuan_per_mu")]
Percent = Annotated[Decimal, Unit("percent")]
Grades = dict[Grade, Decimal]
Bands = dict[Decimal, int]
"""From which value on (inclusive) -> what applies; the first band starts at 0."""
Points = Annotated[Bands, Unit("point")]


class Policy(BaseModel):
    """What all products have in common; `since` is the day from which exactly these values are in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Product
    title: str
    since: date

    age_min: Years
    amount_min: Yuan
    amount_max: Yuan
    online_limit: Yuan
    term_max: Months
    term_ceiling: Months
    valid_days: Days
    debt_max: Percent
    rounding: Annotated[Bands, Unit("yuan")]
    points_debt: Points
    grade_points: Annotated[Grades, Unit("point")]
    grade_share: Annotated[Grades, Unit("percent")]
    grade_rate: Annotated[Grades, Unit("percent_per_year")]

    @property
    def version(self) -> str:
        """What a decision is filed under: `farmer_loan@2026-07-01`."""
        return f"{self.product}@{self.since}"

    @model_validator(mode="after")
    def check_consistency(self) -> Self:
        """Refuses numbers that contradict each other: a typing slip in a policy costs money."""
        if not 0 < self.amount_min < self.online_limit <= self.amount_max:
            raise ValueError("amount_min < online_limit <= amount_max is needed")
        if self.term_max > self.term_ceiling:
            raise ValueError("term_max is above term_ceiling, the longest term the regulation allows")
        for name in ("grade_points", "grade_share", "grade_rate"):
            values = getattr(self, name)
            if list(values) != ["A", "B", "C", "D"]:
                raise ValueError(f"{name} needs the grades A, B, C, D in this order")
            _require_order(name, values, is_rising=name == "grade_rate")
        if self.grade_points["D"] != 0:
            raise ValueError("grade D has to start at 0 points")
        for name, bands in self:
            if name == "rounding" or name.startswith("points_"):
                _require_bands(name, bands, is_rising=name != "points_debt")
        if any(edge % step for edge, step in self.rounding.items()):
            raise ValueError("rounding: a band has to start at a multiple of its own step")
        return self


class FarmerPolicy(Policy):
    """农户贷: judged by land, machinery and household income."""

    age_max: Years
    income_share: Percent
    income_ceiling: Percent
    land_value: YuanPerMu
    machinery_share: Percent
    land_verify: Mu
    machinery_verify: Yuan
    points_land: Points
    points_machinery: Points
    points_income: Points


class BusinessPolicy(Policy):
    """商户贷 and 小微企业贷: judged by turnover and years in business."""

    years_min: Years
    turnover_share: Percent
    turnover_verify: Yuan
    points_turnover: Points
    points_years: Points


class TraderPolicy(BusinessPolicy):
    """商户贷: the trader is a person, too old at some age."""

    age_max: Years


POLICY_TYPES: Mapping[Product, type[Policy]] = {
    "farmer_loan": FarmerPolicy,
    "trader_loan": TraderPolicy,
    "firm_loan": BusinessPolicy,
}


def find_band(bands: Bands, value: Decimal) -> int:
    """What applies to a value of 0 or more."""
    return [applies for edge, applies in bands.items() if edge <= value][-1]


def _require_bands(name: str, bands: Bands, *, is_rising: bool) -> None:
    edges = list(bands)
    if edges[:1] != [0] or edges != sorted(edges):
        raise ValueError(f"{name}: bands start at 0 and rise")
    _require_order(name, bands, is_rising=is_rising)


def _require_order(name: str, values: Mapping[Any, Decimal | int], *, is_rising: bool) -> None:
    numbers = list(values.values())
    if min(numbers) < 0 or numbers != sorted(numbers, reverse=not is_rising):
        raise ValueError(f"{name}: values have to {'rise' if is_rising else 'fall'}, none below 0")
