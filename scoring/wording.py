"""Formats numbers for customers."""

from decimal import Decimal

_TENTHS = "零一两三四五六七八九"


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


def format_counted(percent: Decimal) -> str:
    """How much of a sum counts: `按85%`, `全额`."""
    return "全额" if percent == 100 else f"按{format_share(percent)}"
