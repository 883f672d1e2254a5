"""What a policy says of one customer, short enough to be compared and counted."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scoring.decide import decide
from scoring.facts import Facts
from scoring.policy import Grade, Policy
from scoring.quota import grade_customer


class Judgement(BaseModel):
    """`rules`: the codes of what it found, refusals for a quota that is too small among them; `quota` in yuan."""

    model_config = ConfigDict(frozen=True)

    version: str
    outcome: Literal["approve", "review", "decline"]
    quota: int
    annual_rate: Decimal | None
    grade: Grade
    rules: tuple[str, ...]


def judge(facts: Facts, policy: Policy, today: date) -> Judgement:
    """The judgement by a policy with a product's terms."""
    decision = decide(facts, policy, today)
    found = [finding.code for rule in policy.list_rules() if (finding := rule(facts, policy))]
    if decision.outcome == "decline":
        found += [reason.code for reason in decision.reasons]
    return Judgement(
        version=decision.policy_version,
        outcome=decision.outcome,
        quota=decision.quota,
        annual_rate=decision.annual_rate,
        grade=grade_customer(facts, policy),
        rules=tuple(dict.fromkeys(found)),
    )
