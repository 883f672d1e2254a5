"""A shadow policy: tried on every decision beside the policy in force, kept with the decision, told to nobody.

It never changes a decision, and nothing that is wrong with it harms one.
"""

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from products.schemas import Product
from scoring.backtest.judgement import judge
from scoring.facts import Facts
from scoring.policy import Policy
from scoring.policy_file import (
    POLICY_FOLDER,
    POLICY_NAMES,
    Policies,
    PolicyError,
    PolicyHistory,
    load_policies,
    read_policy_file,
)

log = logging.getLogger(__name__)


class ShadowPolicies:
    """Policies of some or all products, each in its newest version, also one that begins later."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def judge(self, facts: Facts, served: Policy, product: Product, today: date) -> dict[str, Any] | None:
        """What both policies say, as JSON: `served` and `shadow`, or `failed` with the error's class.

        None if no shadow policy is for this product.
        """
        history = self._policies.get(product.id) or self._policies.get(POLICY_NAMES[product.kind])
        if history is None:
            return None
        # Whatever goes wrong in a policy that is only tried: the customer's decision stands.
        try:
            policies = {"served": served, "shadow": history.get_policy(date.max, product)}
            return {side: judge(facts, policy, today).model_dump(mode="json") for side, policy in policies.items()}
        except Exception as error:
            log.warning("the shadow policy of %s failed: %s", history.product, type(error).__name__)
            return {"failed": type(error).__name__}


def open_shadow(folder: str) -> ShadowPolicies | None:
    """The shadow policies in a folder; None without a folder, or with one whose files are at fault (it is logged)."""
    if not folder:
        return None
    try:
        return ShadowPolicies(read_shadow_folder(Path(folder)))
    except PolicyError as error:
        log.error("no shadow policy is tried: %s", " ".join(str(error).split()))
        return None


def read_shadow_folder(folder: Path, served: Path = POLICY_FOLDER) -> Mapping[str, PolicyHistory]:
    """All policies in a folder; a product's own stand on those of their kind, there or served. Raises PolicyError.

    What a product has of its own where it is served stays its own when its kind's is tried.
    """
    kinds = set(POLICY_NAMES.values())
    found: dict[str, PolicyHistory] = {}
    for path in sorted(folder.glob("*.yml"), key=lambda path: (path.stem not in kinds, path.stem)):
        bases = {} if path.stem in kinds else {**load_policies(served), **found}
        found[path.stem] = read_policy_file(path, path.stem, bases)
    if not found:
        raise PolicyError(f"{folder} has no policies")
    served_policies = load_policies(served)
    for name, history in served_policies.items():
        if name not in (*kinds, *found) and POLICY_NAMES[history.kind] in found:
            found[name] = read_policy_file(served / f"{name}.yml", name, {**served_policies, **found})
    return found
