"""Formats numbers for customers."""

from decimal import Decimal

from kit.money import format_yuan

_TENTHS = "零一两三四五六七八九"


def format_about(amount: int) -> str:
    """A sum that is only about right, in whole hundreds (from 亿 on in whole millions): `3.46万元`."""
    if amount < 10_000:
        return format_yuan(amount)
    return format_yuan(round(amount, -2 if amount < 100_000_000 else -6))


def format_number(number: Decimal | float) -> str:
    """Without trailing zeros: `15`, `1.5`."""
    text = format(Decimal(str(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_share(percent: Decimal) -> str:
    """`三成`, `25.5%`, `2.5倍`."""
    if percent > 100:
        return format_number(percent / 100) + "倍"
    tenths, rest = divmod(percent, 10)
    if rest == 0 and 1 <= tenths <= 9:
        return _TENTHS[int(tenths)] + "成"
    return format_number(percent) + "%"
