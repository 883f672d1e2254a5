"""Secrets that are made, hashed and compared."""

import re

import pytest

from kit.security import hash_token, is_same_secret, make_token, read_bearer


@pytest.mark.parametrize(
    ("given_secret", "expected", "is_same"),
    [
        ("secret", "secret", True),
        ("密码", "密码", True),
        ("secret", "Secret", False),
        ("secret ", "secret", False),
        ("", "secret", False),
        ("", "", False),
        ("secret", "", False),
    ],
)
def test_secrets_are_compared_and_an_empty_one_matches_nothing(given_secret: str, expected: str, is_same: bool) -> None:
    assert is_same_secret(given_secret, expected) is is_same


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Basic abc", ""),
        ("Bearer", ""),
        ("abc", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_bearer_token_is_read(header: str | None, token: str) -> None:
    assert read_bearer(header) == token


def test_tokens_are_new_each_time_and_fit_their_column() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in tokens)


def test_a_stored_hash_does_not_hold_the_token() -> None:
    token = make_token()
    assert hash_token(token) == hash_token(token) != hash_token(make_token())
    assert re.fullmatch(r"[0-9a-f]{64}", hash_token(token))
