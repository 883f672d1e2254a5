"""Numbers as customers read them."""

from decimal import Decimal

import pytest

from scoring.wording import format_counted, format_number, format_share


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


@pytest.mark.parametrize(("percent", "text"), [("100", "全额"), ("100.0", "全额"), ("85", "按85%"), ("70", "按七成")])
def test_format_counted(percent: str, text: str) -> None:
    assert format_counted(Decimal(percent)) == text
