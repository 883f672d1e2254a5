"""One contract for all who call Tencent: WeChat and WeCom."""

import asyncio
import traceback
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx
import pytest
from pydantic import SecretStr

from connectors.wechat.api import WeChatApi
from connectors.wechat.errcodes import WECHAT
from connectors.wechat.settings import WeChatSettings
from desk.notifications.errcodes import WECOM
from desk.notifications.settings import WeComSettings
from desk.notifications.wecom import WeCom
from kit.errcodes import Platform
from kit.outbox import SendError
from tests.desk.notifications.people import make_staff
from tests.fakes import FixedClock
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wecom import WeComPlatform
from tests.waiting import WAIT_SECONDS

MALFORMED = ["[]", "null", '"ok"', "1", '{"errcode": "0"}', '{"errcode": null}', "[" * 100_000, ""]
Fault = Literal["hang", "500", "garbage", "lost"]


class Caller(ABC):
    """One who sends messages through the client, to a platform of ours or to another transport."""

    platform: WeChatPlatform | WeComPlatform
    codes: Platform

    @abstractmethod
    async def call(self, words: str) -> None:
        """Sends, or raises the caller's own error."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    def count_shown(self) -> int:
        """How much arrived."""

    async def send(self, words: str = "您好") -> SendError | None:
        """What went wrong."""
        try:
            await self.call(words)
        except SendError as error:
            return error
        return None


class WeChatCaller(Caller):
    codes = WECHAT

    def __init__(self, clock: FixedClock, **changes: Any) -> None:
        self.platform = platform = WeChatPlatform(clock=clock)
        platform.followers["farmer"] = True
        self._api = WeChatApi(
            WeChatSettings(**platform.settings(changes.pop("url", "http://wechat"))),
            clock=clock,
            **{"transport": platform.transport} | changes,
        )

    async def call(self, words: str) -> None:
        await self._api.send_text("farmer", words)

    async def close(self) -> None:
        await self._api.close()

    def count_shown(self) -> int:
        return len(self.platform.seen["farmer"])


class WeComCaller(Caller):
    codes = WECOM

    def __init__(self, clock: FixedClock, **changes: Any) -> None:
        self.platform = platform = WeComPlatform(clock=clock)
        self._wecom = WeCom(
            WeComSettings(
                corp_id=platform.corp_id,
                agent_id=platform.agent_id,
                secret=SecretStr(platform.secret),
                api_url=changes.pop("url", "https://wecom"),
            ),
            clock=clock,
            **{"transport": platform.transport} | changes,
        )

    async def call(self, words: str) -> None:
        await self._wecom.send(make_staff(wecom_id="zhangmin"), words, "https://desk.bank.example", words)

    async def close(self) -> None:
        await self._wecom.close()

    def count_shown(self) -> int:
        return len(self.platform.seen["zhangmin"])


def is_permanent(error: SendError | None) -> bool:
    assert error, "it was sent"
    return error.kind == "permanent"


def read_reason(error: SendError | None) -> str:
    assert error, "it was sent"
    return error.reason


class TencentContract(ABC):
    """What both callers promise."""

    make_caller: type[Any]

    @pytest.fixture
    async def caller(self, clock: FixedClock) -> AsyncIterator[Caller]:
        opened = self.make_caller(clock)
        yield opened
        await opened.close()

    @pytest.fixture
    async def hasty(self, clock: FixedClock) -> AsyncIterator[Caller]:
        """One that does not wait long."""
        opened = self.make_caller(clock, call_seconds=0.05)
        yield opened
        await opened.close()

    async def test_those_who_send_at_the_same_time_share_one_token(self, caller: Caller) -> None:
        assert await asyncio.gather(*(caller.send(f"{number}") for number in range(10))) == [None] * 10
        assert caller.platform.calls == {"token": 1, "send": 10}
        assert caller.count_shown() == 10

    async def test_a_token_is_fetched_anew_five_minutes_before_its_end(self, caller: Caller, clock: FixedClock) -> None:
        for minutes, tokens in [(0, 1), (114, 1), (1, 2)]:
            clock.move(minutes=minutes)
            assert await caller.send(f"{minutes}") is None
            async with asyncio.timeout(WAIT_SECONDS):
                while len(caller.platform.access_tokens) < tokens:  # noqa: ASYNC110 (the platform knows no event)
                    await asyncio.sleep(0.01)
            assert len(caller.platform.access_tokens) == tokens

    async def test_a_token_that_is_still_good_serves_while_no_new_one_can_be_had(
        self, hasty: Caller, clock: FixedClock
    ) -> None:
        assert await hasty.send() is None
        hasty.platform.fail("token", "hang", 2)
        clock.move(minutes=116)
        assert await asyncio.gather(*(hasty.send(f"{number}") for number in range(5))) == [None] * 5
        assert hasty.platform.calls["token"] == 2

    async def test_those_who_wait_for_a_token_fail_together_and_nothing_was_sent(self, hasty: Caller) -> None:
        hasty.platform.fail("token", "hang", 2)
        failed = await asyncio.gather(*(hasty.send(f"{number}") for number in range(10)))
        assert {(error.kind, error.maybe_delivered) for error in failed if error} == {("retry", False)}
        assert hasty.platform.calls == {"token": 1}
        assert len(failed) == 10

    async def test_a_bad_token_is_replaced_once_however_many_find_out(self, caller: Caller) -> None:
        assert await caller.send() is None
        caller.platform.end_access_tokens()
        assert await asyncio.gather(*(caller.send(f"{number}") for number in range(5))) == [None] * 5
        assert caller.platform.calls["token"] == 2

    @pytest.mark.parametrize("errcode", [40014, 41001, 42001])
    async def test_a_bad_token_is_replaced_and_two_mean_another_try_later(self, caller: Caller, errcode: int) -> None:
        caller.platform.fail("send", errcode)
        assert await caller.send("一") is None
        assert caller.platform.calls == {"token": 2, "send": 2}
        caller.platform.fail("send", errcode, times=2)
        assert not is_permanent(await caller.send("二"))
        assert caller.platform.calls == {"token": 3, "send": 4}

    @pytest.mark.parametrize("errcode", [-1, 45009, 48002, 99999])
    async def test_what_is_not_the_tokens_fault_is_not_repeated(self, caller: Caller, errcode: int) -> None:
        caller.platform.fail("send", errcode)
        assert await caller.send()
        assert caller.platform.calls == {"token": 1, "send": 1}

    @pytest.mark.parametrize("errcode", [40001, 40014, 42001])
    async def test_a_refused_secret_waits_for_the_operator(self, caller: Caller, errcode: int) -> None:
        caller.platform.fail("token", errcode)
        error = await caller.send()
        assert "Secret" in read_reason(error)
        assert not is_permanent(error)
        assert caller.platform.calls == {"token": 1}

    async def test_an_unknown_code_is_permanent_and_is_named(self, caller: Caller) -> None:
        caller.platform.fail("send", 99999)
        error = await caller.send()
        assert is_permanent(error)
        assert "99999" in read_reason(error)

    def test_every_code_has_a_short_chinese_reason(self) -> None:
        for meaning in self.make_caller.codes.errcodes.values():
            assert 4 <= len(meaning.reason) <= 40
            assert not meaning.reason.isascii()

    @pytest.mark.parametrize("fault", ["hang", "500", "garbage", "lost"])
    @pytest.mark.parametrize("call", ["token", "send"])
    async def test_no_clear_answer_means_another_try_and_tells_no_secret(
        self, hasty: Caller, call: Literal["token", "send"], fault: Fault
    ) -> None:
        hasty.platform.fail(call, fault)
        error = await hasty.send()
        assert error
        assert not is_permanent(error)
        # Neither said nor carried along by an error before it, which a log would print as well.
        assert (error.__cause__, error.__context__) == (None, None)
        assert not any(secret in "".join(traceback.format_exception(error)) for secret in hasty.platform.list_secrets())
        # Only a message that the platform had may have arrived.
        is_unsure = call == "send" and fault in ("hang", "lost")
        assert ("可能已送达" in read_reason(error)) == is_unsure
        assert error.maybe_delivered == is_unsure

    @pytest.mark.parametrize(
        "answer", [*MALFORMED, "{}", "\ufeff{}", '{"access_token": "a"}'], ids=lambda answer: answer[:20]
    )
    async def test_a_token_in_another_shape_is_not_understood(self, clock: FixedClock, answer: str) -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer.encode()))
        caller = self.make_caller(clock, transport=transport)
        error = await caller.send()
        await caller.close()
        assert read_reason(error) == self.make_caller.codes.not_understood.reason

    @pytest.mark.parametrize("answer", MALFORMED, ids=lambda answer: answer[:20])
    async def test_a_confirmation_in_another_shape_is_not_understood(self, clock: FixedClock, answer: str) -> None:
        def respond(request: httpx.Request) -> httpx.Response:
            good = '{"access_token": "a", "expires_in": 7200}'
            return httpx.Response(200, content=(answer if "send" in request.url.path else good).encode())

        caller = self.make_caller(clock, transport=httpx.MockTransport(respond))
        error = await caller.send()
        await caller.close()
        assert read_reason(error) == self.make_caller.codes.not_understood.reason

    async def test_an_unreachable_platform_means_another_try(self, clock: FixedClock) -> None:
        caller = self.make_caller(clock, url="http://127.0.0.1:9", transport=None)
        error = await caller.send()
        await caller.close()
        assert read_reason(error) == self.make_caller.codes.no_answer.reason
        assert not is_permanent(error)


class TestWeChat(TencentContract):
    make_caller = WeChatCaller


class TestWeCom(TencentContract):
    make_caller = WeComCaller
