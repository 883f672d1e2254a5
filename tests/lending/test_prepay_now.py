"""Repaying a debt early, as it stands now."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.prepayment import compare_prepayment, prepay_now
from lending.schedule import METHODS, Method

RATE = Decimal("5.4")


def test_interest_is_saved_on_what_was_repaid() -> None:
    found = prepay_now(8_000_000, 2, RATE, "interest_first", 30_000)
    assert found.lower is not None
    assert (found.paid, found.lower.payment, found.lower.saved) == (3_000_000, 22_500, 27_000)
    assert (found.shorter, found.cleared.saved) == (None, 72_000)


@given(
    amount=st.integers(1_000, 300_000),
    term=st.integers(2, 60),
    month=st.integers(1, 59),
    paid=st.integers(1, 300_000),
    method=st.sampled_from([method for method in METHODS if method != "bullet"]),
)
def test_it_is_what_the_calculator_says_of_a_loan_from_its_beginning(
    amount: int, term: int, month: int, paid: int, method: Method
) -> None:
    month = min(month, term - 1)
    known = compare_prepayment(amount, term, RATE, method, month, paid)
    if method == "equal_instalments":  # rounding moves single fen between instalments
        found = prepay_now(known.debt, term - month, RATE, method, paid)
        assert abs(found.cleared.saved - known.cleared.saved) <= term
    else:
        found = prepay_now(known.debt, term - month, RATE, method, paid)
        assert abs(found.cleared.saved - known.cleared.saved) <= term
    assert (found.paid, found.lower is None) == (known.paid, known.lower is None)


@pytest.mark.parametrize(("debt", "months", "paid"), [(0, 1, None), (100, 0, None), (100, 1, 0)])
def test_nonsense_is_refused(debt: int, months: int, paid: int | None) -> None:
    with pytest.raises(ValueError, match="no prepayment"):
        prepay_now(debt, months, RATE, "bullet", paid)
