"""The handoff summary: filled in, missing and odd values, the quota, and what the bot did not understand."""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from desk.wording import VALUES, describe_slots, get_label, name_value
from forms.catalogue import Form, load_catalogue
from kit.money import format_months, format_yuan
from products.catalogue import find_product
from products.schemas import Product
from scoring.schemas import DecisionView


@dataclass(frozen=True, slots=True)
class QuotaNote:
    """The last decision as staff read it: 需客户经理核定, 8万元, 4.9%, 3年 of a single draw, 2026-08-31.

    `policy`: the kind of customer and since when the rules are in force, 农户贷，2026-07-01起.
    `rate` and `term` are empty for a decision without a quota.
    """

    outcome: str
    quota: str
    rate: str
    term: str
    reasons: list[str]
    valid_until: str
    policy: str


@dataclass(frozen=True, slots=True)
class HandoffSummary:
    """The summary in words for staff: labels with values, missing labels, sentences, the customer's own words."""

    filled: list[tuple[str, str]]
    missing: list[str]
    abnormal: list[str]
    quota: QuotaNote | None
    failed_questions: list[str]
    in_progress: str | None


def summarise_handoff(slots: Mapping[str, Any], failed_questions: Sequence[str]) -> HandoffSummary:
    """The summary of a handoff; `slots` as the bot hands them over, and whatever they hold, it never fails."""
    form = next((f for f in load_catalogue().forms.values() if f.consent and slots.get(f.consent) is True), None)
    missing = _list_missing(form, slots) if form else []
    decision, rest = _take_decision(slots)
    return HandoffSummary(
        filled=describe_slots(rest),
        missing=[get_label(slot)[0] for slot in missing],
        abnormal=list(_find_abnormal(_gather_facts(slots), decision, {*missing} - (form.optional if form else set()))),
        quota=_describe_decision(decision) if decision else None,
        failed_questions=list(dict.fromkeys(failed_questions)),
        in_progress=form.name if form else None,
    )


def _list_missing(form: Form, slots: Mapping[str, Any]) -> list[str]:
    asked = (q.slot for q in form.questions if q.is_asked_of(slots))
    missing = [slot for slot in asked if slots.get(slot) is None]
    return sorted(missing, key=lambda slot: slot in form.optional)  # what is needed comes first


def _take_decision(slots: Mapping[str, Any]) -> tuple[DecisionView | None, Mapping[str, Any]]:
    """The decision, and the slots without it; a decision of an unknown shape stays among the slots."""
    summary = slots.get("quota_summary")
    if not isinstance(summary, Mapping):
        return None, slots
    try:
        decision = DecisionView.model_validate(summary.get("decision"))
    except ValidationError:
        return None, slots
    return decision, {**slots, "quota_summary": {k: v for k, v in summary.items() if k != "decision"}}


def _gather_facts(slots: Mapping[str, Any]) -> dict[str, Any]:
    # A finished quota check left its answers in the summary; later ones count more.
    summary = slots.get("quota_summary")
    checked = summary if isinstance(summary, Mapping) else {}
    facts = checked.get("facts")
    said = {slot: value for slot, value in slots.items() if value is not None}
    return {"product": checked.get("product"), **(facts if isinstance(facts, Mapping) else {}), **said}


def _find_abnormal(facts: Mapping[str, Any], decision: DecisionView | None, missing: Set[str]) -> Iterator[str]:
    product = _find_product(facts)
    if product:
        yield from _check_wish(product, facts)
    if facts.get("has_overdue") is True:
        yield "客户说自己有逾期，请核实"
    debt = _read_number(facts, "existing_debt")
    for yearly in ("household_income", "annual_turnover"):
        income = _read_number(facts, yearly)
        if debt is not None and income is not None and debt > income:
            yield f"{_write('existing_debt', debt)}，超过{_write(yearly, income)}"
    if decision and decision.outcome != "approve":
        yield f"测额度的结果是“{VALUES[decision.outcome]}”"
    if missing - {"application_confirmed"} == {"phone"}:
        yield "其他都填好了，只差电话，请先问到联系电话"


def _check_wish(product: Product, facts: Mapping[str, Any]) -> Iterator[str]:
    amount, term = _read_number(facts, "amount"), _read_number(facts, "term")
    if amount is not None and amount > product.amount_max:
        yield f"{_write('amount', amount)}，超过{product.name}最高{format_yuan(product.amount_max)}"
    elif amount is not None and amount > product.online_limit:
        yield f"{_write('amount', amount)}，超过线上最高{format_yuan(product.online_limit)}，须客户经理核定"
    elif amount is not None and amount < product.amount_min:
        yield f"{_write('amount', amount)}，低于{product.name}最低{format_yuan(product.amount_min)}"
    if term is not None and term > product.term_max:
        yield f"{_write('term', term)}，超过{product.name}单笔最长{format_months(product.term_max)}"


def _describe_decision(decision: DecisionView) -> QuotaNote:
    rows = dict(describe_slots(decision.model_dump(mode="json", include={"quota", "annual_rate", "term_months"})))
    quota, rate, term = (rows.get(get_label(name)[0], "") for name in ("quota", "annual_rate", "term_months"))
    reasons = [reason.text for reason in decision.reasons]
    name, _, since = decision.policy_version.partition("@")
    policy = f"{name_value(name)}，{since}起" if since else name
    valid_until = decision.valid_until.isoformat()
    return QuotaNote(VALUES[decision.outcome], quota, rate, term, reasons, valid_until, policy)


def _find_product(facts: Mapping[str, Any]) -> Product | None:
    return find_product(str(facts.get("product")))


def _read_number(facts: Mapping[str, Any], slot: str) -> int | float | None:
    value = facts.get(slot)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < math.inf else None


def _write(slot: str, value: float) -> str:
    [(label, text)] = describe_slots({slot: value})
    return label + text
