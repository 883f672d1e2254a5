"""The calculator: what it asks, which rate it uses, and what if one thing were otherwise."""

from typing import Any

import pytest

from tests.bot.actions.action_call import ActionResult, call_action, make_clients, number_of, span_of, sum_of, text_of
from understanding.schemas import Act, Fact

AMOUNT, TERM = sum_of("calculated_amount", 100_000), span_of("calculated_term", 36)


async def calculate(*facts: Fact, slots: dict[str, Any] | None = None, **values: Any) -> ActionResult:
    act = Act(name="calculate_repayment", facts=facts, values=values)
    return await call_action(make_clients(), "action_calculate", slots or {}, act)


async def test_a_sum_and_a_time_are_enough() -> None:
    turn = await calculate(AMOUNT, TERM)
    assert turn.said == ["utter_repayment"]
    for words in ("借10万元、3年", "每月利息约575.00元", "每月约3083.14元", "利息共约10993.03元"):
        assert words in turn.heard
    assert turn.slots["context"]["last"] == "calculation"


async def test_the_rate_of_all_costs_stands_before_any_payment() -> None:
    turn = await calculate(AMOUNT, TERM)
    assert turn.heard.startswith("按最高年利率6.9%（年化单利，含全部费用）")
    assert (await calculate(AMOUNT, TERM, rate="5")).heard.startswith("按您说的年利率5%（单利）")


@pytest.mark.parametrize(
    ("facts", "requested", "hint"),
    [
        ([], "calculated_amount", None),
        ([AMOUNT], "calculated_term", None),
        ([number_of("calculated_amount", 10), TERM], "calculated_amount", "unit"),
        ([AMOUNT, span_of("calculated_term", 60)], "calculated_term", "too_high"),
    ],
)
async def test_what_is_missing_is_asked(facts: list[Fact], requested: str, hint: str | None) -> None:
    turn = await calculate(*facts)
    assert turn.said == []
    assert turn.events[-1] == {"event": "followup", "timestamp": None, "name": "repayment_form"}
    act = Act(name="calculate_repayment", facts=tuple(facts))
    asked = await call_action(make_clients(), "validate_repayment_form", turn.slots, act)
    assert (asked.slots["requested_slot"], asked.slots["hint"]) == (requested, hint)


@pytest.mark.parametrize(
    ("product", "rate", "source"),
    [
        (None, "6.9", "按最高年利率"),
        ("农户贷", "6.5", "按农户贷最高年利率"),
        ("小微企业贷", "5.9", "按小微企业贷最高年利率"),
    ],
)
async def test_the_rate_is_the_products_own_and_is_told(product: str | None, rate: str, source: str) -> None:
    named = [text_of("product", "product", product)] if product else []
    turn = await calculate(sum_of("calculated_amount", 100_000), span_of("calculated_term", 24), *named)
    assert f"{source}{rate}%（年化单利，含全部费用）估算" in turn.heard


async def test_a_product_told_while_it_asks_counts_for_the_rate() -> None:
    told = Act(name="inform", facts=(text_of("product", "product", "农户贷"),))
    slots = {"requested_slot": "calculated_amount"}
    turn = await call_action(make_clients(), "validate_repayment_form", slots, told, form="repayment_form")
    assert (turn.slots["calculation"], turn.heard) == ({"product": "农户贷"}, "记下了：产品农户贷。")


async def test_a_rate_and_a_method_of_the_customers_own_are_used() -> None:
    turn = await calculate(sum_of("calculated_amount", 80_000), TERM, rate="4.9")
    assert "按您说的年利率4.9%" in turn.heard
    assert "每月约2394.08元" in turn.heard
    falling = await calculate(AMOUNT, TERM, method="equal_principal")
    assert falling.said == ["utter_repayment_equal_principal"]
    late = await calculate(AMOUNT, TERM, method="bullet")
    assert late.said == ["utter_repayment_bullet"]
    assert "到期连本带息还120700.00元，其中利息20700.00元" in late.heard
    absurd = await calculate(AMOUNT, TERM, rate="490")
    assert "按最高年利率6.9%" in absurd.heard


async def test_one_thing_is_varied() -> None:
    first = await calculate(AMOUNT, TERM)
    assert "借15万元、3年" in (await calculate(sum_of("calculated_amount", 150_000), slots=first.slots)).heard
    assert "借10万元、2年" in (await calculate(span_of("calculated_term", 24), slots=first.slots)).heard
    assert "按您说的年利率5%" in (await calculate(slots=first.slots, rate="5")).heard


async def test_a_calculation_of_before_is_forgotten_when_something_else_came_between() -> None:
    first = await calculate(AMOUNT, TERM)
    slots = first.slots | {"context": {"last": "quota"}}
    assert (await calculate(sum_of("calculated_amount", 150_000), slots=slots)).said == []


async def test_an_open_application_keeps_its_own_sum_and_time() -> None:
    turn = await calculate(AMOUNT, TERM, slots={"amount": 50_000, "term": 12})
    assert not {"amount", "term"} & turn.slots.keys()


async def test_the_form_shows_what_it_asked_for() -> None:
    slots = {"calculated_amount": 100_000, "calculated_term": 36, "calculation": {"rate": "5"}}
    turn = await call_action(make_clients(), "action_show_calculation", slots)
    assert "按您说的年利率5%" in turn.heard


async def test_the_loan_is_the_one_they_apply_for() -> None:
    turn = await calculate(slots={"amount": 80_000, "term": 24, "product": "商户贷"})
    assert turn.heard.startswith("按商户贷最高年利率6.9%（年化单利，含全部费用）估算，借8万元、2年")
    turn = await calculate(sum_of("calculated_amount", 50_000), slots={"amount": 80_000, "term": 24})
    assert "借5万元、2年" in turn.heard


async def test_the_loan_is_that_of_the_quota_just_found() -> None:
    decision = {"quota": 60_000, "term_months": 36, "annual_rate": 5.4}
    quota = {"product": "farmer_loan", "answers": {"product": "农户贷"}, "decision": decision}
    slots = {"quota_summary": quota, "context": {"last": "quota"}}
    turn = await calculate(span_of("calculated_term", 12), slots=slots)
    assert turn.heard.startswith("按测出的年利率5.4%（年化单利，含全部费用）估算，借6万元、1年")
    other = await calculate(text_of("product", "product", "商户贷"), slots=slots)
    assert "按商户贷最高年利率6.9%" in other.heard


async def test_what_repaying_early_saves_is_told_with_it_once() -> None:
    turn = await calculate(AMOUNT, TERM, prepayment={"month": 12, "prepaid": 50_000})
    assert turn.said == ["utter_repayment", "utter_prepayment"]
    assert "prepayment" not in turn.slots["calculation"]
