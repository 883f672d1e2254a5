"""Quantities in English words."""

import pytest

from understanding.english_quantities import take_english

READINGS = [
    ("1 year", "term 12"),
    ("12 months", "term 12"),
    ("two years", "term 24"),
    ("2-3 years", "term 24-36"),
    ("half a year", "term 6"),
    ("1 year and a half", "term 18"),
    ("for a year", "term 12"),
    ("50,000 yuan", "amount 50000"),
    ("100 thousand", "amount 100000"),
    ("a hundred thousand", "amount 100000"),
    ("1.5 million", "amount 1500000"),
    ("50 to 80k", "amount 50000-80000"),
    ("5 wan", "amount 50000"),
    ("20 mu", "area 20"),
    ("20.5 mu of land", "area 20.5"),
    ("借50000 yuan用12 months", "amount 50000; term 12"),
]
NOTHING = [
    "80k a year",
    "two years ago",
    "40 years old",
    "$5000",
    "5000 dollars",
    "iphone15 pro",
    "20 pigs",
    "50k",
    "10w",
    "5万",
    "",
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_reading(text: str, expected: str) -> None:
    quantities, rest = take_english(text)
    shown = (f"{q.kind} {q.low}" if q.low == q.high else f"{q.kind} {q.low}-{q.high}" for q in quantities)
    assert "; ".join(shown) == expected
    assert len(rest) == len(text)
    assert all(set(rest[q.start : q.end]) == {"\0"} for q in quantities)


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_read(text: str) -> None:
    assert take_english(text)[0] == []


def test_what_english_words_count_is_hidden() -> None:
    assert take_english("i have 20 pigs and 5000")[1] == "i have \0\0\0\0\0\0\0 and 5000"
