"""Reads `scoring/policy/<product>.yml`: parameters dated as in OpenFisca, each with description, unit and source."""

from collections.abc import Hashable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError, field_validator

from scoring.policy import POLICY_TYPES, Policy, Unit
from scoring.schemas import Product

POLICY_FOLDER = Path(__file__).parent / "policy"
Number = StrictInt | StrictFloat
Words = Annotated[str, Field(min_length=2)]


class PolicyError(Exception):
    """A policy file that must not be used, or a day before the first policy; says which and why."""


class Parameter(BaseModel):
    """One number (or one table of numbers), by the date since which it is in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: Words
    unit: str
    source: Words
    values: Annotated[dict[date, Number | dict[Number | str, Number]], Field(min_length=1)]

    @field_validator("values")
    @classmethod
    def require_order(cls, values: dict[date, Any]) -> dict[date, Any]:
        """Dates rise, so that a reader sees the value in force at the end."""
        if any(later <= earlier for earlier, later in pairwise(values)):
            raise ValueError("dates have to rise")
        return values


class PolicyFile(BaseModel):
    """A product's policy through time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Product
    title: Words
    parameters: dict[str, Parameter]

    def list_versions(self) -> list[Policy]:
        """Every version there ever is, oldest first; raises ValueError when one of them is not complete and sound."""
        policy_type = POLICY_TYPES[self.product]
        self._check_units(policy_type)
        opening = max(min(parameter.values) for parameter in self.parameters.values())
        days = {day for parameter in self.parameters.values() for day in parameter.values if day >= opening}
        return [self._build(policy_type, day) for day in sorted(days)]

    def _build(self, policy_type: type[Policy], day: date) -> Policy:
        values = {
            name: [value for since, value in parameter.values.items() if since <= day][-1]
            for name, parameter in self.parameters.items()
        }
        return policy_type(product=self.product, title=self.title, since=day, **values)

    def _check_units(self, policy_type: type[Policy]) -> None:
        for name, field in policy_type.model_fields.items():
            for unit in (item for item in field.metadata if isinstance(item, Unit)):
                if name in self.parameters and self.parameters[name].unit != unit.name:
                    raise ValueError(f"{name} has the unit {self.parameters[name].unit}, {unit.name} is needed")


class PolicyHistory:
    """The checked versions of one product's policy."""

    def __init__(self, file: PolicyFile) -> None:
        self.product = file.product
        self.versions = file.list_versions()

    def get_policy(self, day: date) -> Policy:
        """The policy in force on a day; raises PolicyError for a day before the first."""
        in_force = [policy for policy in self.versions if policy.since <= day]
        if not in_force:
            raise PolicyError(f"no policy of {self.product} was in force on {day}")
        return in_force[-1]


def load_policies(folder: Path = POLICY_FOLDER) -> Mapping[Product, PolicyHistory]:
    """All products' policies, checked through all their dates; raises PolicyError naming the file."""
    return {product: read_policy_file(folder / f"{product}.yml", product) for product in get_args(Product)}


def read_policy_file(path: Path, product: Product) -> PolicyHistory:
    """One product's policy; raises PolicyError."""
    try:
        file = PolicyFile.model_validate(yaml.load(path.read_text("utf-8"), _UniqueKeyLoader))  # noqa: S506 (is safe)
        if file.product != product:
            raise ValueError(f"the file is about {file.product}")
        return PolicyHistory(file)
    except (OSError, ValidationError, ValueError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name}: {error}") from error


class _UniqueKeyLoader(yaml.SafeLoader):
    """A key written twice is a slip; YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key is written twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)
