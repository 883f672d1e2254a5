"""Numbers of applications, as customers hear and read them aloud."""

import secrets
from datetime import datetime

from kit.clock import CHINA

# Read aloud on the phone: no 0/O, 1/I.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_number(now: datetime) -> str:
    """A new one: QH261127-AB2C3."""
    suffix = "".join(secrets.choice(_LETTERS) for _ in range(5))
    return f"QH{now.astimezone(CHINA):%y%m%d}-{suffix}"
