"""What is paid in each month, by each way of repaying."""

import random
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.schedule import METHODS, Instalment, Method, make_schedule, sum_interest

# Wider than what any product allows.
AMOUNTS = st.integers(1_000, 3_000_000)
TERMS = st.integers(1, 60)
RATES = st.decimals(0, 24, places=2)
EACH_METHOD = pytest.mark.parametrize("method", METHODS)
LOANS = 10_000


@EACH_METHOD
@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_sums_are_exact_and_the_debt_never_grows(amount: int, term: int, rate: Decimal, method: Method) -> None:
    schedule = make_schedule(amount, term, rate, method)
    assert [each.month for each in schedule] == list(range(1, term + 1))
    debt = amount * 100
    for each in schedule:
        assert each.principal >= 0
        assert each.interest >= 0
        debt -= each.principal
        assert each.debt == debt
    assert debt == 0
    assert sum(each.payment for each in schedule) == amount * 100 + sum_interest(schedule)


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_equal_instalments_are_equal_but_for_a_fen(amount: int, term: int, rate: Decimal) -> None:
    payments = {each.payment for each in make_schedule(amount, term, rate, "equal_instalments")}
    assert max(payments) - min(payments) <= 1


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_parts_of_equal_principal_are_equal_but_for_a_fen_and_payments_fall(
    amount: int, term: int, rate: Decimal
) -> None:
    schedule = make_schedule(amount, term, rate, "equal_principal")
    parts = {each.principal for each in schedule}
    assert max(parts) - min(parts) <= 1
    assert all(later.payment <= each.payment + 1 for each, later in pairwise(schedule))


@given(amount=AMOUNTS, term=TERMS, rate=RATES)
def test_what_is_repaid_sooner_costs_less(amount: int, term: int, rate: Decimal) -> None:
    falling, equal, first = (
        sum_interest(make_schedule(amount, term, rate, method)) for method in METHODS[1::-1] + METHODS[2:3]
    )
    assert falling <= equal + term
    assert equal <= first + term


def test_random_loans_are_within_one_fen_of_numpy_financial() -> None:
    chosen, months = random.Random(4), np.arange(1, 61)  # noqa: S311 (repeatable on purpose)
    for _ in range(LOANS):
        amount, term, rate = (
            chosen.randint(1_000, 3_000_000),
            chosen.randint(1, 60),
            Decimal(chosen.randint(1, 2_400)) / 100,
        )
        schedule = make_schedule(amount, term, rate, "equal_instalments")
        asked = (float(rate) / 1200, months[:term], term, -amount * 100)
        interest, principal = npf.ipmt(*asked), npf.ppmt(*asked)
        mine = np.array([(each.interest, each.principal, each.payment) for each in schedule]).T
        assert np.abs(mine - np.rint([interest, principal, interest + principal])).max() <= 1
        assert mine[1].sum() == amount * 100


@pytest.mark.parametrize(
    ("method", "amount", "term", "rate", "first", "last", "interest"),
    [
        ("equal_instalments", 100_000, 36, "6.9", 308_314, 308_313, 1_099_303),
        ("equal_instalments", 120_000, 12, "0", 1_000_000, 1_000_000, 0),
        ("equal_instalments", 100_000, 1, "12", 10_100_000, 10_100_000, 100_000),
        ("equal_instalments", 10_000, 12, "6", 86_066, 86_067, 32_796),
        ("equal_principal", 120_000, 12, "12", 1_120_000, 1_010_000, 780_000),
        ("equal_principal", 100_000, 3, "0", 3_333_333, 3_333_333, 0),
        ("interest_first", 100_000, 12, "6", 50_000, 10_050_000, 600_000),
        ("bullet", 100_000, 12, "6", 0, 10_600_000, 600_000),
        ("bullet", 100_000, 1, "6", 10_050_000, 10_050_000, 50_000),
    ],
)
def test_a_schedule_is_that_of_the_textbook(
    method: Method, amount: int, term: int, rate: str, first: int, last: int, interest: int
) -> None:
    schedule = make_schedule(amount, term, Decimal(rate), method)
    assert (schedule[0].payment, schedule[-1].payment, sum_interest(schedule)) == (first, last, interest)


def test_each_month_tells_what_is_left() -> None:
    assert make_schedule(1_000, 2, Decimal(12), "equal_principal") == (
        Instalment(1, 50_000, 1_000, 50_000),
        Instalment(2, 50_000, 500, 0),
    )


@pytest.mark.parametrize(("amount", "term", "rate"), [(0, 12, 5), (1_000, 0, 5), (1_000, 12, -1)])
def test_what_is_no_loan_has_no_schedule(amount: int, term: int, rate: int) -> None:
    with pytest.raises(ValueError, match="no loan"):
        make_schedule(amount, term, Decimal(rate), "equal_instalments")
