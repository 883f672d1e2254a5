"""Finds mobile numbers in what customers write."""

import re

# Customers break numbers up: 138 0000 1234, 138-0000-1234.
_PHONE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def find_phones(text: str) -> list[tuple[int, int]]:
    """Spans of Chinese mobile numbers."""
    return [m.span() for m in _PHONE.finditer(text)]


def read_phone(text: str) -> str | None:
    """The one mobile number in a text as 11 digits; None where there is none, or more than one."""
    numbers = {re.sub(r"\D", "", text[start:end])[-11:] for start, end in find_phones(text)}
    return numbers.pop() if len(numbers) == 1 else None
