"""Numbers as customers read them."""

from decimal import Decimal

import pytest

from scoring.wording import format_about, format_number, format_share


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0元"),
        (5_000, "5000元"),
        (9_999, "9999元"),
        (10_000, "1万元"),
        (123_456, "12.35万元"),
        (600_000, "60万元"),
        (3_000_000, "300万元"),
        (99_999_999, "1亿元"),
        (120_000_000, "1.2亿元"),
    ],
)
def test_what_is_about_right_is_rounded(amount: int, text: str) -> None:
    assert format_about(amount) == text


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        ("30", "三成"),
        ("20.00", "两成"),
        ("25.50", "25.5%"),
        ("21.25", "21.25%"),
        ("100", "100%"),
        ("250", "2.5倍"),
        ("0", "0%"),
    ],
)
def test_format_share(percent: str, text: str) -> None:
    assert format_share(Decimal(percent)) == text


@pytest.mark.parametrize(("number", "text"), [(15.0, "15"), (1.5, "1.5"), (100.0, "100"), (0.1, "0.1"), (0.0, "0")])
def test_format_number(number: float, text: str) -> None:
    assert format_number(number) == text
