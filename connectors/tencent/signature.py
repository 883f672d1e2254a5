"""Verifies that a call comes from WeChat or WeCom: signature, age, and that its nonce was not reused."""

import hashlib
import re
from collections import OrderedDict
from datetime import datetime

from kit.security import is_same_secret

WINDOW_SECONDS = 300
NONCES_MAX = 10_000  # minutes of calls; some 3 MB
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def sign(token: str, *parts: str) -> str:
    """Their signature: the SHA-1 of the sorted parts, the token among them (40 hex digits)."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode()).hexdigest()  # noqa: S324 (Tencent's choice)


def is_signed(signature: str, token: str, *parts: str) -> bool:
    """Whether the signature is that of the parts; an empty token signs nothing."""
    return bool(token) and is_same_secret(signature, sign(token, *parts))


def is_recent(timestamp: str, now: datetime) -> bool:
    """Whether a call's time, in seconds since 1970, is within 300 s of now."""
    return bool(_TIMESTAMP.fullmatch(timestamp)) and abs(now.timestamp() - int(timestamp)) <= WINDOW_SECONDS


class NonceCache:
    """Calls by nonce, in this process, so that a leaked URL cannot be used for another message."""

    def __init__(self, nonces_max: int = NONCES_MAX) -> None:
        self._nonces_max = nonces_max
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def accept(self, timestamp: str, nonce: str, content: bytes) -> bool:
        """Whether the nonce is new or the call is a repeat: a slow call is repeated with the same nonce."""
        digest = hashlib.sha256(content).digest()
        if self._seen.setdefault((timestamp, nonce), digest) != digest:
            return False
        if len(self._seen) > self._nonces_max:
            self._seen.popitem(last=False)
        return True
