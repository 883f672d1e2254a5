"""Dated parameters in YAML files, as in OpenFisca, each with description, unit and source."""

from collections.abc import Hashable
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, field_validator

Number = StrictInt | StrictFloat
Words = Annotated[str, Field(min_length=2)]


class Parameter(BaseModel):
    """One number or one table of numbers, by the date since which it is in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: Words
    unit: str
    source: Words
    values: Annotated[dict[date, Number | dict[Number | str, Number]], Field(min_length=1)]

    @field_validator("values")
    @classmethod
    def require_order(cls, values: dict[date, Any]) -> dict[date, Any]:
        """Dates must rise, so that a reader finds the newest value last."""
        if any(later <= earlier for earlier, later in pairwise(values)):
            raise ValueError("dates have to rise")
        return values

    def get_value(self, day: date) -> Any:
        """The value in force on a day; raises LookupError for a day before the first."""
        return [value for since, value in self.values.items() if since <= day][-1]


def load_unique(text: str) -> Any:
    """The content of a YAML text; raises yaml.YAMLError, also for a key that is written twice."""
    return yaml.load(text, _UniqueKeyLoader)  # noqa: S506 (is safe)


class _UniqueKeyLoader(yaml.CSafeLoader):
    """Refuses a key that is written twice; YAML would silently take the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key is written twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)
