"""Reads `scoring/policy/<product>.yml`: dated parameters as in OpenFisca, each with description, unit and source.

The three products after which the kinds of customers are named have a whole policy each. A file for another product
holds only what is otherwise for it; the rest is its kind's, and so is everything before its first date.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from kit.parameters import Parameter, load_unique
from products.catalogue import read_seed
from products.schemas import ID_PATTERN, Kind, Product
from scoring.business import BusinessPolicy
from scoring.farmer import FarmerPolicy
from scoring.policy import Policy
from scoring.scorecards.scorecard import Scorecard
from scoring.scorecards.scorecard_file import read_scorecards

# The policy by which customers of a kind are judged if their product has none of its own.
POLICY_NAMES: Mapping[Kind, str] = {"farmer": "farmer_loan", "trader": "trader_loan", "firm": "firm_loan"}
POLICY_TYPES: Mapping[Kind, type[Policy]] = {"farmer": FarmerPolicy, "trader": BusinessPolicy, "firm": BusinessPolicy}
POLICY_FOLDER = Path(__file__).parent / "policy"


class PolicyError(ValueError):
    """A policy file that is not valid, or a day before the first policy; says which and why."""


class PolicyFile(BaseModel):
    """The values of a policy, past and future. `kind`: whose, in the file of a product with only some values.

    `scorecard`: a file in the folder `scorecards` beside this one, whose points grade customers from its first date on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Annotated[str, Field(pattern=ID_PATTERN)]
    kind: Kind | None = None
    scorecard: Annotated[str, Field(pattern=r"^[\w.-]+\.ya?ml$")] | None = None
    parameters: dict[str, Parameter]

    def get_kind(self) -> Kind:
        """Whose policy it is; ValueError if the file does not say."""
        named = next((kind for kind, name in POLICY_NAMES.items() if name == self.product), self.kind)
        if named is None or (self.kind or named) != named:
            raise ValueError(f"{self.product} is of another kind" if named else "kind: whose product it is")
        return named


class PolicyHistory:
    """The checked versions of one product's policy, the oldest first."""

    def __init__(self, file: PolicyFile, cards: Sequence[Scorecard] = (), base: "PolicyHistory | None" = None) -> None:
        """`cards`: the versions of its scorecard; `base`: the policy of its kind. ValueError for a faulty version."""
        self.product, self.kind = file.product, file.get_kind()
        self.parameters, self.cards = dict(file.parameters), [card.require_approved() for card in cards]
        earlier: Sequence[Policy] = ()
        if base:
            own = {name: _put_after(values, base.parameters.get(name)) for name, values in file.parameters.items()}
            self.parameters = base.parameters | own
            first = min((card.since for card in self.cards), default=date.max)
            self.cards = [*(card for card in base.cards if card.since < first), *self.cards]
            earlier = base.versions
        opening = max(min(parameter.values) for parameter in self.parameters.values())
        days = {day for parameter in self.parameters.values() for day in parameter.values if day >= opening}
        days |= {card.since for card in self.cards if card.since >= opening}
        self.versions: list[Policy] = [
            *(policy for policy in earlier if policy.since < opening),
            *(self._build(day) for day in sorted(days)),
        ]

    def get_policy(self, day: date, product: Product | None = None) -> Policy:
        """The policy in force on a day for a product, by default the one that ships with its name.

        Raises PolicyError for a day before the first, and if a rate is outside the product's range.
        """
        in_force = [policy for policy in self.versions if policy.since <= day]
        judged = product or read_seed().find(self.product, day)
        if not in_force or judged is None:
            raise PolicyError(f"no policy of {self.product} was in force on {day}")
        if judged.kind != self.kind:
            raise PolicyError(f"{self.product} has a policy for another kind of customers than {judged.kind}")
        try:
            return in_force[-1].for_product(judged)
        except ValueError as error:
            raise PolicyError(str(error)) from error

    def list_policies(self, day: date) -> list[Policy]:
        """Those in force on a day or later, for no product yet."""
        begun = [policy for policy in self.versions if policy.since <= day]
        return [*begun[-1:], *(policy for policy in self.versions if policy.since > day)]

    def _build(self, day: date) -> Policy:
        values = {name: parameter.get_value(day) for name, parameter in self.parameters.items()}
        card = next((card for card in reversed(self.cards) if card.since <= day), None)
        content = {"product": self.product, "since": day, "card": card, **values}
        policy = POLICY_TYPES[self.kind].model_validate(content)
        for name, parameter in self.parameters.items():
            needed = next(item for item in type(policy).model_fields[name].metadata if isinstance(item, str))
            if parameter.unit != needed:
                raise ValueError(f"{name} has the unit {parameter.unit}, {needed} is needed")
        return policy


Policies = Mapping[str, PolicyHistory]
"""By product: those of the kinds, and those of products that have their own."""


def find_history(policies: Policies, product: Product) -> PolicyHistory:
    """A product's own policies, else those of its kind."""
    return policies.get(product.id) or policies[POLICY_NAMES[product.kind]]


def choose_policy(policies: Policies, product: Product, day: date) -> Policy:
    """The policy in force on a day for a product: its own, else that of its kind of customer. Raises PolicyError."""
    return find_history(policies, product).get_policy(day, product)


def find_conflict(product: Product, day: date, until: date = date.max) -> str:
    """Why a product could not be judged from a day on until before another, for its editor; empty if it can."""
    history = find_history(load_policies(), product)
    if history.kind != product.kind:
        return f"{product.id}的信用政策是给另一类客户的"
    for policy in history.list_policies(day):
        if policy.since < until and not policy.suits(product):
            widest = max(policy.grade_margin.values())
            needed = f"各等级最多比最低年利率高{widest}个百分点，最高年利率至少{product.annual_rate[0] + widest}%"
            return f"信用政策（{policy.since}起）{needed}"
    return ""


@cache
def load_policies(folder: Path = POLICY_FOLDER) -> Policies:
    """Every product's policies, checked for all dates; raises PolicyError naming the file."""
    policies = {name: read_policy_file(folder / f"{name}.yml", name) for name in POLICY_NAMES.values()}
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in policies:
            policies[path.stem] = read_policy_file(path, path.stem, policies)
    return policies


def read_policy_file(path: Path, product: str, bases: Policies = MappingProxyType({})) -> PolicyHistory:
    """One product's policy, on top of its kind's if it is not named after one; raises PolicyError."""
    try:
        file = PolicyFile.model_validate(load_unique(path.read_text("utf-8")))
        if file.product != product:
            raise ValueError(f"the file is about {file.product}")
        cards = read_scorecards(path.parent / "scorecards" / file.scorecard) if file.scorecard else ()
        return PolicyHistory(file, cards, bases.get(POLICY_NAMES[file.get_kind()]))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name}: {error}") from error


def _put_after(own: Parameter, base: Parameter | None) -> Parameter:
    """The values of a product, after those that its kind had before."""
    if base is None:
        return own
    before = {day: value for day, value in base.values.items() if day < min(own.values)}
    return own.model_copy(update={"values": {**before, **own.values}})
