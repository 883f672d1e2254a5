"""Who calls, when, and whether this call is a forged copy of another."""

from datetime import UTC, datetime

import pytest

from connectors.tencent.signature import NonceCache, is_recent, is_signed, sign

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
TOKEN, TIMESTAMP, NONCE = "AAAAA", "1714036504", "1514711492"
# WeChat's own example: developers.weixin.qq.com, message push, echo check.
SIGNATURE = "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_signature_is_that_of_wechats_own_example() -> None:
    assert sign(TOKEN, TIMESTAMP, NONCE) == SIGNATURE


@pytest.mark.parametrize(
    ("signature", "token", "parts", "expected"),
    [
        (SIGNATURE, TOKEN, (TIMESTAMP, NONCE), True),
        (SIGNATURE, TOKEN, (NONCE, TIMESTAMP), True),
        (SIGNATURE.upper(), TOKEN, (TIMESTAMP, NONCE), False),
        (SIGNATURE, "BBBBB", (TIMESTAMP, NONCE), False),
        (SIGNATURE, TOKEN, (TIMESTAMP, "1514711493"), False),
        (SIGNATURE, TOKEN, (TIMESTAMP, NONCE, "body"), False),
        ("", TOKEN, (TIMESTAMP, NONCE), False),
        ("签名", TOKEN, (TIMESTAMP, NONCE), False),
        (sign("", TIMESTAMP, NONCE), "", (TIMESTAMP, NONCE), False),
    ],
)
def test_only_the_right_token_signs(signature: str, token: str, parts: tuple[str, ...], expected: bool) -> None:
    assert is_signed(signature, token, *parts) is expected


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (str(SECONDS), True),
        (str(SECONDS - 300), True),
        (str(SECONDS + 300), True),
        (str(SECONDS - 301), False),
        (str(SECONDS + 301), False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        (f" {SECONDS}", False),
        ("９" * 10, False),
        ("9" * 5000, False),
    ],
)
def test_a_call_is_from_now(timestamp: str, expected: bool) -> None:
    assert is_recent(timestamp, NOW) is expected


def test_a_nonce_repeats_its_call_but_carries_no_other() -> None:
    cache = NonceCache()
    assert cache.accept("1", "n", b"message")
    assert cache.accept("1", "n", b"message")
    assert not cache.accept("1", "n", b"another")
    assert cache.accept("1", "n", b"message"), "a refused call must not take the place of the first"
    assert cache.accept("2", "n", b"another"), "the same number in another second is chance"


def test_the_cache_forgets_the_oldest_and_stays_small() -> None:
    cache = NonceCache(nonces_max=2)
    for nonce in "abc":
        assert cache.accept("1", nonce, b"first")
    assert not cache.accept("1", "c", b"second")
    assert cache.accept("1", "a", b"second")
