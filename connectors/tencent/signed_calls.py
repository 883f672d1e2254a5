"""Verifies and opens the calls of one account's platform."""

from collections.abc import Mapping

from connectors.tencent.crypto import MessageCrypto
from connectors.tencent.signature import NonceCache, is_recent, is_signed
from kit.clock import Clock
from kit.errors import RequestError


class SignedCalls:
    """Calls with a timestamp, a nonce and a signature; one that is not proven is refused with RequestError 403."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._token = token
        self._clock = clock
        self._nonces = NonceCache()

    def open(self, query: Mapping[str, str], encrypted: str, crypto: MessageCrypto) -> bytes:
        """What `encrypted` holds, proven by `msg_signature`; raises tencent.fields.ParseError if it cannot be read."""
        self.require_signed(query, "msg_signature", encrypted)
        content = crypto.decrypt(encrypted)
        self.require_new(query, content)
        return content

    def require_signed(self, query: Mapping[str, str], field: str, *content: str) -> None:
        """The call's time is now, and the field is the signature of time, nonce and content."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not is_recent(timestamp, self._clock()):
            raise RequestError(403, "not_recent", "the call's time is not now")
        if not is_signed(query.get(field, ""), self._token, timestamp, nonce, *content):
            raise RequestError(403, "wrong_signature", "the signature is wrong")

    def require_new(self, query: Mapping[str, str], content: bytes) -> None:
        """The nonce was not used for another content."""
        if not self._nonces.accept(query.get("timestamp", ""), query.get("nonce", ""), content):
            raise RequestError(403, "nonce_used", "another message came with this nonce")
