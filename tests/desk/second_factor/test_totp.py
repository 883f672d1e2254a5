"""Codes of authenticator apps and recovery codes: which count, how they are typed, what an app reads."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.second_factor.totp import (
    draw_qr_code,
    find_step,
    group_secret,
    is_app_code,
    make_recovery_codes,
    make_secret,
    read_code,
)

# RFC 6238, appendix B (its SHA-1 secret in base32); the last six of its eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
KNOWN = {1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("seconds", "code"), KNOWN.items())
def test_codes_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert find_step(SECRET, code, now) == seconds // 30
    for steps, is_known in ((-1, True), (1, True), (-2, False), (2, False)):
        found = find_step(SECRET, code, now + timedelta(seconds=30 * steps))
        assert (found == seconds // 30) is is_known


@pytest.mark.parametrize("code", ["", "08180", "0818044", "081805", "x" * 6])
def test_what_is_no_code(code: str) -> None:
    assert find_step(SECRET, code, datetime.fromtimestamp(1111111109, UTC)) is None


@pytest.mark.parametrize(
    ("typed", "read", "is_app"),
    [
        (" 287 082 ", "287082", True),
        ("２８７０８２", "287082", True),
        ("ABCD-efgh jkmn-pqrs", "abcdefghjkmnpqrs", False),
        ("x" * 9_999, "x" * 64, False),
        ("", "", False),
    ],
)
def test_codes_are_read_however_they_are_typed(typed: str, read: str, is_app: bool) -> None:
    assert read_code(typed) == read
    assert is_app_code(read) is is_app


def test_secrets_and_recovery_codes_are_unguessable() -> None:
    secret = make_secret()
    assert (len(secret), group_secret(secret).replace(" ", "")) == (32, secret)
    codes = make_recovery_codes() + make_recovery_codes()
    assert len(set(codes)) == 20
    assert all(len(read_code(code)) == 16 and not set(code) & set("01ilo") for code in codes)


def test_the_picture_may_stand_in_a_strict_page() -> None:
    picture = draw_qr_code(SECRET, "zhang")
    assert picture.startswith("<svg")
    assert "style=" not in picture
    assert "<script" not in picture
