"""What cases do not show: validity, and facts that belong to another product."""

from collections.abc import Mapping
from datetime import date

import pytest

from scoring.decide import decide
from scoring.policy_file import PolicyHistory
from scoring.schemas import BusinessFacts, Product

FACTS = BusinessFacts(annual_turnover=600_000, years_in_business=3, existing_debt=0, has_overdue=False)


def test_answer_holds_for_thirty_days(policies: Mapping[Product, PolicyHistory]) -> None:
    today = date(2026, 12, 15)
    decision = decide(FACTS, policies["trader_loan"].get_policy(today), today)
    assert decision.valid_until == date(2027, 1, 14)


def test_facts_of_another_product_are_a_fault(policies: Mapping[Product, PolicyHistory]) -> None:
    today = date(2026, 8, 1)
    with pytest.raises(TypeError, match="farmer_loan"):
        decide(FACTS, policies["farmer_loan"].get_policy(today), today)
