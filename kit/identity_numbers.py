"""Identity numbers of people (GB 11643) and unified social credit codes of firms (GB 32100-2015)."""

import re
from datetime import date
from typing import NamedTuple

IDENTITY = re.compile("[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9xX]")
_IDENTITY_CHECKS = "10X98765432"  # by the weighted sum modulo 11
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_CREDIT_CODE = re.compile(f"[{_CREDIT_LETTERS}]{{2}}[0-9]{{6}}[{_CREDIT_LETTERS}]{{10}}")


class IdentityNumber(NamedTuple):
    """What an identity number tells: the code of the county that first issued it, and the birthday."""

    region: str
    birthday: date

    def find_age(self, today: date) -> int:
        """Full years on a day."""
        return today.year - self.birthday.year - ((today.month, today.day) < (self.birthday.month, self.birthday.day))


def is_identity_number(number: str) -> bool:
    """Whether 18 digits (the last may be an X) look like an identity number, by the birthday in it."""
    return bool(IDENTITY.fullmatch(number))


def read_identity_number(number: str) -> IdentityNumber | None:
    """What it tells; None unless its form, its check digit and its birthday are right."""
    if not is_identity_number(number) or number[-1].upper() != find_identity_check(number[:17]):
        return None
    try:
        return IdentityNumber(number[:6], date.fromisoformat(number[6:14]))
    except ValueError:  # the 30th of February
        return None


def find_identity_check(digits: str) -> str:
    """The check digit that follows the first 17 digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return _IDENTITY_CHECKS[total % 11]


def is_credit_code(code: str) -> bool:
    """Whether its form and its check character are right; small letters count as capitals."""
    code = code.upper()
    return bool(_CREDIT_CODE.fullmatch(code)) and code[-1] == find_credit_check(code[:17])


def find_credit_check(letters: str) -> str:
    """The check character that follows the first 17."""
    total = sum(_CREDIT_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(letters))
    return _CREDIT_LETTERS[-total % 31]
