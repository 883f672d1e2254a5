"""Secrets: making, hashing, comparing; and hiding personal data."""

import hashlib
import hmac
import json
import re
import secrets

# Amounts have fewer digits than the shortest of these.
_PERSONAL_NUMBER = re.compile(
    r"\d{10,}[\dXx]"  # in one piece: a phone, with or without country code, an id or a card
    r"|1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"  # a phone as people write it: 138 0000 1234
    r"|(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?(?!\d)"  # a card as it is printed: 6222 0200 0000 0000 123
    r"|(?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx]"  # an id by its parts: 110105 19491231 002X
)
_SECRET = re.compile(r"(?i)(bearer\s+|token=|secret=|/bot\d{6,}:)[\w.~+/=-]+")


def make_token() -> str:
    """A new unguessable token, safe in URLs and headers (43 characters)."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token, so that a leaked database opens no session (64 hex digits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_content(content: object) -> str:
    """A fingerprint of a JSON value: equal values have the same (64 hex digits)."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_same_secret(given: str, expected: str) -> bool:
    """Compares in constant time; an empty expected secret matches nothing."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def read_bearer(header: str | None) -> str:
    """The token of an Authorization header, or an empty string."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def mask_personal_data(text: str) -> str:
    """Hides the middle of phone, card and id numbers, and tokens, wherever they stand in a text."""
    found = 1
    while found:  # hiding one may uncover another beside it
        text, found = _PERSONAL_NUMBER.subn(lambda number: f"{number[0][:3]}****{number[0][-4:]}", text)
    return _SECRET.sub(r"\1***", text)
