"""Verifies and decrypts WeChat's calls and encrypts answers, by the mode set in WeChat's console."""

from collections.abc import Mapping

from connectors.tencent.crypto import MessageCrypto
from connectors.tencent.fields import read_fields
from connectors.tencent.signature import sign
from connectors.tencent.signed_calls import SignedCalls
from connectors.wechat.settings import WeChatSettings
from kit.clock import Clock
from kit.errors import RequestError
from kit.security import make_token


class Envelope:
    """Opens and seals messages; a call that is not proven to be WeChat's is refused with RequestError 403."""

    def __init__(self, settings: WeChatSettings, clock: Clock) -> None:
        self._token = settings.token.get_secret_value()
        self._crypto = (
            None if settings.mode == "plain" else MessageCrypto(settings.app_id, settings.aes_key.get_secret_value())
        )
        self._calls = SignedCalls(self._token, clock)
        self._clock = clock

    def check_signature(self, query: Mapping[str, str]) -> None:
        """Checks time and `signature`, which covers the time and the nonce but no body."""
        self._calls.require_signed(query, "signature")

    def open(self, query: Mapping[str, str], body: bytes) -> bytes:
        """The message's XML; ParseError if there is none."""
        if self._crypto is None:
            self.check_signature(query)
            self._calls.require_new(query, body)
            return body
        # In compatible mode the plain text is beside it, without proof.
        encrypted = read_fields(body).get("Encrypt", "")
        if query.get("encrypt_type") != "aes" or not encrypted:
            raise RequestError(403, "not_encrypted", "messages are taken encrypted only")
        return self._calls.open(query, encrypted, self._crypto)

    def seal(self, xml: str) -> str:
        """An answer as WeChat wants it in this mode."""
        if self._crypto is None:
            return xml
        encrypted, nonce = self._crypto.encrypt(xml), make_token()[:16]
        timestamp = str(int(self._clock().timestamp()))
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )
