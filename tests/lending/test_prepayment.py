"""What repaying early saves."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.prepayment import Rest, compare_prepayment
from lending.schedule import METHODS, Method, make_schedule, sum_interest

AMOUNTS = st.integers(1_000, 3_000_000)
RATES = st.decimals(0, 24, places=2)
Told = tuple[int, int, int]
EACH_METHOD = pytest.mark.parametrize("method", METHODS)


def tell(rest: Rest | None) -> Told | None:
    """The next payment, what is saved, and how many months earlier it ends."""
    return (rest.payment, rest.saved, rest.earlier) if rest else None


@EACH_METHOD
@given(amount=AMOUNTS, rate=RATES, data=st.data())
def test_the_sooner_all_is_repaid_the_more_is_saved(
    amount: int, rate: Decimal, method: Method, data: st.DataObject
) -> None:
    term = data.draw(st.integers(2, 60))
    month, paid = data.draw(st.integers(1, term - 1)), data.draw(st.integers(1, amount))
    found = compare_prepayment(amount, term, rate, method, month, paid)
    schedule = make_schedule(amount, term, rate, method)
    assert found.debt == schedule[month - 1].debt
    assert found.paid == min(paid * 100, found.debt)
    assert found.cleared.earlier == term - month
    saved = [each.saved for each in (found.lower, found.shorter, found.cleared) if each]
    assert all(0 <= less <= more + term for less, more in pairwise(saved))
    for each in (found.lower, found.shorter):
        if each:
            assert abs(sum_interest(schedule[month:]) - each.interest - each.saved) <= term
            assert 0 <= each.earlier < term
    if found.shorter:
        assert found.shorter.payment <= schedule[0].payment + term


@pytest.mark.parametrize(
    ("method", "debt", "shorter", "lower", "cleared"),
    [
        ("equal_instalments", 6_893_201, (308_314, 466_392, 17), (84_678, 367_272, 0), (0, 506_334, 24)),
        ("equal_principal", 6_666_667, (287_361, 445_625, 18), (79_027, 359_374, 0), (0, 479_166, 24)),
        ("interest_first", 10_000_000, None, (28_750, 690_000, 0), (0, 1_380_000, 24)),
        ("bullet", 10_000_000, None, (6_380_000, 690_000, 0), (0, 1_380_000, 24)),
    ],
)
def test_half_of_a_loan_is_repaid_after_a_year(
    method: Method, debt: int, shorter: Told | None, lower: Told, cleared: Told
) -> None:
    found = compare_prepayment(100_000, 36, Decimal("6.9"), method, 12, 50_000)
    assert (found.debt, found.paid) == (debt, 5_000_000)
    assert [tell(each) for each in (found.shorter, found.lower, found.cleared)] == [shorter, lower, cleared]


@pytest.mark.parametrize("paid", [None, 100_000])
def test_all_of_the_debt_leaves_nothing_to_compare(paid: int | None) -> None:
    found = compare_prepayment(100_000, 36, Decimal("6.9"), "equal_instalments", 12, paid)
    assert (found.paid, found.shorter, found.lower) == (found.debt, None, None)


@pytest.mark.parametrize(("month", "paid"), [(0, 1), (36, 1), (12, 0)])
def test_what_is_no_prepayment_is_refused(month: int, paid: int) -> None:
    with pytest.raises(ValueError, match="no prepayment"):
        compare_prepayment(100_000, 36, Decimal("6.9"), "equal_instalments", month, paid)
