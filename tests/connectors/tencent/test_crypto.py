"""Encryption: against an independent implementation, and against whatever else may come."""

import base64
import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tencent.crypto import MessageCrypto
from connectors.tencent.fields import ParseError
from connectors.tencent.signature import sign
from tests.node import require_packages, run_node

APP_ID, KEY = "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = KEY[::-1]
TEXTS = ["<xml>你好👍</xml>", "", "a" * 31, "b" * 32, "长" * 5000, "]]> & <x/>"]


@pytest.fixture(scope="session")
def wecom() -> Path:
    return require_packages("@wecom/crypto@1.0.1")


def ask(wecom: Path, *steps: tuple[str, ...]) -> list[Any]:
    answer: list[Any] = json.loads(run_node(wecom, Path(__file__).with_name("crypto.js"), json.dumps({"steps": steps})))
    return answer


def test_another_implementation_reads_what_we_encrypt(wecom: Path) -> None:
    crypto = MessageCrypto(APP_ID, KEY)
    read = ask(wecom, *(("decrypt", KEY, crypto.encrypt(text)) for text in TEXTS))
    assert [(result["message"], result["id"]) for result in read] == [(text, APP_ID) for text in TEXTS]


def test_we_read_what_another_implementation_encrypts(wecom: Path) -> None:
    crypto = MessageCrypto(APP_ID, KEY)
    encrypted = ask(wecom, *(("encrypt", KEY, text, APP_ID) for text in TEXTS))
    assert [crypto.decrypt(each).decode() for each in encrypted] == TEXTS


def test_another_implementation_signs_alike(wecom: Path) -> None:
    parts = ("Token", "1782900000", "0123456789", "密文==")
    assert ask(wecom, ("getSignature", *parts)) == [sign(*parts)]


def test_what_was_encrypted_for_others_is_refused() -> None:
    encrypted = MessageCrypto(APP_ID, KEY).encrypt("<xml/>")
    for other in (MessageCrypto("wx-another", KEY), MessageCrypto(APP_ID, OTHER_KEY)):
        with pytest.raises(ParseError):
            other.decrypt(encrypted)


@pytest.mark.parametrize("last", [0, 1, 33, 255])
def test_broken_padding_is_refused(last: int) -> None:
    # CBC: a change in the block before the last one changes the padding byte, and only it, in the last.
    content = bytearray(base64.b64decode(MessageCrypto(APP_ID, KEY).encrypt("x" * 40)))
    padding = 32 - (16 + 4 + 40 + len(APP_ID)) % 32
    content[-17] ^= padding ^ last
    with pytest.raises(ParseError):
        MessageCrypto(APP_ID, KEY).decrypt(base64.b64encode(content).decode())


@pytest.mark.parametrize("encrypted", ["", "=", "abc", "????", "密文", "AAAA", "A" * 43, "A" * 64, "A" * 40_000])
def test_what_is_no_encryption_is_refused(encrypted: str) -> None:
    with pytest.raises(ParseError):
        MessageCrypto(APP_ID, KEY).decrypt(encrypted)


@given(st.one_of(st.text(max_size=200), st.binary(max_size=320).map(lambda b: base64.b64encode(b).decode())))
def test_any_text_is_refused(encrypted: str) -> None:
    with pytest.raises(ParseError):
        MessageCrypto(APP_ID, KEY).decrypt(encrypted)


@given(st.text())
def test_what_is_encrypted_is_decrypted(text: str) -> None:
    crypto = MessageCrypto(APP_ID, KEY)
    assert crypto.decrypt(crypto.encrypt(text)).decode() == text


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "!", "密" * 43, string.whitespace])
def test_a_key_that_is_none_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey") as raised:
        MessageCrypto(APP_ID, key)
    assert key not in str(raised.value) or not key
