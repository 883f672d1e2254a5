"""How sums of money and spans of months are written, the same for customers and staff."""


def format_yuan(yuan: int) -> str:
    """A sum as a clerk writes it: 8000元, 3.5万元, 12345元, 110万元, 1亿元. Raises ValueError below 0."""
    if yuan < 0:
        raise ValueError(f"negative amount: {yuan}")
    if yuan >= 100_000_000:
        return f"{_write_decimal(yuan, 8)}亿元"
    # A five-digit sum is easier to read in full than with three or four decimals.
    if yuan >= 100_000 or (yuan >= 10_000 and yuan % 100 == 0):
        return f"{_write_decimal(yuan, 4)}万元"
    return f"{yuan}元"


def format_fen(fen: int) -> str:
    """A sum to the fen, always in full: 3083.14元. Raises ValueError below 0."""
    if fen < 0:
        raise ValueError(f"negative amount: {fen}")
    return f"{fen // 100}.{fen % 100:02d}元"


def format_months(months: int) -> str:
    """A span of time as a clerk writes it: 7个月, 3年, 1年半, 1年3个月. Raises ValueError below 1."""
    if months < 1:
        raise ValueError(f"no span of time: {months}")
    years, rest = divmod(months, 12)
    if not years:
        return f"{rest}个月"
    return f"{years}年" + {0: "", 6: "半"}.get(rest, f"{rest}个月")


def format_years(years: float) -> str:
    """Years that need not be whole, as a span: 0.25 -> 3个月, 1.5 -> 1年半. Less than a month is one."""
    return format_months(max(round(years * 12), 1))


def format_quantity(number: float, unit: str) -> str:
    """Any number with its unit: sums and spans as above, others as they are: 15.5亩, 4.9%."""
    whole = int(number) if isinstance(number, float) and number.is_integer() else number
    if isinstance(whole, float):
        return f"{whole:.12g}{unit}"
    if unit == "元" and whole >= 0:
        return format_yuan(whole)
    return format_months(whole) if unit == "个月" and whole >= 1 else f"{whole}{unit}"


def _write_decimal(number: int, places: int) -> str:
    whole, rest = divmod(number, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
