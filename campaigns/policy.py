"""The dated policy of whole villages: campaigns/policy.yml beside this file."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from campaigns.schemas import VillageGrade
from kit.parameters import Parameter, load_unique

_FILE = Path(__file__).with_name("policy.yml")
UNITS = {"grade_share": "percent", "household_max": "yuan", "rounding": "yuan"}


class VillagePolicy(BaseModel):
    """The values in force since a day: percent of the quota by village grade, and yuan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date
    grade_share: dict[VillageGrade, Annotated[Decimal, Field(ge=0, le=100)]]
    household_max: Annotated[int, Field(ge=1)]
    rounding: Annotated[int, Field(ge=1)]

    @property
    def version(self) -> str:
        """The version that is kept with what was decided by it: village@2026-01-01."""
        return f"village@{self.since}"

    def limit(self, quota: int, grade: VillageGrade) -> int:
        """The pre-approved quota of a household in yuan."""
        share = min(quota * self.grade_share[grade] / 100, Decimal(self.household_max))
        return int(share // self.rounding) * self.rounding


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    parameters: dict[Literal["grade_share", "household_max", "rounding"], Parameter]


def find_policy(day: date) -> VillagePolicy:
    """The policy in force on a day; LookupError for a day before the first."""
    parameters = load_parameters()
    begun = [since for each in parameters.values() for since in each.values if since <= day]
    if not begun:
        raise LookupError(f"no village policy was in force on {day}")
    values = {name: each.get_value(day) for name, each in parameters.items()}
    return VillagePolicy(since=max(begun), **values)


@cache
def load_parameters(path: Path = _FILE) -> Mapping[str, Parameter]:
    """The parameters; ValueError for a wrong unit or a missing one, pydantic.ValidationError for a wrong file."""
    parameters = _PolicyFile.model_validate(load_unique(path.read_text("utf-8"))).parameters
    if {name: each.unit for name, each in parameters.items()} != UNITS:
        raise ValueError(f"{path.name}: needs {UNITS}")
    return {str(name): each for name, each in parameters.items()}
