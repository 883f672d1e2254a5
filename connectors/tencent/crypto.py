"""The AES encryption of messages by WeChat and WeCom, through wechatpy's primitives."""

import base64
import secrets
import struct

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from connectors.tencent.fields import ParseError


class _Crypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    def get_random_string(self) -> str:
        return secrets.token_hex(8)  # wechatpy's own can be guessed


class MessageCrypto:
    """Encrypts and decrypts for one account: an Official Account by its app id, WeCom's applications by the corp id."""

    def __init__(self, account_id: str, aes_key: str) -> None:
        """Takes the EncodingAESKey of 43 characters; raises ValueError for another, without repeating it."""
        try:
            key = base64.b64decode(f"{aes_key}=", validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ValueError(
                "XIAOHE_WECHAT_AES_KEY or XIAOHE_WECOM_SERVICE_AES_KEY is no EncodingAESKey of 43 letters, digits"
            )
        self._account_id = account_id
        self._key = key

    def decrypt(self, encrypted: str) -> bytes:
        """The XML inside; raises ParseError when it was not encrypted for this account with this key."""
        try:
            xml: str = _Crypto(self._key).decrypt(encrypted, self._account_id)
            return xml.encode()
        # IndexError: nothing inside; struct.error: too little, broken padding; ValueError: no base64, blocks or UTF-8.
        except (IndexError, struct.error, ValueError, InvalidAppIdException):
            raise ParseError("the message cannot be decrypted with this account's key") from None

    def encrypt(self, xml: str) -> str:
        """The encrypted XML, in base64."""
        encrypted: bytes = _Crypto(self._key).encrypt(xml, self._account_id)
        return encrypted.decode()
