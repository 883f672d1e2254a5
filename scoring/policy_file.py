"""Reads `scoring/policy/<product>.yml`: dated parameters as in OpenFisca, each with description, unit and source."""

from collections.abc import Hashable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, TypeAdapter, ValidationError, field_validator

from scoring.policy import Policy
from scoring.schemas import AnyPolicy, ProductId

POLICY_FOLDER = Path(__file__).parent / "policy"
Number = StrictInt | StrictFloat
_POLICY: TypeAdapter[AnyPolicy] = TypeAdapter(AnyPolicy)
Words = Annotated[str, Field(min_length=2)]


class PolicyError(Exception):
    """A policy file that is not valid, or a day before the first policy; says which and why."""


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


class PolicyFile(BaseModel):
    """All values of a product's policy, past and future."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: ProductId
    title: Words
    parameters: dict[str, Parameter]

    def list_versions(self) -> list[Policy]:
        """Every version, past and future, oldest first; raises ValueError when one is incomplete or inconsistent."""
        opening = max(min(parameter.values) for parameter in self.parameters.values())
        days = {day for parameter in self.parameters.values() for day in parameter.values if day >= opening}
        return [self._build(day) for day in sorted(days)]

    def _build(self, day: date) -> Policy:
        values = {
            name: [value for since, value in parameter.values.items() if since <= day][-1]
            for name, parameter in self.parameters.items()
        }
        policy = _POLICY.validate_python({"product": self.product, "title": self.title, "since": day, **values})
        for name, parameter in self.parameters.items():
            needed = next(item for item in type(policy).model_fields[name].metadata if isinstance(item, str))
            if parameter.unit != needed:
                raise ValueError(f"{name} has the unit {parameter.unit}, {needed} is needed")
        return policy


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


def load_policies(folder: Path = POLICY_FOLDER) -> Mapping[ProductId, PolicyHistory]:
    """Every product's policies, checked for all dates; raises PolicyError naming the file."""
    return {product: read_policy_file(folder / f"{product}.yml", product) for product in get_args(ProductId)}


def read_policy_file(path: Path, product: ProductId) -> PolicyHistory:
    """One product's policy; raises PolicyError."""
    try:
        file = PolicyFile.model_validate(yaml.load(path.read_text("utf-8"), _UniqueKeyLoader))  # noqa: S506 (is safe)
        if file.product != product:
            raise ValueError(f"the file is about {file.product}")
        return PolicyHistory(file)
    except (OSError, ValidationError, ValueError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name}: {error}") from error


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that is written twice; YAML would silently take the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key is written twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)
