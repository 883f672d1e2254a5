"""Which calls are taken as WeChat's, mode by mode."""

import pytest

from connectors.wechat.envelope import Envelope
from connectors.wechat.settings import WeChatSettings
from kit.errors import RequestError
from tests.fakes import FixedClock
from tests.platforms.wechat import Mode, WeChatPlatform

MODES: tuple[Mode, ...] = ("safe", "compatible", "plain")


@pytest.fixture(params=MODES)
def platform(request: pytest.FixtureRequest, clock: FixedClock) -> WeChatPlatform:
    return WeChatPlatform(mode=request.param, clock=clock)


@pytest.fixture
def envelope(settings: WeChatSettings, clock: FixedClock) -> Envelope:
    return Envelope(settings, clock)


def find_status(envelope: Envelope, query: dict[str, str], body: bytes) -> int:
    with pytest.raises(RequestError) as raised:
        envelope.open(query, body)
    return raised.value.status


def test_a_call_of_wechat_is_opened_and_opened_again(platform: WeChatPlatform, envelope: Envelope) -> None:
    query, body = platform.pack_xml("<xml><Content>你好</Content></xml>")
    for _ in range(3):
        assert envelope.open(query, body) == "<xml><Content>你好</Content></xml>".encode()


def test_wechat_reads_what_is_sealed(platform: WeChatPlatform, envelope: Envelope) -> None:
    xml = f"<xml><FromUserName>{platform.account}</FromUserName><MsgType>text</MsgType><Content>好</Content></xml>"
    said = platform.read_answer(envelope.seal(xml))
    assert said != "success"
    assert said.text == "好"


@pytest.mark.parametrize("name", ["signature", "msg_signature", "timestamp", "nonce", "encrypt_type"])
@pytest.mark.parametrize("value", [None, "", "x", "0", "签名"])
def test_a_call_is_refused_without_exactly_what_proves_it(
    platform: WeChatPlatform, envelope: Envelope, name: str, value: str | None
) -> None:
    query, body = platform.pack_xml("<xml/>")
    proofs = {"signature", "timestamp", "nonce"} if platform.mode == "plain" else set(query) - {"signature", "openid"}
    query.pop(name, None)
    if value is not None:
        query[name] = value
    if name in proofs:
        assert find_status(envelope, query, body) == 403
    else:  # it proves nothing in this mode, so nothing hangs on it
        assert envelope.open(query, body)


@pytest.mark.parametrize("seconds", [301, -301])
def test_an_old_call_is_refused(
    platform: WeChatPlatform, envelope: Envelope, clock: FixedClock, seconds: float
) -> None:
    query, body = platform.pack_xml("<xml/>")
    clock.move(seconds=seconds)
    assert find_status(envelope, query, body) == 403


def test_a_changed_body_is_refused(platform: WeChatPlatform, envelope: Envelope) -> None:
    query, body = platform.pack_xml("<xml><Content>1</Content></xml>")
    envelope.open(query, body)
    changed = platform.pack_xml("<xml><Content>2</Content></xml>")[1]
    assert find_status(envelope, query, changed) == 403


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_plain_text_is_not_taken_where_encryption_is_set(mode: Mode, clock: FixedClock) -> None:
    query, body = WeChatPlatform(mode="plain", clock=clock).pack_xml("<xml><Content>forged</Content></xml>")
    envelope = Envelope(WeChatSettings(**WeChatPlatform(mode=mode).settings()), clock)
    assert find_status(envelope, query, body) == 403
    assert find_status(envelope, query | {"encrypt_type": "aes", "msg_signature": query["signature"]}, body) == 403


def test_in_compatible_mode_only_the_encrypted_message_counts(clock: FixedClock) -> None:
    platform = WeChatPlatform(mode="compatible", clock=clock)
    query, body = platform.pack_xml("<xml><Content>real</Content></xml>")
    assert b"real" in body
    opened = Envelope(WeChatSettings(**platform.settings()), clock).open(query, body.replace(b"real", b"forged"))
    assert opened == b"<xml><Content>real</Content></xml>"


def test_a_well_signed_message_for_another_account_is_refused_as_malformed(clock: FixedClock) -> None:
    query, body = WeChatPlatform(app_id="wx-another-account", clock=clock).pack_xml("<xml/>")
    assert find_status(Envelope(WeChatSettings(**WeChatPlatform().settings()), clock), query, body) == 400
