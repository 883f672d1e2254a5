"""What can be said of a customer while the scoring service is away: the hard rules, and no quota."""

import logging
from collections.abc import Sequence
from datetime import date

from products.schemas import Product
from scoring.policy_file import PolicyError, choose_policy, load_policies
from scoring.schemas import DecisionRequest

log = logging.getLogger(__name__)


def list_obstacles(request: DecisionRequest, product: Product, today: date) -> Sequence[str] | None:
    """What rules out a loan by the hard rules alone, in words; empty if nothing does, None if no policy can say.

    No grade, no quota, no rate: these are the scoring service's, which may be the bank's own. Binds nobody.
    """
    try:
        policy = choose_policy(load_policies(), product, today)
    except PolicyError as error:
        log.warning("no rules for an estimate: %s", error)
        return None
    found = (rule(request.facts, policy) for rule in policy.list_rules())
    return [finding.text for finding in found if finding and finding.outcome == "decline"]
