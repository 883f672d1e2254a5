"""What a name on the command line stands for: a policy file, a folder of policies, a shipped version, a scorecard."""

from datetime import date
from pathlib import Path

import yaml

from kit.parameters import load_unique
from products.catalogue import read_seed
from products.schemas import Product
from scoring.policy import Policy
from scoring.policy_file import POLICY_NAMES, Policies, PolicyError, load_policies, read_policy_file
from scoring.scorecards.scorecard import Scorecard
from scoring.scorecards.scorecard_file import find_scorecard


class PolicySide:
    """The policies of one side, each in its version of a day."""

    def __init__(self, policies: Policies, day: date) -> None:
        self._policies = policies
        self._day = day

    @property
    def only_product(self) -> str:
        """The product that cases without one are of; empty if there are several."""
        return next(iter(self._policies)) if len(self._policies) == 1 else ""

    def get_policy(self, product_id: str, today: date) -> Policy:
        """The policy for a product with the terms that ship, today's on both sides; PolicyError if there is none."""
        history = self._policies.get(product_id)
        if history is None and len(self._policies) == 1:
            raise PolicyError(f"{product_id} is not judged by the policy of {self.only_product}")
        product = find_terms(history.kind if history else "", product_id, today)
        return (history or self._policies[POLICY_NAMES[product.kind]]).get_policy(self._day, product)


def find_terms(kind: str, product_id: str, today: date) -> Product:
    """The product that ships with this name, else the one its kind is named after; PolicyError if there is none."""
    name = next((name for each, name in POLICY_NAMES.items() if each == kind), product_id)
    found = read_seed().find(product_id, today) or read_seed().find(name, today)
    if found is None:
        raise PolicyError(f"there is no product {product_id}")
    return found


def read_side(text: str, today: date) -> PolicySide | Scorecard:
    """`FILE.yml`, `FOLDER` (their newest versions), `farmer_loan` (today's), each also with `@2026-07-01`.

    Raises PolicyError, ScorecardError or ValueError.
    """
    name, _, written = text.rpartition("@") if "@" in text else (text, "", "")
    try:
        day = date.fromisoformat(written) if written else None
    except ValueError:
        raise ValueError(f"{text}: a date is needed after @, such as 2026-07-01") from None
    path = Path(name)
    if path.is_dir():
        return PolicySide(load_policies(path), day or date.max)
    if path.suffix in (".yml", ".yaml"):
        if is_scorecard(path):
            return find_scorecard(path, day or date.max)
        return PolicySide(_read_one(path), day or date.max)
    if name not in load_policies():
        raise ValueError(f"{name} is no file, no folder and no policy that ships: {', '.join(load_policies())}")
    return PolicySide({name: load_policies()[name]}, day or today)


def is_scorecard(path: Path) -> bool:
    """Whether a file is a scorecard rather than a policy; raises ValueError if it is neither."""
    try:
        content = load_unique(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return isinstance(content, dict) and "scorecard" in content and "versions" in content


def _read_one(path: Path) -> Policies:
    content = load_unique(path.read_text("utf-8"))
    product = str(content.get("product", "")) if isinstance(content, dict) else ""
    return {product: read_policy_file(path, product, {} if product in POLICY_NAMES.values() else load_policies())}
