"""The credit policy in force on one day, and what each kind of customer defines on top of it.

The files in `scoring/policy/` hold the values; a field here is the parameter of the same name there. Limits and terms
are the product's (products/schemas.py): a policy takes those in force.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator

from products.schemas import Product
from scoring.facts import Facts
from scoring.findings import Improvement, Part, Rule
from scoring.scorecards.scorecard import Scorecard

Grade = Literal["A", "B", "C", "D"]
# What a scorecard may ask for beside the facts: existing debt in percent of a year's income.
DEBT_RATIO = "debt_ratio"
# A number and the unit that its parameter must have in the file.
Years = Annotated[Decimal, "year"]
Days = Annotated[int, "day"]
Yuan = Annotated[int, "yuan"]
Mu = Annotated[Decimal, "mu"]
YuanPerMu = Annotated[Decimal, "yuan_per_mu"]
Percent = Annotated[Decimal, "percent"]
Grades = dict[Grade, Decimal]
Bands = dict[Decimal, int]
"""Lower bound (inclusive) -> what applies from there on; the first band starts at 0."""
Points = Annotated[Bands, "point"]


class Policy(BaseModel):
    """How one kind of customer is judged, with the values in force since the day `since`.

    `income` names the fact that loans are repaid from, `income_name` is what customers call it. `card`: the scorecard
    whose points grade customers instead of the policy's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts_type: ClassVar[type[Facts]]
    income: ClassVar[str]
    income_name: ClassVar[str]
    low_income_code: ClassVar[str]

    product: str
    since: date

    age_min: Years
    age_max: Annotated[Decimal | None, "year"] = None
    valid_days: Days
    debt_max: Percent
    rounding: Annotated[Bands, "yuan"]
    points_debt: Points
    grade_points: Annotated[Grades, "point"]
    grade_share: Annotated[Grades, "percent"]
    grade_margin: Annotated[Grades, "percentage_point"]
    card: Scorecard | None = None
    _terms: Product | None = PrivateAttr(None)

    @abstractmethod
    def list_rules(self) -> tuple[Rule, ...]:
        """All rules for this kind of customer, the strongest first."""

    @abstractmethod
    def measure_capacity(self, facts: Any) -> Decimal:
        """The loans from all banks (yuan) that the customer can repay, before the grade's share is applied."""

    @abstractmethod
    def count_points(self, facts: Any) -> int:
        """Points for the facts that only this kind of customer has."""

    @abstractmethod
    def list_parts(self, facts: Any, share: Decimal) -> Iterator[Part]:
        """What `measure_capacity` is made of, times the grade's `share` (percent)."""

    def list_improvements(self, facts: Any) -> Iterator[Improvement]:
        """What customers of this kind can wait for, the nearest first; debt and income are everybody's."""
        yield from ()

    def get_income(self, facts: Facts) -> int:
        """What loans are repaid from, in yuan a year."""
        return int(getattr(facts, self.income))

    @property
    def terms(self) -> Product:
        """The product that is judged: its limits, terms and name."""
        if self._terms is None:
            raise LookupError("a policy judges nothing before `for_product`")
        return self._terms

    def for_product(self, product: Product) -> Self:
        """This policy with the product's terms; raises ValueError if a grade's rate is outside the product's range."""
        if not self.suits(product):
            raise ValueError(f"rates of {self.version} are outside the range of {product.reference}")
        taken = self.model_copy()
        taken._terms = product
        return taken

    def suits(self, product: Product) -> bool:
        """Whether the rates of all grades lie in the product's range."""
        lowest, highest = product.annual_rate
        return lowest + max(self.grade_margin.values()) <= highest

    def get_rate(self, grade: Grade) -> Decimal:
        """The yearly rate of a grade in percent: its margin above the product's lowest."""
        return self.terms.annual_rate[0] + self.grade_margin[grade]

    @property
    def version(self) -> str:
        """The version, recorded with each decision: `farmer_loan@2026-07-01`."""
        return f"{self.product}@{self.since}"

    @model_validator(mode="after")
    def check_consistency(self) -> Self:
        """Refuses inconsistent values: a typo in a policy costs money."""
        for name in ("grade_points", "grade_share", "grade_margin"):
            values = getattr(self, name)
            if list(values) != ["A", "B", "C", "D"]:
                raise ValueError(f"{name} needs the grades A, B, C, D in this order")
            _require_order(name, values, is_rising=name == "grade_margin")
        if self.grade_points["D"] != 0:
            raise ValueError("grade D has to start at 0 points")
        for name, bands in self:
            if name == "rounding" or name.startswith("points_"):
                _require_bands(name, bands, is_rising=name != "points_debt")
        if self.card:
            self._check_card(self.card)
        if any(edge % step for edge, step in self.rounding.items()):
            raise ValueError("rounding: a band has to start at a multiple of its own step")
        return self

    def _check_card(self, card: Scorecard) -> None:
        known = {*self.facts_type.model_fields, DEBT_RATIO}
        if unknown := set(card.characteristics) - known:
            raise ValueError(f"{card.version} asks for facts that nobody is asked: {', '.join(sorted(unknown))}")
        # What a customer has to earn or repay is found by halving: more income, and less debt, must never cost points.
        ways = {self.income: "rising", "existing_debt": "falling", DEBT_RATIO: "falling"}
        for name, way in ways.items():
            if name in card.characteristics and card.characteristics[name].direction != way:
                raise ValueError(f"{card.version}: {name} has to be {way}")
        if not card.base < self.grade_points["A"] <= card.score_max:
            raise ValueError(f"grade_points: A needs points from {card.base + 1} to {card.score_max} by {card.version}")


def find_band(bands: Bands, value: Decimal | float) -> int:
    """What applies to a value of 0 or more."""
    return [applies for edge, applies in bands.items() if edge <= Decimal(str(value))][-1]


def _require_bands(name: str, bands: Bands, *, is_rising: bool) -> None:
    edges = list(bands)
    if edges[:1] != [0] or edges != sorted(edges):
        raise ValueError(f"{name}: bands start at 0 and rise")
    _require_order(name, bands, is_rising=is_rising)


def _require_order(name: str, values: Mapping[Any, Decimal | int], *, is_rising: bool) -> None:
    numbers = list(values.values())
    if min(numbers) < 0 or numbers != sorted(numbers, reverse=not is_rising):
        raise ValueError(f"{name}: values have to {'rise' if is_rising else 'fall'}, none below 0")
