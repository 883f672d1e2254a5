"""The vault: encrypts personal data, and hashes them by a key so that they can be searched for."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CipherName = Literal["aes-256-gcm", "sm4-gcm"]

PREFIX = "encrypted:"
NONCE_BYTES = 12
TAG_BYTES = 16


class VaultError(Exception):
    """An encrypted value was changed, stands where it does not belong, or needs a key that is not here."""


class Aead(NamedTuple):
    """Authenticated encryption: (nonce, data, associated data) to the ciphertext with its tag, and back.

    `decrypt` raises InvalidTag.
    """

    encrypt: Callable[[bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes], bytes]


class Vault:
    """Encrypts text by the first of its secrets, and decrypts what any of them encrypted."""

    def __init__(self, secrets: Sequence[str], hash_key: str, cipher: CipherName = "aes-256-gcm") -> None:
        """A secret is any unguessable text; the cipher's key is derived from it. ValueError without one."""
        if not (secrets and all(secrets) and hash_key):
            raise ValueError("the vault needs a key (XIAOHE_VAULT_KEYS) and a key to hash by (XIAOHE_VAULT_HASH_KEY)")
        self._keys = {name_key(secret, each): open_key(secret, each) for each in CIPHERS for secret in secrets}
        self._current = name_key(secrets[0], cipher)
        self._hash_key = _derive(hash_key, b"hash", 32)

    def encrypt(self, text: str, context: str) -> str:
        """The text encrypted, for this context only: what it is and where it stands."""
        nonce = os.urandom(NONCE_BYTES)
        encrypted = self._keys[self._current].encrypt(nonce, text.encode(), context.encode())
        return f"{self.prefix}{base64.urlsafe_b64encode(nonce + encrypted).decode()}"

    def decrypt(self, encrypted: str, context: str) -> str:
        """The text that was encrypted for this context; raises VaultError."""
        try:
            prefix, name, encoded = encrypted.split(":", 2)
            content = base64.b64decode(encoded, altchars=b"-_", validate=True)
            key = self._keys[name] if f"{prefix}:" == PREFIX else None
            if key is None:
                raise VaultError("no encrypted value")
            return key.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], context.encode()).decode()
        except KeyError:
            raise VaultError("encrypted by a key that is not among XIAOHE_VAULT_KEYS") from None
        except (ValueError, InvalidTag):
            raise VaultError("no encrypted value, or one of another context") from None

    def encrypt_bytes(self, content: bytes, context: str) -> bytes:
        """As `encrypt`, for what is no text: a third smaller than as text."""
        nonce = os.urandom(NONCE_BYTES)
        encrypted = self._keys[self._current].encrypt(nonce, content, context.encode())
        return b"".join((self.prefix.encode(), nonce, encrypted))

    def decrypt_bytes(self, encrypted: bytes, context: str) -> bytes:
        """What was encrypted for this context; raises VaultError."""
        prefix, _, rest = encrypted.partition(b":")
        name, separator, content = rest.partition(b":")
        if prefix + b":" != PREFIX.encode() or not separator:
            raise VaultError("no encrypted value")
        key = self._keys.get(name.decode(errors="replace"))
        if key is None:
            raise VaultError("encrypted by a key that is not among XIAOHE_VAULT_KEYS")
        try:
            return key.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], context.encode())
        except (ValueError, InvalidTag):
            raise VaultError("no encrypted value, or one of another context") from None

    @property
    def prefix(self) -> str:
        """How every value begins that is encrypted by the first secret and the cipher that is set."""
        return f"{PREFIX}{self._current}:"

    def digest(self, value: str) -> str:
        """A hash by the key: the same value has the same one, and nobody without the key can try values (64 digits)."""
        return hmac.new(self._hash_key, value.encode(), hashlib.sha256).hexdigest()


def open_key(secret: str, cipher: CipherName) -> Aead:
    """The cipher with the key derived from a secret."""
    return CIPHERS[cipher](_derive(secret, cipher.encode(), 32))


@lru_cache
def name_key(secret: str, cipher: CipherName) -> str:
    """What an encrypted value says of its key: nothing can be learned from it (8 hex digits)."""
    return _derive(secret, f"name of {cipher}".encode(), 4).hex()


def make_aes(key: bytes) -> Aead:
    """AES-256-GCM."""
    cipher = AESGCM(key)
    return Aead(cipher.encrypt, cipher.decrypt)


def make_sm4(key: bytes) -> Aead:
    """SM4-GCM (GB/T 32907, RFC 8998), for banks that have to use it; its key is 16 bytes."""
    cipher = algorithms.SM4(key[:16])

    def encrypt(nonce: bytes, data: bytes, context: bytes) -> bytes:
        encryptor = Cipher(cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(nonce: bytes, data: bytes, context: bytes) -> bytes:
        decryptor = Cipher(cipher, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(context)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()

    return Aead(encrypt, decrypt)


CIPHERS: dict[CipherName, Callable[[bytes], Aead]] = {"aes-256-gcm": make_aes, "sm4-gcm": make_sm4}


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=b"xiaohe vault: " + purpose).derive(secret.encode())
