"""How sums and spans of time are written; tests/bot/test_quantities.py reads them back."""

import pytest

from kit.money import format_fen, format_months, format_quantity, format_yuan


@pytest.mark.parametrize(
    ("yuan", "written"),
    [
        (0, "0元"),
        (8_000, "8000元"),
        (10_000, "1万元"),
        (12_345, "12345元"),
        (35_000, "3.5万元"),
        (123_456, "12.3456万元"),
        (200_000, "20万元"),
        (1_100_000, "110万元"),
        (100_000_000, "1亿元"),
    ],
)
def test_yuan(yuan: int, written: str) -> None:
    assert format_yuan(yuan) == written


@pytest.mark.parametrize(
    ("fen", "written"), [(0, "0.00元"), (5, "0.05元"), (308_314, "3083.14元"), (57_500, "575.00元")]
)
def test_fen(fen: int, written: str) -> None:
    assert format_fen(fen) == written


@pytest.mark.parametrize(
    ("months", "written"), [(1, "1个月"), (7, "7个月"), (12, "1年"), (15, "1年3个月"), (18, "1年半"), (36, "3年")]
)
def test_months(months: int, written: str) -> None:
    assert format_months(months) == written


@pytest.mark.parametrize(
    ("number", "unit", "written"),
    [
        (35_000, "元", "3.5万元"),
        (35_000.0, "元", "3.5万元"),
        (0.5, "元", "0.5元"),
        (-1, "元", "-1元"),
        (18, "个月", "1年半"),
        (0, "个月", "0个月"),
        (15.0, "亩", "15亩"),
        (15.5, "亩", "15.5亩"),
        (4.9, "%", "4.9%"),
        (2_000, "亩", "2000亩"),
        (3, "", "3"),
        (float("inf"), "元", "inf元"),
        (float("nan"), "个月", "nan个月"),
    ],
)
def test_any_number_with_its_unit(number: float, unit: str, written: str) -> None:
    assert format_quantity(number, unit) == written


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_yuan(-1)
    with pytest.raises(ValueError, match="negative"):
        format_fen(-1)
    with pytest.raises(ValueError, match="time"):
        format_months(0)
