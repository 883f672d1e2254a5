"""What the business sets before a scorecard is fitted: columns, directions, edges, missing values, words, scale."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from kit.parameters import load_unique
from scoring.scorecards.scorecard import Direction, Model, Scale


class ColumnOptions(Model):
    """How one column is used.

    `use: false` needs a `why`. `direction`: how points move as a number rises, or along `groups` (the values of a
    category in the order of the business, several in a group). `edges`: lower edges of a number's bands, instead of
    fitted ones. `missing`: what a missing value is worth if too few rows of the training data have none: `neutral` (an
    average customer's points) or `worst`; a value missing in many rows is worth what those rows say, at most neutral.
    `reason`: what customers are told if the column costs them points.
    """

    use: bool = True
    why: str = ""
    kind: Literal["number", "category"] | None = None
    direction: Direction = "none"
    edges: tuple[Decimal, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    missing: Literal["neutral", "worst"] = "neutral"
    reason: str = ""

    @model_validator(mode="after")
    def check_consistency(self) -> Self:
        """Refuses what contradicts itself."""
        if not self.use and not self.why:
            raise ValueError("a column that is not used needs a `why`")
        if self.edges and self.groups:
            raise ValueError("edges are for numbers, groups for categories")
        if any(lower >= upper for lower, upper in pairwise(self.edges)):
            raise ValueError("edges have to rise")
        values = [value for group in self.groups for value in group]
        if len(values) != len(set(values)):
            raise ValueError("a value stands in two groups")
        return self


class TrainingOptions(Model):
    """All options; a file may leave out any.

    `bad`: the target's value that means default. `missing_values`: cells that mean missing, as well as empty ones.
    `share_min`: a band holds at least this share of the rows; rarer categories are pooled. `iv_min`: a column with a
    lower information value is left out. `seed`: of every split into training and held-out rows.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")] = "scorecard"
    source: str = ""
    bad: str = ""
    missing_values: tuple[str, ...] = ("NA", "N/A", "NULL", "null")
    scale: Scale = Scale()
    share_min: Annotated[float, Field(ge=0.01, le=0.4)] = 0.05
    bands_max: Annotated[int, Field(ge=2, le=20)] = 5
    iv_min: Annotated[float, Field(ge=0)] = 0.02
    seed: int = 1
    approved_by: str = ""
    columns: dict[str, ColumnOptions] = Field(default_factory=dict)


def read_options(path: Path) -> TrainingOptions:
    """The options in a file; raises ValueError naming it."""
    try:
        return TrainingOptions.model_validate(load_unique(path.read_text("utf-8")) or {})
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
