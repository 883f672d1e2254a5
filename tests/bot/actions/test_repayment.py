"""What a loan costs: the sums, and how they are told."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.repayment import calculate_monthly_interest, calculate_repayment
from tests.bot.actions.action_call import call_action, make_clients

# Wider than what any product allows.
AMOUNTS = st.integers(1_000, 3_000_000)
TERMS = st.integers(1, 60)
RATES = st.decimals(0, 24, places=2)


async def fill(slots: dict[str, Any], text: str, intent: str = "inform") -> dict[str, Any]:
    turn = await call_action(make_clients(), "validate_repayment_form", slots, text, intent, form="repayment_form")
    return turn.slots


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_the_interest_is_what_the_instalments_shown_add_up_to(amount: int, term: int, rate: Decimal) -> None:
    repayment = calculate_repayment(amount, term, rate)
    assert repayment.instalment * (term - 1) + repayment.last_instalment == amount * 100 + repayment.interest


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_the_last_instalment_pays_off_what_is_left_and_differs_by_cents(amount: int, term: int, rate: Decimal) -> None:
    repayment, debt = calculate_repayment(amount, term, rate), Decimal(amount * 100)
    for _ in range(term - 1):
        debt = debt * (1 + rate / 1200) - repayment.instalment
    assert abs(debt * (1 + rate / 1200) - repayment.last_instalment) <= term
    assert abs(repayment.last_instalment - repayment.instalment) <= 100


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_instalments_cost_less_than_interest_on_all_of_it(amount: int, term: int, rate: Decimal) -> None:
    interest = calculate_repayment(amount, term, rate).interest
    assert 0 <= interest <= (calculate_monthly_interest(amount, rate) + 1) * term


@pytest.mark.parametrize(
    ("amount", "term", "rate", "instalment", "last"),
    [
        (100_000, 36, "6.9", 308_314, 308_313),
        (120_000, 12, "0", 1_000_000, 1_000_000),
        (100_000, 1, "12", 10_100_000, 10_100_000),
        (10_000, 12, "6", 86_066, 86_070),
    ],
)
def test_instalments_are_those_of_the_textbook(amount: int, term: int, rate: str, instalment: int, last: int) -> None:
    repayment = calculate_repayment(amount, term, Decimal(rate))
    assert (repayment.instalment, repayment.last_instalment) == (instalment, last)


def test_monthly_interest_is_a_twelfth_of_the_years() -> None:
    assert calculate_monthly_interest(120_000, Decimal(5)) == 50_000


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
    assert "最后一月3083.13元" in turn.heard
    assert turn.slots == {"amount": None, "term": None}


async def test_an_open_application_goes_on_with_its_amount_and_term() -> None:
    slots = {"application_consent": True, "product": "商户贷", "amount": 100_000, "term": 36}
    turn = await call_action(make_clients(), "action_show_repayment", slots)
    assert (turn.said, turn.events) == (["utter_repayment"], [])
