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
        self._require_recent(query)
        self._require_signed(query, "signature")

    def open(self, query: Mapping[str, str], body: bytes) -> bytes:
        """The message's XML; ParseError if there is none."""
        self._require_recent(query)
        xml = body
        if self._crypto is None:
            self._require_signed(query, "signature")
        else:
            # In compatible mode the plain text is beside it, without proof.
            encrypted = read_fields(body).get("Encrypt", "")
            if query.get("encrypt_type") != "aes" or not encrypted:
                raise RequestError(403, "not_encrypted", "messages are taken encrypted only")
            self._require_signed(query, "msg_signature", encrypted)
            xml = self._crypto.decrypt(encrypted)
        if not self._nonces.accept(query.get("timestamp", ""), query.get("nonce", ""), xml):
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

    def _require_recent(self, query: Mapping[str, str]) -> None:
        if not is_recent(query.get("timestamp", ""), self._clock()):
            raise RequestError(403, "not_recent", "the call's time is not now")

    def _require_signed(self, query: Mapping[str, str], field: str, *content: str) -> None:
        origin = query.get("timestamp", ""), query.get("nonce", "")
        if not is_signed(query.get(field, ""), self._token, *origin, *content):
            raise RequestError(403, "wrong_signature", "the signature is wrong")
