"""Identity numbers and credit codes: examples of the standards, and what check digits promise."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity_numbers import (
    IdentityNumber,
    find_credit_check,
    find_identity_check,
    is_credit_code,
    is_identity_number,
    read_identity_number,
)

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
IDENTITIES = st.builds(
    lambda region, day, order: f"{region}{day:%Y%m%d}{order:03}",
    st.integers(100_000, 999_999),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
).map(lambda digits: digits + find_identity_check(digits))
CODES = st.builds(
    lambda head, region, tail: head + region + tail,
    st.text(LETTERS, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(LETTERS, min_size=9, max_size=9),
).map(lambda letters: letters + find_credit_check(letters))


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x"])
def test_the_example_of_the_standard_is_read(number: str) -> None:
    assert read_identity_number(number) == IdentityNumber("110105", date(1949, 12, 31))


@pytest.mark.parametrize(
    "number", ["", "11010519491231002", "110105194912310021", "990123199002300019", "01010519491231002X", "x" * 18]
)
def test_what_is_wrong_tells_nothing(number: str) -> None:
    assert read_identity_number(number) is None


def test_a_day_that_is_not_in_the_calendar_is_refused() -> None:
    digits = "99012319900230001"
    number = digits + find_identity_check(digits)
    assert is_identity_number(number)
    assert read_identity_number(number) is None


@pytest.mark.parametrize(
    ("today", "age"), [(date(2026, 2, 28), 25), (date(2026, 3, 1), 26), (date(2024, 2, 29), 24), (date(2001, 2, 27), 0)]
)
def test_age_is_in_full_years(today: date, age: int) -> None:
    assert IdentityNumber("990123", date(2000, 2, 29)).find_age(today) == age


@given(IDENTITIES)
def test_a_number_with_its_check_digit_tells_region_and_birthday(number: str) -> None:
    told = read_identity_number(number)
    assert told == (number[:6], date.fromisoformat(number[6:14]))


@given(IDENTITIES, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, place: int, step: int) -> None:
    digit = str((int(number[place]) + step) % 10)
    assert read_identity_number(number[:place] + digit + number[place + 1 :]) is None


@given(IDENTITIES, st.integers(0, 15))
def test_two_digits_in_the_wrong_order_are_noticed(number: str, place: int) -> None:
    first, second = number[place], number[place + 1]
    swapped = number[:place] + second + first + number[place + 2 :]
    assert swapped == number or read_identity_number(swapped) is None


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91350100m000100y43"])
def test_the_example_code_of_the_standard_is_right(code: str) -> None:
    assert is_credit_code(code)


@pytest.mark.parametrize("code", ["", "91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43"])
def test_a_wrong_code_is_refused(code: str) -> None:
    assert not is_credit_code(code)


@given(CODES, st.integers(0, 16), st.integers(1, 30))
def test_one_wrong_letter_is_noticed(code: str, place: int, step: int) -> None:
    assert is_credit_code(code)
    letter = LETTERS[(LETTERS.index(code[place]) + step) % len(LETTERS)]
    assert not is_credit_code(code[:place] + letter + code[place + 1 :])
