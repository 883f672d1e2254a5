"""WeChat's API through the client: what is asked of it, and what becomes of every way it can fail."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from connectors.sender import Fate
from connectors.wechat import api as api_module
from connectors.wechat.api import WeChatApi
from connectors.wechat.errcodes import MEANINGS, PlatformError, explain
from connectors.wechat.render import ChoiceMenu
from kit.settings import Settings
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault, Said

MENU = ChoiceMenu("您想办哪一件？", (("token-1", "测额度"), ("token-2", "转人工")))


@pytest.fixture
async def api(platform: WeChatPlatform, settings: Settings) -> AsyncIterator[WeChatApi]:
    opened = WeChatApi(settings, platform.transport)
    platform.followers["farmer"] = True
    yield opened
    await opened.close()


async def test_the_stable_token_is_the_same_for_whoever_asks(api: WeChatApi, platform: WeChatPlatform) -> None:
    first, second = await api.fetch_token(), await api.fetch_token()
    assert first == second
    assert first.seconds == 7200
    assert list(platform.access_tokens) == [first.token]


async def test_texts_and_menus_reach_the_customer(api: WeChatApi, platform: WeChatPlatform) -> None:
    token = (await api.fetch_token()).token
    await api.send_text(token, "farmer", "您好👍")
    await api.send_menu(token, "farmer", MENU)
    assert platform.seen["farmer"] == [
        Said("pushed", "您好👍"),
        Said("pushed", f"您想办哪一件？\n{MENU.tail}", MENU.choices),
    ]


async def test_a_qr_code_names_its_scene(api: WeChatApi, platform: WeChatPlatform) -> None:
    ticket = await api.create_qrcode((await api.fetch_token()).token, "village:青山镇")
    assert platform.scenes == {ticket: "village:青山镇"}


# Every code the notes name, whatever the table says of it.
FATES: dict[int, Fate] = {
    -1: "retry",
    40001: "retry",
    40014: "retry",
    42001: "retry",
    45009: "retry",
    45011: "retry",
    45015: "hold",
    45047: "hold",
    45002: "fail",
    48001: "fail",
    48002: "fail",
    48004: "fail",
    40164: "retry",
    40013: "retry",
    40125: "retry",
    40003: "fail",
    43004: "fail",
    40200: "fail",
    99999: "fail",
}


@pytest.mark.parametrize(("errcode", "fate"), FATES.items())
async def test_every_error_code_has_its_fate_and_a_reason_for_the_staff(
    api: WeChatApi, platform: WeChatPlatform, errcode: int, fate: Fate
) -> None:
    token = (await api.fetch_token()).token
    platform.fail("send", errcode)
    with pytest.raises(PlatformError) as raised:
        await api.send_text(token, "farmer", "您好")
    assert raised.value.errcode == errcode
    assert raised.value.fate == fate
    assert 4 <= len(raised.value.meaning.reason) <= 40
    assert not raised.value.meaning.reason.isascii()


def test_call_limits_are_waited_for() -> None:
    assert explain(45009).retry_after >= 3600
    assert explain(45011).retry_after >= 60
    assert explain(-1).retry_after == 0


def test_no_meaning_is_left_without_a_reason() -> None:
    assert all(meaning.reason for meaning in MEANINGS.values())


async def test_a_wrong_secret_is_no_bad_token(api: WeChatApi, platform: WeChatPlatform) -> None:
    platform.fail("token", 40001)
    with pytest.raises(PlatformError) as raised:
        await api.fetch_token()
    assert (raised.value.fate, raised.value.meaning.retry_after) == ("retry", 600)
    assert "AppSecret" in raised.value.meaning.reason


@pytest.mark.parametrize("fault", ["hang", "500", "garbage", "lost"])
@pytest.mark.parametrize("call", ["token", "send", "menu", "qrcode"])
async def test_no_clear_answer_means_another_try_and_tells_no_secret(
    api: WeChatApi,
    platform: WeChatPlatform,
    call: str,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_module, "CALL_SECONDS", 0.05)
    token = (await api.fetch_token()).token
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "token": api.fetch_token,
        "send": lambda: api.send_text(token, "farmer", "您好"),
        "menu": lambda: api.create_menu(token, {"button": [{"type": "click", "name": "a", "key": "a"}]}),
        "qrcode": lambda: api.create_qrcode(token, "village:a"),
    }
    platform.fail(call, fault)
    with pytest.raises(PlatformError) as raised:
        await calls[call]()
    error = raised.value
    assert error.fate == "retry"
    # Neither said nor carried along by an error before it, which a log would print as well.
    assert error.__cause__ is None
    assert error.__context__ is None
    assert not any(secret in f"{error!r}" for secret in platform.list_secrets())


@pytest.mark.parametrize(
    "answer",
    ["[]", "null", '"ok"', "1", '{"errcode": "0"}', '{"errcode": null}', "[" * 100_000, "", "\ufeff{}", "{}"],
    ids=lambda answer: answer[:20],
)
async def test_a_token_in_another_shape_is_not_understood(settings: Settings, answer: str) -> None:
    api = WeChatApi(settings, httpx.MockTransport(lambda request: httpx.Response(200, content=answer.encode())))
    with pytest.raises(PlatformError) as raised:
        await api.fetch_token()
    await api.close()
    assert raised.value.fate == "retry"


async def test_an_unreachable_platform_means_another_try(settings: Settings) -> None:
    nowhere = WeChatApi(settings.model_copy(update={"wechat_api_url": "http://127.0.0.1:9"}))
    with pytest.raises(PlatformError) as raised:
        await nowhere.send_text("secret-token", "farmer", "您好")
    await nowhere.close()
    assert raised.value.fate == "retry"
