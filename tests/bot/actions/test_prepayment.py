"""What repaying early saves, as a short answer."""

from typing import Any

import pytest

from lending.schedule import Method
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from understanding.schemas import Act

LOAN = {"calculated_amount": 100_000, "calculated_term": 36}


async def compare(calculation: dict[str, Any] | None, **values: int) -> ActionResult:
    act = Act(name="compare_prepayment", values=values)
    return await call_action(make_clients(), "action_compare_prepayment", {"calculation": calculation}, act)


@pytest.mark.parametrize(
    ("method", "debt", "options"),
    [
        (
            "equal_instalments",
            "68932.01元",
            [
                "· 每期还款不变：提前1年5个月还清，省利息4663.92元",
                "· 期限不变：下一期还846.78元，省利息3672.72元",
                "· 一次还清：省利息5063.34元",
            ],
        ),
        (
            "equal_principal",
            "66666.67元",
            [
                "· 每期本金不变：提前1年半还清，省利息4456.25元",
                "· 期限不变：下一期还790.27元，省利息3593.74元",
                "· 一次还清：省利息4791.66元",
            ],
        ),
        (
            "interest_first",
            "100000.00元",
            ["· 期限不变：下一期还287.50元，省利息6900.00元", "· 一次还清：省利息13800.00元"],
        ),
        (
            "bullet",
            "100000.00元",
            ["· 期限不变：到期还63800.00元，省利息6900.00元", "· 一次还清：省利息13800.00元"],
        ),
    ],
)
async def test_the_ways_to_go_on(method: Method, debt: str, options: list[str]) -> None:
    turn = await compare(LOAN | {"method": method}, month=12, prepaid=50_000)
    assert f"第12期还款后还欠{debt}，再提前还50000.00元" in turn.heard
    assert turn.heard.split("\n")[1:-1] == options


async def test_all_of_it() -> None:
    turn = await compare(LOAN, month=24)
    assert turn.heard.split("\n")[1:-1] == ["· 一次还清：省利息1346.46元"]


@pytest.mark.parametrize("values", [{}, {"month": 36}, {"month": 0, "prepaid": 50_000}])
async def test_what_is_missing_or_too_late_is_said(values: dict[str, int]) -> None:
    assert (await compare(LOAN, **values)).said == ["utter_prepayment_how"]


async def test_a_calculation_that_is_gone_is_asked_for_again() -> None:
    assert (await compare(None, month=12)).said == ["utter_calculation_gone"]
