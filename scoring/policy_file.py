"""Reads `scoring/policy/<product>.yml`: dated parameters as in OpenFisca, each with description, unit and source."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kit.parameters import Parameter, load_unique
from products.catalogue import read_seed
from products.schemas import Kind, Product
from scoring.policy import Policy
from scoring.schemas import AnyPolicy, PolicyName

# The policy by which customers of a kind are judged, whichever of their products they ask for.
POLICY_NAMES: Mapping[Kind, PolicyName] = {"farmer": "farmer_loan", "trader": "trader_loan", "firm": "firm_loan"}
POLICY_FOLDER = Path(__file__).parent / "policy"
_POLICY: TypeAdapter[AnyPolicy] = TypeAdapter(AnyPolicy)


class PolicyError(Exception):
    """A policy file that is not valid, or a day before the first policy; says which and why."""


class PolicyFile(BaseModel):
    """All values of a product's policy, past and future."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: PolicyName
    parameters: dict[str, Parameter]

    def list_versions(self) -> list[Policy]:
        """Every version, past and future, oldest first; raises ValueError when one is incomplete or inconsistent."""
        opening = max(min(parameter.values) for parameter in self.parameters.values())
        days = {day for parameter in self.parameters.values() for day in parameter.values if day >= opening}
        return [self._build(day) for day in sorted(days)]

    def _build(self, day: date) -> Policy:
        values = {name: parameter.get_value(day) for name, parameter in self.parameters.items()}
        policy = _POLICY.validate_python({"product": self.product, "since": day, **values})
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

    def get_policy(self, day: date, product: Product | None = None) -> Policy:
        """The policy in force on a day for a product, by default the one that ships with its name.

        Raises PolicyError for a day before the first, and if a rate is outside the product's range.
        """
        in_force = [policy for policy in self.versions if policy.since <= day]
        judged = product or read_seed().find(self.product, day)
        if not in_force or judged is None:
            raise PolicyError(f"no policy of {self.product} was in force on {day}")
        try:
            return in_force[-1].for_product(judged)
        except ValueError as error:
            raise PolicyError(str(error)) from error

    def list_policies(self, day: date) -> list[Policy]:
        """Those in force on a day or later, for no product yet."""
        begun = [policy for policy in self.versions if policy.since <= day]
        return [*begun[-1:], *(policy for policy in self.versions if policy.since > day)]


def choose_policy(policies: Mapping[PolicyName, PolicyHistory], product: Product, day: date) -> Policy:
    """The policy in force on a day for a product: that of its kind of customer. Raises PolicyError."""
    return policies[POLICY_NAMES[product.kind]].get_policy(day, product)


def find_conflict(product: Product, day: date, until: date = date.max) -> str:
    """Why a product could not be judged from a day on until before another, for its editor; empty if it can."""
    for policy in load_policies()[POLICY_NAMES[product.kind]].list_policies(day):
        if policy.since < until and not policy.suits(product):
            widest = max(policy.grade_margin.values())
            needed = f"各等级最多比最低年利率高{widest}个百分点，最高年利率至少{product.annual_rate[0] + widest}%"
            return f"信用政策（{policy.since}起）{needed}"
    return ""


@cache
def load_policies(folder: Path = POLICY_FOLDER) -> Mapping[PolicyName, PolicyHistory]:
    """Every product's policies, checked for all dates; raises PolicyError naming the file."""
    return {product: read_policy_file(folder / f"{product}.yml", product) for product in get_args(PolicyName)}


def read_policy_file(path: Path, product: PolicyName) -> PolicyHistory:
    """One product's policy; raises PolicyError."""
    try:
        file = PolicyFile.model_validate(load_unique(path.read_text("utf-8")))
        if file.product != product:
            raise ValueError(f"the file is about {file.product}")
        return PolicyHistory(file)
    except (OSError, ValidationError, ValueError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name}: {error}") from error
