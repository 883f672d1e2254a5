"""Keeps small secrets encrypted at rest: AES-256-GCM, with named keys so that they can be rotated."""

import base64
import binascii
import hashlib
import hmac
import os
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12


class VaultError(Exception):
    """A key is not well-formed, or a sealed value was not sealed with these keys for this context."""


class Vault:
    """Encrypts with the first key, and reads what any of them encrypted."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    @classmethod
    def from_keys(cls, keys: str) -> Self:
        """From XIAOHE_VAULT_KEYS: `id:base64key,id2:base64key`, 32 bytes each. VaultError."""
        try:
            pairs = [pair.split(":", 1) for pair in keys.split(",")]
            known = {name.strip(): base64.b64decode(key, validate=True) for name, key in pairs}
        except (ValueError, binascii.Error):
            raise VaultError("XIAOHE_VAULT_KEYS must be id:base64key,…") from None
        if not all(name and len(key) == KEY_BYTES for name, key in known.items()):
            raise VaultError(f"a key of XIAOHE_VAULT_KEYS needs a name and {KEY_BYTES} bytes")
        return cls(known)

    def encrypt(self, plain: str, context: str) -> str:
        """`id:base64`; it opens in this context only."""
        name, key = next(iter(self._keys.items()))
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, plain.encode(), context.encode())
        return f"{name}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, sealed: str, context: str) -> str:
        """The plain text; VaultError."""
        name, _, encoded = sealed.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
            plain = AESGCM(self._keys[name]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except (KeyError, ValueError, binascii.Error, InvalidTag):
            raise VaultError(f"cannot be opened (key {name!r}, context {context.partition(':')[0]!r})") from None
        return plain.decode()

    def digest(self, value: str) -> str:
        """A keyed hash to search by (64 hex digits)."""
        return hmac.new(next(iter(self._keys.values())), value.encode(), hashlib.sha256).hexdigest()
