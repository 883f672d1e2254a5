"""Codes of authenticator apps (TOTP, RFC 6238: six digits, 30 seconds) and recovery codes, as plain values."""

import re
import secrets
import unicodedata
from datetime import datetime

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

ISSUER = "小禾工作台"  # a long one makes a picture that is hard to read
WINDOW = 1  # steps of 30 seconds that the clock of a phone may be off
RECOVERY_CODES = 10
FEW_CODES = 3
# No 0, 1, i, l, o, which are taken for one another. 16 of these are 79 bits: a plain hash of them cannot be guessed.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE = re.compile(r"\d{6}")


def make_secret() -> str:
    """A new secret of an authenticator app (32 letters of base32, 160 bits)."""
    return pyotp.random_base32()


def group_secret(secret: str) -> str:
    """A secret as it is read aloud or typed: groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def draw_qr_code(secret: str, login: str) -> str:
    """The SVG picture that an authenticator app reads; black on white whatever the page's colours."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    return segno.make(uri, error="m").svg_inline(scale=4, border=4, light="#fff", omitsize=True, title="二维码")


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is; None if it is none of the present ones."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now.timestamp(), valid_window=WINDOW)
    except OTPVerificationError:
        return None


def make_recovery_codes() -> list[str]:
    """New recovery codes, as they are shown: abcd-efgh-jkmn-pqrs."""
    codes = ("".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES))
    return ["-".join(re.findall("....", code)) for code in codes]


def read_code(typed: str) -> str:
    """A code as it is checked, however it was typed: without spaces and dashes, in half-width small letters."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)[:64]).lower()


def is_app_code(code: str) -> bool:
    """Whether a code can be an authenticator app's; else it may be a recovery code."""
    return bool(_CODE.fullmatch(code)) and code.isascii()
