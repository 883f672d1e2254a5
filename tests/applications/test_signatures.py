"""Signatures of the bank's core: only who knows the secret, and only now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from applications.signatures import require_signature, sign
from kit.errors import RequestError

SECRET = "secret-of-the-core-of-the-bank"
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
TIMESTAMP = str(int(NOW.timestamp()))
PATH = "/v1/core/applications/QH260701-AB2C3/steps"
BODY = b'{"expected": "submitted", "stage": "checking"}'


def check(secret: str = SECRET, now: datetime = NOW, **changed: Any) -> None:
    sent: dict[str, Any] = {"timestamp": TIMESTAMP, "method": "POST", "path": PATH, "key": "core-12345", "body": BODY}
    require_signature(secret, **{"signature": sign(SECRET, **sent), **sent, **changed}, now=now)


def test_the_signature_is_the_documented_one() -> None:
    assert sign("k", "1782896400", "POST", "/p", "core-12345", b"{}") == (
        "b7b9e137f3c71630548a41773cf513eff4d7d8c17f6806ec651a3ca01041b2ac"
    )


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_who_knows_the_secret_gets_in(off: int) -> None:
    check(now=NOW + timedelta(seconds=off))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"timestamp": ""}, "unsigned"),
        ({"timestamp": "9" * 13}, "unsigned"),
        ({"timestamp": "now"}, "unsigned"),
        ({"timestamp": "-1"}, "unsigned"),
        ({"timestamp": "１７８２８９６４００"}, "unsigned"),
        ({"signature": ""}, "unsigned"),
        ({"signature": "0" * 64}, "wrong_signature"),
        ({"signature": "签名"}, "wrong_signature"),
        ({"timestamp": str(int(TIMESTAMP) + 1)}, "wrong_signature"),
        ({"method": "GET"}, "wrong_signature"),
        ({"path": PATH.replace("AB2C3", "AB2C4")}, "wrong_signature"),
        ({"key": "core-12346"}, "wrong_signature"),
        ({"body": BODY.replace(b"checking", b"approved")}, "wrong_signature"),
        ({"secret": "another"}, "wrong_signature"),
        ({"now": NOW + timedelta(seconds=301)}, "not_in_time"),
        ({"now": NOW - timedelta(seconds=301)}, "not_in_time"),
    ],
)
def test_nobody_else_and_nothing_else_and_not_later(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(RequestError, match=f"401 {code}"):
        check(**changed)


def test_without_a_secret_nobody_gets_in() -> None:
    with pytest.raises(RequestError, match="404 core_not_connected"):
        check(secret="")
