"""What a loan costs, by each way of repaying."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.repayment import (
    calculate_equal_instalments,
    calculate_equal_principal,
    calculate_interest_first,
)

# Wider than what any product allows.
AMOUNTS = st.integers(1_000, 3_000_000)
TERMS = st.integers(1, 60)
RATES = st.decimals(0, 24, places=2)


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_the_interest_is_what_the_instalments_shown_add_up_to(amount: int, term: int, rate: Decimal) -> None:
    repayment = calculate_equal_instalments(amount, term, rate)
    assert repayment.first * (term - 1) + repayment.last == amount * 100 + repayment.interest


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_the_last_instalment_pays_off_what_is_left_and_differs_by_cents(amount: int, term: int, rate: Decimal) -> None:
    repayment, debt = calculate_equal_instalments(amount, term, rate), Decimal(amount * 100)
    for _ in range(term - 1):
        debt = debt * (1 + rate / 1200) - repayment.first
    assert abs(debt * (1 + rate / 1200) - repayment.last) <= term
    assert abs(repayment.last - repayment.first) <= 100


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_instalments_cost_less_than_interest_on_all_of_it(amount: int, term: int, rate: Decimal) -> None:
    interest = calculate_equal_instalments(amount, term, rate).interest
    assert 0 <= interest <= (calculate_interest_first(amount, term, rate).first + 1) * term


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
    repayment = calculate_equal_instalments(amount, term, Decimal(rate))
    assert (repayment.first, repayment.last) == (instalment, last)


def test_monthly_interest_is_a_twelfth_of_the_years() -> None:
    assert calculate_interest_first(120_000, 12, Decimal(5)).first == 50_000


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_equal_principal_costs_less_and_falls_each_month(amount: int, term: int, rate: Decimal) -> None:
    falling = calculate_equal_principal(amount, term, rate)
    assert falling.first + 100 * term >= falling.last
    assert 0 <= falling.interest <= calculate_equal_instalments(amount, term, rate).interest + 100 * term


@pytest.mark.parametrize(
    ("amount", "term", "rate", "first", "last", "interest"),
    [(120_000, 12, "12", 1_120_000, 1_010_000, 780_000), (100_000, 3, "0", 3_333_333, 3_333_334, 0)],
)
def test_equal_principal_is_that_of_the_textbook(
    amount: int, term: int, rate: str, first: int, last: int, interest: int
) -> None:
    repayment = calculate_equal_principal(amount, term, Decimal(rate))
    assert (repayment.first, repayment.last, repayment.interest) == (first, last, interest)


def test_with_interest_first_the_sum_comes_at_the_end() -> None:
    repayment = calculate_interest_first(100_000, 12, Decimal(6))
    assert (repayment.first, repayment.last, repayment.interest) == (50_000, 10_050_000, 600_000)
