"""WeCom's calls: against independent implementations of its encryption, and against forged ones."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wecom_service.calls import Arrival, ServiceCalls, read_arrival
from connectors.wecom_service.settings import WeComServiceSettings
from kit.errors import RequestError
from tests.fakes import FixedClock
from tests.node import require_packages, run_node
from tests.platforms.wecom_service import ServicePlatform
from tests.platforms.wecom_service_api import OPEN_KFID

SCRIPT = Path(__file__).parents[1] / "tencent" / "crypto.js"


@pytest.fixture
def platform(clock: FixedClock) -> ServicePlatform:
    return ServicePlatform(clock=clock)


@pytest.fixture
def calls(settings: WeComServiceSettings, clock: FixedClock) -> ServiceCalls:
    return ServiceCalls(settings, clock)


def find_status(calls: ServiceCalls, query: dict[str, str], body: bytes) -> int:
    with pytest.raises(RequestError) as refused:
        calls.open(query, body)
    return refused.value.status


def test_a_call_that_wechatpy_encrypted_is_opened_and_opened_again(
    calls: ServiceCalls, platform: ServicePlatform
) -> None:
    query, body = platform.pack()
    (token,) = platform.callback_tokens
    for _ in range(3):
        assert calls.open(query, body) == Arrival(OPEN_KFID, token)


def test_an_echo_is_opened(calls: ServiceCalls, platform: ServicePlatform) -> None:
    assert calls.open_echo(platform.make_echo("1616140317555161061")) == "1616140317555161061"


def test_a_call_that_another_implementation_encrypted_is_opened(
    calls: ServiceCalls, platform: ServicePlatform, clock: FixedClock
) -> None:
    wecom = require_packages("@wecom/crypto@1.0.1")
    xml = (
        "<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event>"
        f"<Token>ENC</Token><OpenKfId>{OPEN_KFID}</OpenKfId></xml>"
    )

    def ask(*step: str) -> str:
        return str(json.loads(run_node(wecom, SCRIPT, json.dumps({"steps": [step]})))[0])

    encrypted = ask("encrypt", platform.aes_key, xml, platform.corp_id)
    timestamp = str(int(clock().timestamp()))
    signature = ask("getSignature", platform.token, timestamp, "nonce", encrypted)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": "nonce"}
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    assert calls.open(query, body) == Arrival(OPEN_KFID, "ENC")


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", [None, "", "x", "0", "签名"])
def test_a_call_is_refused_without_exactly_what_proves_it(
    calls: ServiceCalls, platform: ServicePlatform, name: str, value: str | None
) -> None:
    query, body = platform.pack()
    query.pop(name)
    assert find_status(calls, query | ({} if value is None else {name: value}), body) == 403


def test_an_old_call_and_one_with_a_used_nonce_are_refused(
    calls: ServiceCalls, platform: ServicePlatform, clock: FixedClock
) -> None:
    query, body = platform.pack()
    calls.open(query, body)
    assert find_status(calls, query, platform.pack()[1]) == 403
    clock.move(seconds=301)
    assert find_status(calls, query, body) == 403


def test_a_call_for_another_corp_is_refused(calls: ServiceCalls, clock: FixedClock) -> None:
    assert find_status(calls, *ServicePlatform(corp_id="ww-another", clock=clock).pack()) == 400


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"<xml><Encrypt>x</Encrypt></xml>", b"<!DOCTYPE x><xml/>", b"{}"])
def test_what_is_no_call_is_refused(calls: ServiceCalls, platform: ServicePlatform, body: bytes) -> None:
    assert find_status(calls, platform.pack()[0], body) in (400, 403)


def write(**fields: str) -> bytes:
    known = {"MsgType": "event", "Event": "kf_msg_or_event", "OpenKfId": OPEN_KFID, "Token": "ENC"} | fields
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in known.items())}</xml>".encode()


def test_other_events_tell_nothing() -> None:
    assert read_arrival(write()) == Arrival(OPEN_KFID, "ENC")
    assert read_arrival(write(Token="")) == Arrival(OPEN_KFID, "")
    for other in (write(Event="enter_agent"), write(MsgType="text")):
        assert read_arrival(other) is None


@pytest.mark.parametrize(
    "fields", [{"OpenKfId": ""}, {"OpenKfId": "a/b"}, {"OpenKfId": "a" * 64}, {"Token": "t" * 129}]
)
def test_a_malformed_event_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(RequestError) as refused:
        read_arrival(write(**fields))
    assert refused.value.status == 400


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_tell_nothing(content: bytes) -> None:
    with suppress(RequestError):  # they may be XML
        assert read_arrival(content) is None
