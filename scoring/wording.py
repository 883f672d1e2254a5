"""Formats numbers for customers."""

from decimal import Decimal

_TENTHS = "零一两三四五六七八九"


def format_yuan(amount: int) -> str:
    """`5000元`, `60万元`, `12.35万元`, `1.2亿元`: two decimals at most."""
    if amount < 10_000:
        return f"{amount}元"
    scale, name = (10_000, "万元") if amount < 100_000_000 else (100_000_000, "亿元")
    return format_number(round(Decimal(amount) / scale, 2)) + name


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
