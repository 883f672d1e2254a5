"""Verifies and decrypts WeChat's calls and encrypts answers, by the mode set in WeChat's console."""

from collections.abc import Mapping

from connectors.wechat.crypto import MessageCrypto
from connectors.wechat.fields import read_fields
from connectors.wechat.settings import WeChatSettings
from connectors.wechat.signature import NonceCache, is_recent, is_signed, sign
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
        self._clock = clock
        self._nonces = NonceCache()

    def check_signature(self, query: Mapping[str, str]) -> None:
        """Checks time and `signature`, which covers the time and the nonce but no body."""
        timestamp, nonce = self._read_origin(query)
        if not is_signed(query.get("signature", ""), self._token, timestamp, nonce):
            raise RequestError(403, "wrong_signature", "the signature is wrong")

    def open(self, query: Mapping[str, str], body: bytes) -> bytes:
        """The message's XML; ParseError if there is none."""
        if self._crypto is None:
            self.check_signature(query)
            xml = body
        else:
            xml = self._decrypt(self._crypto, query, body)
        timestamp, nonce = self._read_origin(query)
        if not self._nonces.accept(timestamp, nonce, xml):
            raise RequestError(403, "nonce_used", "another message came with this nonce")
        return xml

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

    def _decrypt(self, crypto: MessageCrypto, query: Mapping[str, str], body: bytes) -> bytes:
        timestamp, nonce = self._read_origin(query)
        # In compatible mode the plain text is beside it, without proof.
        encrypted = read_fields(body).get("Encrypt", "")
        if query.get("encrypt_type") != "aes" or not encrypted:
            raise RequestError(403, "not_encrypted", "messages are taken encrypted only")
        if not is_signed(query.get("msg_signature", ""), self._token, timestamp, nonce, encrypted):
            raise RequestError(403, "wrong_signature", "the signature is wrong")
        return crypto.decrypt(encrypted)

    def _read_origin(self, query: Mapping[str, str]) -> tuple[str, str]:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not is_recent(timestamp, self._clock()):
            raise RequestError(403, "not_recent", "the call's time is not now")
        return timestamp, nonce
