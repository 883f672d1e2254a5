"""WeChat's API through the client: what is asked of it, and what becomes of every way it can fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from connectors.tencent.render import ChoiceMenu
from connectors.wechat.api import WeChatApi
from connectors.wechat.errcodes import WECHAT
from connectors.wechat.settings import WeChatSettings
from kit.tencent import SizeError, TencentError
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault, Said

MENU = ChoiceMenu("您想办哪一件？", (("token-1", "测额度"), ("token-2", "转人工")))


@pytest.fixture
async def api(platform: WeChatPlatform, settings: WeChatSettings) -> AsyncIterator[WeChatApi]:
    opened = WeChatApi(settings, transport=platform.transport)
    platform.followers["farmer"] = True
    yield opened
    await opened.close()


async def test_the_stable_token_is_the_same_for_whoever_asks(api: WeChatApi, platform: WeChatPlatform) -> None:
    first, second = await api.fetch_token(), await api.fetch_token()
    assert first == second
    assert first.seconds == 7200
    assert list(platform.access_tokens) == [first.token]


async def test_processes_agree_on_a_token_also_when_it_ends(
    api: WeChatApi, settings: WeChatSettings, platform: WeChatPlatform
) -> None:
    other = WeChatApi(settings, transport=platform.transport)
    for number in (1, 2):
        await asyncio.gather(*(process.send_text("farmer", "您好") for process in (api, other) * 5))
        assert len(platform.access_tokens) == number
        platform.end_access_tokens()
    await other.close()


async def test_texts_and_menus_reach_the_customer(api: WeChatApi, platform: WeChatPlatform) -> None:
    await api.send_text("farmer", "您好👍")
    await api.send_menu("farmer", MENU)
    assert platform.seen["farmer"] == [
        Said("pushed", "您好👍"),
        Said("pushed", f"您想办哪一件？\n{MENU.tail}", MENU.choices),
    ]


async def test_a_qr_code_names_its_scene(api: WeChatApi, platform: WeChatPlatform) -> None:
    ticket = await api.create_qrcode("village:青山镇")
    assert platform.scenes == {ticket: "village:青山镇"}


# Every code the notes name, whatever the table says of it.
KINDS: dict[int, str] = {
    -1: "retry",
    40001: "retry",
    40014: "retry",
    42001: "retry",
    45009: "retry",
    45011: "retry",
    45015: "defer",
    45047: "defer",
    45002: "permanent",
    48001: "permanent",
    48002: "permanent",
    48004: "permanent",
    40164: "retry",
    40013: "retry",
    40125: "retry",
    40003: "permanent",
    43004: "permanent",
    40200: "permanent",
    99999: "permanent",
}


@pytest.mark.parametrize(("errcode", "kind"), KINDS.items())
async def test_every_error_code_has_its_kind_and_a_reason_for_the_staff(
    api: WeChatApi, platform: WeChatPlatform, errcode: int, kind: str
) -> None:
    platform.fail("send", errcode, times=2)
    with pytest.raises(TencentError) as raised:
        await api.send_text("farmer", "您好")
    assert raised.value.errcode == errcode
    assert raised.value.kind == kind
    assert 4 <= len(raised.value.meaning.reason) <= 40
    assert not raised.value.meaning.reason.isascii()


def test_call_limits_are_waited_for() -> None:
    assert WECHAT.explain(45009).retry_after_seconds >= 3600
    assert WECHAT.explain(45011).retry_after_seconds >= 60
    assert WECHAT.explain(-1).retry_after_seconds == 0


@pytest.mark.parametrize("fault", ["hang", "500", "garbage", "lost"])
@pytest.mark.parametrize("call", ["menu", "qrcode"])
async def test_no_clear_answer_means_another_try(
    settings: WeChatSettings, platform: WeChatPlatform, call: str, fault: Fault
) -> None:
    api = WeChatApi(settings, call_seconds=0.05, transport=platform.transport)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "menu": lambda: api.create_menu({"button": [{"type": "click", "name": "a", "key": "a"}]}),
        "qrcode": lambda: api.create_qrcode("village:a"),
    }
    platform.fail(call, fault)
    with pytest.raises(TencentError) as raised:
        await calls[call]()
    await api.close()
    assert raised.value.kind == "retry"


async def test_a_code_without_a_ticket_is_not_understood(settings: WeChatSettings) -> None:
    answer = {"errcode": 0, "access_token": "a", "expires_in": 7200}
    api = WeChatApi(settings, transport=httpx.MockTransport(lambda request: httpx.Response(200, json=answer)))
    with pytest.raises(TencentError) as raised:
        await api.create_qrcode("village:a")
    await api.close()
    assert raised.value.meaning == WECHAT.not_understood


class TestMedia:
    """WeChat gives a file as it is, and an error as JSON, both with status 200."""

    CONTENT = bytes(range(256)) * 40

    async def test_a_file_comes_as_it_is(self, api: WeChatApi, platform: WeChatPlatform) -> None:
        platform.media["media-1"] = self.CONTENT
        assert await api.fetch_media("media-1", 20_000) == self.CONTENT
        assert platform.calls["media"] == 1

    async def test_a_bad_token_is_changed_once(self, api: WeChatApi, platform: WeChatPlatform) -> None:
        platform.media["media-1"] = self.CONTENT
        await api.fetch_media("media-1", 20_000)
        platform.end_access_tokens()
        assert await api.fetch_media("media-1", 20_000) == self.CONTENT
        assert platform.calls["media"] == 3

    @pytest.mark.parametrize(
        ("fault", "errcode", "kind"),
        [
            (40007, 40007, "permanent"),
            (45009, 45009, "retry"),
            (-1, -1, "retry"),
            (40164, 40164, "retry"),
            ("500", None, "retry"),
            ("garbage", None, "retry"),
        ],
    )
    async def test_an_error_is_no_file(
        self, api: WeChatApi, platform: WeChatPlatform, fault: Fault, errcode: int | None, kind: str
    ) -> None:
        platform.media["media-1"] = self.CONTENT
        platform.fail("media", fault)
        with pytest.raises(TencentError) as failed:
            await api.fetch_media("media-1", 20_000)
        assert (failed.value.errcode, failed.value.kind) == (errcode, kind)
        assert "access-" not in str(failed.value)
        assert failed.value.__cause__ is failed.value.__context__ is None

    async def test_a_file_that_is_gone(self, api: WeChatApi) -> None:
        with pytest.raises(TencentError, match="40007"):
            await api.fetch_media("media-0", 20_000)

    async def test_a_file_is_read_no_further_than_it_may_be(self, api: WeChatApi, platform: WeChatPlatform) -> None:
        platform.media["media-1"] = self.CONTENT
        with pytest.raises(SizeError):
            await api.fetch_media("media-1", 10_000)
