"""Finds mobile numbers and id numbers in what customers write, and checks them."""

import re

# Customers break numbers up: 138 0000 1234, 138-0000-1234.
_PHONE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_ID_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def find_phones(text: str) -> list[tuple[int, int]]:
    """Spans of Chinese mobile numbers."""
    return [m.span() for m in _PHONE.finditer(text)]


def find_id_numbers(text: str) -> list[tuple[int, int]]:
    """Spans of well-formed 18-digit resident id numbers, checked by their last digit (GB 11643-1999)."""
    return [m.span() for m in _ID_NUMBER.finditer(text) if _has_right_check_digit(m.group())]


def read_phone(text: str) -> str | None:
    """The one mobile number in a text as 11 digits; None where there is none, or more than one."""
    numbers = {re.sub(r"\D", "", text[start:end])[-11:] for start, end in find_phones(text)}
    return numbers.pop() if len(numbers) == 1 else None


def _has_right_check_digit(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()
