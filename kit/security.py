"""Secrets: making, hashing, comparing."""

import hashlib
import hmac
import json
import secrets


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
