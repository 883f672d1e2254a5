"""One scorecard: points for the value of each characteristic, their sum, the probability of default, and the losses.

Scores are whole numbers and everything is compared as exact decimals, so that a row has one score: alone, in a table,
or by the file read again.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Direction = Literal["rising", "falling", "none"]
Value = str | int | float | Decimal | bool | None
Row = Mapping[str, Value]
Count = Annotated[int, Field(ge=0)]


class Model(BaseModel):
    """Refuses unknown fields; never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Scale(Model):
    """`points` mean `odds` good customers for each bad one; `double` more points double the odds."""

    points: int = 600
    odds: Annotated[float, Field(gt=0)] = 20
    double: Annotated[int, Field(gt=0)] = 20

    @property
    def factor(self) -> float:
        """Points for each unit of the logarithm of the odds."""
        return self.double / math.log(2)

    def get_probability(self, score: float) -> float:
        """The probability of default that a score stands for."""
        return 1 / (1 + self.odds * math.exp((score - self.points) / self.factor))


class Band(Model):
    """What some values are worth, and how many rows and bad ones the training data had of them.

    Of a number: from `start` (inclusive) to the next band's; the first band has none. Of a category: its `values`.
    """

    start: Decimal | None = None
    values: tuple[str, ...] = ()
    points: int
    rows: Count = 0
    bads: Count = 0


class Characteristic(Model):
    """A column, its bands, and what customers are told if it costs them points.

    `missing`: for a row without a value. `other`: for a category that has no band, because it was rare or unknown.
    `direction`: how points move along the bands, as the business has set it.
    """

    kind: Literal["number", "category"]
    direction: Direction = "none"
    reason: str = ""
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    other: Band | None = None
    missing: Band

    @property
    def points_max(self) -> int:
        """The most that an answer is worth."""
        return max(band.points for band in self.bands)

    def get_points(self, value: Value) -> int:
        """Points for a value; raises ValueError for words where a number is needed."""
        text = read_cell(value)
        if not text:
            return self.missing.points
        if self.kind == "number":
            number = read_number(text)
            return [band.points for band in self.bands if band.start is None or band.start <= number][-1]
        known = next((band for band in self.bands if text in band.values), None)
        return (known or self.other or self.missing).points

    @model_validator(mode="after")
    def check_consistency(self) -> Self:
        """Refuses bands with gaps and points against the direction: a typo in a scorecard costs money."""
        if self.kind == "number":
            starts = [band.start for band in self.bands if band.start is not None]
            if self.bands[0].start is not None or len(starts) != len(self.bands) - 1 or starts != sorted(set(starts)):
                raise ValueError("bands of a number: the first has no start, the others rise")
        else:
            values = [value for band in self.bands for value in band.values]
            if len(values) != len(set(values)) or not all(band.values for band in self.bands) or not self.other:
                raise ValueError("bands of a category: each value stands once, and `other` is for the rest")
        for lower, upper in pairwise(band.points for band in self.bands):
            if (lower > upper and self.direction == "rising") or (lower < upper and self.direction == "falling"):
                raise ValueError(f"points are not {self.direction}")
        return self


class Loss(NamedTuple):
    """How many points below the best answer a customer's answer is; `text` is what they are told."""

    characteristic: str
    points: int
    text: str


class Scorecard(Model):
    """A version of a scorecard, in force since a day; a row's score is `base` and the points of each characteristic.

    `approved_by`: who approved the reasons' words; without it nobody may be scored in earnest. `expected`: lower
    edges of score bands and the share of training rows in each, with which later rows are compared (PSI).
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    since: date
    source: Annotated[str, Field(min_length=2)]
    target: str
    scale: Scale
    base: int
    characteristics: Annotated[dict[str, Characteristic], Field(min_length=1)]
    expected: dict[int, float] = Field(default_factory=dict)
    approved_by: str = ""

    @property
    def version(self) -> str:
        """`german@2026-11-29`."""
        return f"{self.name}@{self.since}"

    @property
    def score_max(self) -> int:
        """The best score."""
        return self.base + sum(characteristic.points_max for characteristic in self.characteristics.values())

    def score(self, row: Row) -> int:
        """The score of one row; other columns do not matter. Raises ValueError naming the column."""
        return self.base + sum(points for _, points in self._list_points(row))

    def get_probability(self, row: Row) -> float:
        """The probability of default."""
        return self.scale.get_probability(self.score(row))

    def list_losses(self, row: Row) -> list[Loss]:
        """What the row loses against the best answers, the largest loss first."""
        losses = (
            Loss(name, self.characteristics[name].points_max - points, self.characteristics[name].reason)
            for name, points in self._list_points(row)
        )
        return sorted((loss for loss in losses if loss.points > 0), key=lambda loss: -loss.points)

    def require_approved(self) -> Self:
        """The scorecard itself; raises ValueError while there are reasons that nobody has approved."""
        unsaid = [name for name, characteristic in self.characteristics.items() if not characteristic.reason.strip()]
        if unsaid or not self.approved_by.strip():
            lacks = f"reasons of {', '.join(unsaid)}" if unsaid else "approved_by"
            raise ValueError(f"{self.version} may not score customers: it lacks {lacks}")
        return self

    def _list_points(self, row: Row) -> Iterator[tuple[str, int]]:
        for name, characteristic in self.characteristics.items():
            try:
                yield name, characteristic.get_points(row.get(name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None


def read_cell(value: Value) -> str:
    """A value as a table has it: empty if it is missing; yes and no are 1 and 0."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value).strip()


def read_number(text: str) -> Decimal:
    """The number; ValueError for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_nan():
        raise ValueError(f"{text[:20]!r} is no number")
    return number
