"""The decision on one customer: outcome, quota, rate, and the reasons in words; a pure function."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from kit.money import format_months, format_yuan
from scoring.explain import explain_grade, explain_quota, explain_refusal
from scoring.facts import Facts
from scoring.findings import Finding
from scoring.improvement import find_improvement
from scoring.policy import Policy
from scoring.quota import compute_quota, grade_customer
from scoring.schemas import REASONS_MAX, DecisionView, Reason
from scoring.scorecards.scorecard import Loss

LOSSES_MAX = 2
VISIT = "您可以提交申请，客户经理会在1个工作日内联系您，核实后给您答复。"


def decide(facts: Facts, policy: Policy, today: date) -> DecisionView:
    """The decision by the policy in force today; raises TypeError when the facts are those of another product."""
    if not isinstance(facts, policy.facts_type):
        raise TypeError(f"{type(facts).__name__} do not belong to {policy.product}")
    is_large = facts.amount_wanted is not None and facts.amount_wanted > policy.terms.online_limit
    limit = policy.terms.amount_max if is_large else policy.terms.online_limit
    quota = compute_quota(facts, policy, limit)
    findings = [finding for rule in policy.list_rules() if (finding := rule(facts, policy))]
    declines = [finding for finding in findings if finding.outcome == "decline"]
    if not declines and quota < policy.terms.amount_min:
        declines = [explain_refusal(facts, policy)]
    valid_until = today + timedelta(days=policy.valid_days)
    if declines:
        return DecisionView(
            outcome="decline",
            quota=0,
            term_months=None,
            annual_rate=None,
            reasons=_list_findings(declines[:REASONS_MAX]),
            improvement="",
            next_step=_advise(declines),
            policy_version=policy.version,
            valid_until=valid_until,
            decision_id=None,
        )
    losses = explain_grade(facts, policy, min(LOSSES_MAX, REASONS_MAX - 1 - len(findings)))
    room = REASONS_MAX - len(findings) - len(losses)
    return DecisionView(
        outcome="review" if findings else "approve",
        quota=quota,
        term_months=min(facts.term_months or policy.terms.term_max, policy.terms.term_max),
        annual_rate=policy.get_rate(grade_customer(facts, policy)),
        reasons=[*_list_findings(findings), *_list_losses(losses), *_list_sums(facts, policy, limit, room)],
        improvement=find_improvement(facts, policy, limit),
        next_step=VISIT if findings else _invite_application(facts, policy, quota),
        policy_version=policy.version,
        valid_until=valid_until,
        decision_id=None,
    )


def _list_findings(findings: Iterable[Finding]) -> list[Reason]:
    return [Reason(code=finding.code, text=finding.text) for finding in findings]


def _list_losses(losses: Iterable[Loss]) -> list[Reason]:
    return [Reason(code=f"card_{loss.characteristic}", text=f"{loss.text}，评分低一些") for loss in losses]


def _list_sums(facts: Facts, policy: Policy, limit: int, room: int) -> list[Reason]:
    return [Reason(**sums._asdict()) for sums in explain_quota(facts, policy, limit, room)]


def _advise(declines: Sequence[Finding]) -> str:
    # While one obstacle cannot be removed, advice about the others would be useless.
    if lasting := [finding.advice for finding in declines if finding.advice]:
        return lasting[0]
    return f"等您{'、'.join(dict.fromkeys(finding.remedy for finding in declines))}后，欢迎再来测算。"


def _invite_application(facts: Facts, policy: Policy, quota: int) -> str:
    if facts.amount_wanted is not None and facts.amount_wanted > quota:
        return f"您可以直接按{format_yuan(quota)}以内申请；想要更多，可以请客户经理上门核实。"
    if facts.term_months is not None and facts.term_months > policy.terms.term_max:
        return f"您可以直接申请，单笔最长{format_months(policy.terms.term_max)}，额度以核实后签订的合同为准。"
    return "您可以直接申请，额度以核实资料后签订的合同为准。"
