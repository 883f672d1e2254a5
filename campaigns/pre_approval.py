"""The pre-approved quota of one household: scoring's decision, then the village's share; pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from campaigns.policy import VillagePolicy
from campaigns.schemas import Outcome, VillageGrade
from kit.money import format_yuan
from scoring.decide import decide
from scoring.farmer import FarmerFacts
from scoring.policy import Policy

LOW_GRADE = "村级评定{grade}级，不做预授信，可以走普通申请"
TOO_LITTLE = "按村级评定{grade}级算下来不到起贷金额{least}"
SHARED = "村级评定{grade}级，按{share}%计，每户最高{most}"


class PreApproval(NamedTuple):
    """The outcome, the quota in yuan (0 unless approved or to be verified), percent a year and why."""

    outcome: Outcome
    quota: int
    annual_rate: str
    reasons: tuple[str, ...]


class Policies(NamedTuple):
    """The two policies of a run."""

    credit: Policy
    village: VillagePolicy

    @property
    def version(self) -> str:
        """What the quotas depend on besides the register: both policies and the product."""
        return f"{self.credit.version} {self.village.version} {self.credit.terms.reference}"


def pre_approve(facts: Mapping[str, Any], grade: VillageGrade, policies: Policies, today: date) -> PreApproval:
    """The decision on a household of a register, by the facts of its row. TypeError for a product not for farmers."""
    decision = decide(_build_facts(facts), policies.credit, today)
    reasons = tuple(reason.text for reason in decision.reasons)
    if decision.outcome == "decline":
        return PreApproval("decline", 0, "", reasons)
    share = policies.village.grade_share[grade]
    if not share:
        return PreApproval("decline", 0, "", (LOW_GRADE.format(grade=grade),))
    quota, least = policies.village.limit(decision.quota, grade), policies.credit.terms.amount_min
    if quota < least:
        return PreApproval("decline", 0, "", (TOO_LITTLE.format(grade=grade, least=format_yuan(least)),))
    shared = SHARED.format(grade=grade, share=f"{share:f}", most=format_yuan(policies.village.household_max))
    return PreApproval(decision.outcome, quota, f"{decision.annual_rate:f}", (*reasons, shared))


def _build_facts(facts: Mapping[str, Any]) -> FarmerFacts:
    names = ("machinery_value", "household_income", "existing_debt", "has_overdue", "age")
    return FarmerFacts(land_mu=float(Decimal(facts["land_mu"])), **{name: facts[name] for name in names})
