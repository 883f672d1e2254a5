"""What the case files do not cover: validity, and facts of another product."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.business import BusinessFacts
from scoring.decide import decide
from scoring.policy_file import Policies

FACTS = BusinessFacts(annual_turnover=600_000, years_in_business=3, existing_debt=0, has_overdue=False)


def test_answer_holds_for_thirty_days(policies: Policies) -> None:
    today = date(2026, 12, 15)
    decision = decide(FACTS, policies["trader_loan"].get_policy(today), today)
    assert decision.valid_until == date(2027, 1, 14)


def test_the_rate_is_that_of_the_policy_to_the_digit(policies: Policies) -> None:
    today = date(2026, 8, 1)
    rate = decide(FACTS, policies["trader_loan"].get_policy(today), today).annual_rate
    assert isinstance(rate, Decimal)
    assert str(rate) == "5.2"


def test_facts_of_another_product_are_a_fault(policies: Policies) -> None:
    today = date(2026, 8, 1)
    with pytest.raises(TypeError, match="farmer_loan"):
        decide(FACTS, policies["farmer_loan"].get_policy(today), today)
