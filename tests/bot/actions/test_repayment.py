"""What a loan costs: the sums, and how they are told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.repayment import calculate_instalment, calculate_monthly_interest
from tests.bot.actions.action_call import call_action, make_clients

AMOUNTS = st.integers(1_000, 3_000_000)
TERMS = st.integers(1, 360)
RATES = st.floats(0.01, 36)
unhurried = settings(deadline=None)


async def fill(slots: dict[str, Any], text: str, intent: str = "inform") -> dict[str, Any]:
    turn = await call_action(make_clients(), "validate_repayment_form", slots, text, intent, form="repayment_form")
    return turn.slots


@unhurried
@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_paying_the_instalment_each_month_leaves_nothing_after_the_last(amount: int, term: int, rate: float) -> None:
    instalment, debt = calculate_instalment(amount, term, rate), float(amount)
    for _ in range(term - 1):
        debt = debt * (1 + rate / 1200) - instalment
        assert debt > 0
    assert debt * (1 + rate / 1200) - instalment == pytest.approx(0, abs=amount * 1e-6)


@unhurried
@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_instalments_cost_more_than_the_loan_but_less_than_interest_on_all_of_it(
    amount: int, term: int, rate: float
) -> None:
    total = calculate_instalment(amount, term, rate) * term
    most = amount + calculate_monthly_interest(amount, rate) * term
    assert amount < total * (1 + 1e-9)
    assert total <= most * (1 + 1e-9)


@pytest.mark.parametrize(
    ("amount", "term", "rate", "instalment"),
    [
        (100_000, 36, 6.9, 3083.14),
        (120_000, 12, 0, 10_000.0),
        (100_000, 1, 12, 101_000.0),
        (10_000, 12, 6, 860.66),
    ],
)
def test_instalments_are_those_of_the_textbook(amount: int, term: int, rate: float, instalment: float) -> None:
    assert calculate_instalment(amount, term, rate) == pytest.approx(instalment, abs=0.005)


def test_monthly_interest_is_a_twelfth_of_the_years() -> None:
    assert calculate_monthly_interest(120_000, 5) == pytest.approx(500)


@pytest.mark.parametrize(
    ("slots", "text", "intent", "expected"),
    [
        ({}, "借10万三年每月还多少", "calculate_repayment", (100_000, 36, None)),
        ({}, "帮我算下月供", "calculate_repayment", (None, None, "amount")),
        ({"amount": 60_000}, "帮我算下月供", "calculate_repayment", (60_000, None, "term")),
        ({"amount": 60_000, "term": 6}, "借10万三年每月还多少", "calculate_repayment", (100_000, 36, None)),
        ({"requested_slot": "amount"}, "5万", "inform", (50_000, None, "term")),
        ({"requested_slot": "term", "amount": 50_000}, "12个月", "inform", (50_000, 12, None)),
        (
            {"requested_slot": "term", "amount": 50_000},
            "再帮我算一个8万两年的",
            "calculate_repayment",
            (80_000, 24, None),
        ),
    ],
)
async def test_amount_and_term_are_asked_for(
    slots: dict[str, Any], text: str, intent: str, expected: tuple[int | None, int | None, str | None]
) -> None:
    known = slots | await fill(slots, text, intent)
    assert (known.get("amount"), known.get("term"), known["requested_slot"]) == expected


@pytest.mark.parametrize(
    ("product", "rate"), [(None, "6.9"), ("农户贷", "6.5"), ("商户贷", "6.9"), ("小微企业贷", "5.9")]
)
async def test_the_highest_advertised_rate_is_reckoned_with(product: str | None, rate: str) -> None:
    slots = {"product": product, "amount": 100_000, "term": 24}
    turn = await call_action(make_clients(), "action_show_repayment", slots)
    assert f"年利率{rate}%估算" in turn.heard


async def test_both_ways_of_repaying_are_told_and_nothing_is_kept() -> None:
    slots = {"product": "商户贷", "amount": 100_000, "term": 36}
    turn = await call_action(make_clients(), "action_show_repayment", slots)
    assert turn.said == ["utter_repayment"]
    for words in ("借10万元、3年", "每月利息约575.00元", "到期还本10万元", "每月约3083.14元", "利息共约10993.03元"):
        assert words in turn.heard
    assert turn.slots == {"amount": None, "term": None}


async def test_an_open_application_goes_on_with_its_amount_and_term() -> None:
    slots = {"application_consent": True, "product": "商户贷", "amount": 100_000, "term": 36}
    turn = await call_action(make_clients(), "action_show_repayment", slots)
    assert (turn.said, turn.events) == (["utter_repayment"], [])
