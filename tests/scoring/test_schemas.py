"""Rates are exact inside and numbers in JSON."""

import json
from decimal import Decimal

import pytest

from scoring.schemas import DecisionView

DECISION = """{"decision_id": "1", "outcome": "approve", "quota": 180000, "term_months": 36, "annual_rate": %s,
    "reasons": [{"code": "annual_turnover", "text": "年经营流水约60万元"}], "next_step": "可以直接申请。",
    "policy_version": "trader_loan@2026-07-01", "valid_until": "2026-08-31"}"""


@pytest.mark.parametrize(("sent", "printed"), [("5.2", "5.2"), ("6.0", "6"), ("6", "6"), ("10.50", "10.5")])
def test_a_rate_is_kept_exactly_and_printed_without_trailing_zeros(sent: str, printed: str) -> None:
    rate = DecisionView.model_validate_json(DECISION % sent).annual_rate
    assert rate == Decimal(sent)
    assert f"{rate:g}" == printed


@pytest.mark.parametrize(("sent", "answered"), [("5.2", 5.2), ("6.0", 6.0), ("null", None)])
def test_a_rate_is_a_number_in_json(sent: str, answered: float | None) -> None:
    decision = DecisionView.model_validate_json(DECISION % sent)
    assert json.loads(decision.model_dump_json())["annual_rate"] == answered
    assert decision.model_dump(mode="json")["annual_rate"] == answered
