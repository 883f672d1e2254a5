"""Who may renew without repaying the principal, by the dated policy."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core_banking.interface import CoreLoan
from core_banking.renewal import RenewalCode, check_renewal, load_policy

TODAY = date(2026, 12, 1)
LOAN = CoreLoan(
    loan_id="1",
    tail="0001",
    product="farmer_loan",
    product_name="农户贷",
    name="王秀英",
    region="柳河镇",
    borrower="farmer",
    is_business=True,
    method="interest_first",
    annual_rate=Decimal("5.4"),
    balance=8_000_000,
    started_on=date(2026, 1, 10),
    matures_on=date(2027, 1, 10),
    months_left=2,
    account_tail="0002",
)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({}, "eligible", ""),
        ({"late_times": 2}, "eligible", ""),
        ({"method": "bullet"}, "eligible", ""),
        ({"borrower": "medium_firm"}, "eligible", ""),
        ({"matures_on": date(2026, 12, 6)}, "eligible", ""),
        ({"matures_on": date(2026, 12, 5)}, "too_late", "2026年12月5日到期"),
        ({"matures_on": TODAY}, "too_late", "来不及"),
        ({"matures_on": date(2026, 11, 30)}, "past_due", "已经到期"),
        ({"matures_on": date(2027, 3, 1)}, "eligible", ""),
        ({"matures_on": date(2027, 3, 2)}, "too_early", "2026年12月2日起"),
        ({"overdue_days": 3}, "overdue", "逾期3天"),
        ({"overdue_days": 3, "matures_on": date(2026, 11, 30)}, "overdue", "逾期3天"),
        ({"is_business": False}, "not_business", "不是经营用途"),
        ({"borrower": "consumer"}, "not_in_scope", "不在"),
        ({"method": "equal_instalments"}, "instalments", "分期还本"),
        ({"has_bad_record": True}, "bad_record", "核实"),
        ({"late_times": 3}, "often_late", "3次"),
        ({"balance": 0}, "nothing_due", "没有欠款"),
    ],
)
def test_the_first_obstacle_is_told(changes: dict[str, Any], code: RenewalCode, words: str) -> None:
    found = check_renewal(LOAN.model_copy(update=changes), TODAY)
    assert found.code == code
    assert words in found.reason
    assert bool(found.reason) == (code != "eligible")


@pytest.mark.parametrize(("due", "is_allowed"), [(date(2027, 9, 30), True), (date(2027, 10, 1), False)])
def test_medium_firms_may_renew_what_matures_until_the_end_of_september_2027(due: date, is_allowed: bool) -> None:
    firm = LOAN.model_copy(update={"borrower": "medium_firm", "matures_on": due})
    assert (check_renewal(firm, date(2027, 9, 10)).code == "eligible") == is_allowed


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 1, 15), date(2025, 1, 15), 12),
        (date(2022, 1, 15), date(2025, 1, 15), 36),  # 1096 days, not 36.5 months
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 31), date(2025, 12, 30), 10),
        (date(2025, 1, 10), date(2025, 1, 20), 1),
    ],
)
def test_a_term_is_in_calendar_months(start: date, end: date, months: int) -> None:
    assert LOAN.model_copy(update={"started_on": start, "matures_on": end}).term == months


def test_every_parameter_has_a_source() -> None:
    assert all(parameter.source for parameter in load_policy().values())
