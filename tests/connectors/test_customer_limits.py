"""Attacks on the customers' doors: floods from one address, from many, by one customer, and for humans' time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from connectors.customer_limits import (
    CALLS,
    CALLS_OF_CUSTOMER,
    CODES_OF_ADDRESS,
    CODES_OF_CUSTOMER,
    CODES_OF_DAY,
    DEMO_PER_SECOND,
    HANDOFFS,
    READS,
    STREAMS,
    STREAMS_OF_ADDRESS,
    STREAMS_OF_SESSION,
    CustomerLimits,
)
from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.wording import BUSY, HUMANS_BUSY, TOO_FAST, TOO_MANY_CALLS, TOO_MANY_HANDOFFS, TOO_MANY_REQUESTS
from conversations.schemas import ClaimedMessage, HandoffRequest, HandoffUpdate, MessageView, Reply, TurnOutcome
from kit.clock import read_clock
from kit.errors import RequestError
from kit.limits import MemoryLimiter
from tests.fakes import ScriptedBot, ScriptedEvidence

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
FARM, SHOP, LOOPBACK = "203.0.113.7", "198.51.100.9", "127.0.0.1"
PHONE = "13800001234"


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def make_settings(**more: Any) -> GatewaySettings:
    few = {"messages_per_minute": 3, "address_messages_per_minute": 5, "address_sessions_per_minute": 2}
    return GatewaySettings.model_validate(few | more)


def make_limits(seconds: Seconds, **more: Any) -> CustomerLimits:
    """Of production, where nothing is exempt."""
    settings = make_settings(**more).model_copy(update={"environment": more.get("environment", "production")})
    return CustomerLimits(settings, MemoryLimiter(seconds))


async def count_messages(limits: CustomerLimits, *calls: tuple[str, str, str]) -> list[str]:
    """Ok, or the refusal, of each call (conversation, message id, address)."""
    found = []
    for call in calls:
        try:
            await limits.count_message(*call)
            found.append("ok")
        except RequestError as refusal:
            found.append(refusal.reason if refusal.status == 429 and refusal.retry_after else "wrong")
    return found


@pytest.mark.usefixtures("database_kind")
class TestMessages:
    async def test_by_customer_by_address_and_in_all(self, seconds: Seconds) -> None:
        limits = make_limits(seconds, messages_per_second=2)
        assert await count_messages(limits, *(("zhang", f"m{n}", FARM) for n in range(4))) == ["ok"] * 3 + [TOO_FAST]
        assert await count_messages(limits, *(("li", f"m{n}", FARM) for n in range(3))) == ["ok"] * 2 + [TOO_FAST]
        # Ten in five seconds, in all; what was refused has used nothing up.
        others = [(f"c{n}", "m", f"192.0.2.{n}") for n in range(7)]
        assert await count_messages(limits, *others) == ["ok"] * 5 + [BUSY] * 2
        seconds.now += 20
        assert await count_messages(limits, ("zhang", "m4", SHOP)) == ["ok"]

    async def test_the_same_id_again_and_again_is_no_way_around(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        found = await count_messages(limits, *(("zhang", "m", FARM) for _ in range(40)))
        assert found.count("ok") == 9  # one, and eight for a quarter of it

    async def test_a_network_of_addresses_is_one_customer(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        found = await count_messages(limits, *((f"c{n}", "m", f"2001:db8:1:2::{n:x}") for n in range(8)))
        assert found.count("ok") == 5
        assert await count_messages(limits, ("other", "m", "2001:db8:1:3::1")) == ["ok"]
        found = await count_messages(limits, *((f"d{n}", "m", f"::ffff:{SHOP}") for n in range(8)))
        assert found.count("ok") == 5
        assert await count_messages(limits, ("e", "m", SHOP)) == [TOO_FAST]

    async def test_a_platform_s_own_address_is_not_counted(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        assert await count_messages(limits, *((f"openid {n}", "m", "") for n in range(50))) == ["ok"] * 50

    async def test_the_demo_serves_this_machine_300_a_second(self, seconds: Seconds) -> None:
        limits = make_limits(seconds, environment="demo")
        for second in range(3):
            seconds.now = 1000.0 + second
            calls = [(f"c{second} {n}", "m", LOOPBACK) for n in range(DEMO_PER_SECOND)]
            assert set(await count_messages(limits, *calls)) == {"ok"}
            for _ in range(DEMO_PER_SECOND):
                await limits.count_session(LOOPBACK)
        assert (await count_messages(limits, *((f"d{n}", "m", FARM) for n in range(9)))).count("ok") == 5

    async def test_production_does_not_exempt_this_machine(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        assert (await count_messages(limits, *((f"d{n}", "m", LOOPBACK) for n in range(9)))).count("ok") == 5

    async def test_keys_of_limits_tell_nothing(self, seconds: Seconds) -> None:
        limiter = MemoryLimiter(seconds)
        limits = CustomerLimits(make_settings(rasa_token=SecretStr("secret")), limiter)
        await limits.count_message("zhang", "m", FARM)
        await limits.check_outcome(make_message("zhang"), book(PHONE))
        assert len(limiter._full_at) == 5
        assert not [key for key in limiter._full_at if PHONE in key or FARM in key or "zhang" in key]
        other = MemoryLimiter(seconds)
        await CustomerLimits(make_settings(rasa_token=SecretStr("another")), other).count_message("zhang", "m", FARM)
        assert not set(other._full_at) & set(limiter._full_at)


def make_message(conversation_id: str, **more: Any) -> ClaimedMessage:
    message = MessageView(id=1, direction="inbound", author="customer", text="转人工", at=read_clock())
    known = {"conversation_id": conversation_id, "message": message, "channel": "web", "holder": "bot", "attempt": 1}
    return ClaimedMessage.model_validate(known | {"kind": "text", "payload": None, "failures": 0} | more)


def hand_over(reason: str = "customer_request") -> TurnOutcome:
    handoff = HandoffRequest.model_validate({"reason": reason})
    return TurnOutcome(replies=[Reply(text="已为您转人工")], handoff=handoff, dialogue={"form": None})


def book(phone: str, act: str = "book_callback") -> TurnOutcome:
    update = HandoffUpdate.model_validate({"act": act, "phone": phone, "due_at": read_clock()})
    return TurnOutcome(replies=[Reply(text="同事会打给您")], handoff_update=update)


@pytest.mark.usefixtures("database_kind")
class TestHumans:
    async def test_a_customer_is_not_handed_over_again_and_again(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        found = [await limits.check_outcome(make_message("zhang"), hand_over()) for _ in range(HANDOFFS.times + 2)]
        assert [outcome.handoff is not None for outcome in found] == [True] * HANDOFFS.times + [False] * 2
        assert found[-1].replies == [TOO_MANY_HANDOFFS]
        assert found[-1].dialogue == {"form": None}  # what the bot did stays so
        assert (await limits.check_outcome(make_message("li"), hand_over())).handoff

    @pytest.mark.parametrize("reason", ["sensitive", "bot_unavailable"])
    async def test_danger_and_our_own_faults_are_always_handed_over(self, seconds: Seconds, reason: str) -> None:
        limits = make_limits(seconds, handoffs_per_hour=1)
        for _ in range(20):
            assert (await limits.check_outcome(make_message("zhang"), hand_over(reason))).handoff

    async def test_one_address_with_many_sessions_does_not_fill_the_queue(self, seconds: Seconds) -> None:
        limits = make_limits(seconds, address_handoffs_per_hour=3, address_messages_per_minute=100)
        found = []
        for number in range(5):
            await limits.count_message(f"c{number}", "m", FARM)
            found.append(await limits.check_outcome(make_message(f"c{number}"), hand_over()))
        assert [outcome.handoff is not None for outcome in found] == [True] * 3 + [False] * 2
        assert found[-1].replies == [HUMANS_BUSY]

    async def test_nor_do_many_addresses(self, seconds: Seconds) -> None:
        limits = make_limits(seconds, handoffs_per_hour=3)
        found = [await limits.check_outcome(make_message(f"c{n}"), hand_over()) for n in range(5)]
        assert [outcome.handoff is not None for outcome in found] == [True] * 3 + [False] * 2

    async def test_nobody_has_a_stranger_called_all_day(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        found = [await limits.check_outcome(make_message(f"c{n}"), book(PHONE)) for n in range(CALLS.times + 1)]
        assert [outcome.handoff_update is not None for outcome in found] == [True] * CALLS.times + [False]
        assert found[-1].replies == [TOO_MANY_CALLS]
        assert (await limits.check_outcome(make_message("li"), book("13900001234"))).handoff_update
        changed = await limits.check_outcome(make_message("wang"), book(PHONE, "change_callback"))
        assert changed.handoff_update is None

    async def test_nor_has_many_strangers_called(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        times = CALLS_OF_CUSTOMER.times
        found = [await limits.check_outcome(make_message("zhang"), book(f"138000{n:05}")) for n in range(times + 1)]
        assert [outcome.handoff_update is not None for outcome in found] == [True] * times + [False]


@pytest.mark.usefixtures("database_kind")
class TestStreams:
    def test_one_session_has_so_many_tabs(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        with ExitStack() as held:
            for _ in range(STREAMS_OF_SESSION):
                held.enter_context(limits.hold_stream("session", FARM))
            with pytest.raises(RequestError, match="429 too_many_streams"), limits.hold_stream("session", FARM):
                pass
        with limits.hold_stream("session", FARM), limits.hold_stream("another", FARM):
            pass

    async def test_nor_more_on_several_gateways(self, seconds: Seconds) -> None:
        limiter = MemoryLimiter(seconds)
        gateways = [CustomerLimits(make_settings(environment="demo"), limiter) for _ in range(3)]
        opened = 0
        for number in range(STREAMS.times + 3):
            with suppress(RequestError):
                await gateways[number % 3].count_read("session", FARM, is_stream=True)
                opened += 1
        assert opened == STREAMS.times
        for _ in range(8):  # two minutes: as many stay open, the others come back in vain
            seconds.now += 15
            kept = [await gateways[number % 3].renew_stream("session", 15) for number in range(STREAMS.times + 8)]
            assert kept.count(True) <= STREAMS.times
        seconds.now += 60
        for _ in range(8):
            seconds.now += 15
            assert all([await gateways[number % 3].renew_stream("session", 15) for number in range(STREAMS.times)])

    def test_one_address_does_not_take_all(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        with ExitStack() as held:
            for number in range(STREAMS_OF_ADDRESS):
                held.enter_context(limits.hold_stream(f"session {number}", FARM))
            with pytest.raises(RequestError, match="429"), limits.hold_stream("another", FARM):
                pass
            with limits.hold_stream("another", SHOP):
                pass
        assert not limits._streams


@asynccontextmanager
async def visit(app: Any, address: str = FARM, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=(address, 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bank", headers=headers) as client:
        yield client


@pytest.fixture
async def app(database_url: str, seconds: Seconds) -> AsyncIterator[FastAPI]:
    settings = make_settings(database_url=database_url)
    made = create_app(settings, bot=ScriptedBot(), evidence=ScriptedEvidence(), limiter=MemoryLimiter(seconds))
    async with made.router.lifespan_context(made):
        yield made


class TestOverHttp:
    async def test_a_refusal_says_why_and_for_how_long(self, app: FastAPI, seconds: Seconds) -> None:
        async with visit(app) as browser:
            opened = [await browser.post("/webchat/sessions") for _ in range(3)]
            assert [response.status_code for response in opened] == [200, 200, 429]
            assert opened[2].headers["Retry-After"] == "30"
            assert opened[2].json() == {"error": {"code": "too_many_sessions", "reason": TOO_MANY_REQUESTS}}
            browser.headers["Authorization"] = f"Bearer {opened[0].json()['token']}"
            bodies = [{"message_id": f"message-{n}", "text": "你好"} for n in range(4)]
            said = [await browser.post("/webchat/messages", json=body) for body in bodies]
            assert [response.status_code for response in said] == [200] * 3 + [429]
            assert said[3].headers["Retry-After"] == "20"
            assert said[3].json()["error"] == {"code": "too_many_messages", "reason": TOO_FAST}
            seconds.now += 20
            again = await browser.post("/webchat/messages", json=bodies[3])
            assert again.json()["replies"][0]["text"] == "听到：你好"
        async with visit(app, SHOP) as other:
            assert (await other.post("/webchat/sessions")).status_code == 200

    async def test_a_header_that_anybody_can_write_changes_nothing(self, app: FastAPI) -> None:
        codes = []
        for number in range(4):
            async with visit(app, FARM, **{"X-Forwarded-For": f"192.0.2.{number}"}) as browser:
                codes.append((await browser.post("/webchat/sessions")).status_code)
        assert codes == [200, 200, 429, 429]

    async def test_nor_is_a_trusted_proxy_fooled_by_what_its_client_wrote(self, app: FastAPI) -> None:
        """As kit.web.serve wraps it: the last address that no trusted proxy has is the client's."""
        proxied: Any = ProxyHeadersMiddleware(app, trusted_hosts="10.0.0.1")  # type: ignore[arg-type]  # uvicorn types ASGI itself
        codes = []
        for number in range(4):
            async with visit(proxied, "10.0.0.1", **{"X-Forwarded-For": f"192.0.2.{number}, {FARM}"}) as browser:
                codes.append((await browser.post("/webchat/sessions")).status_code)
        assert codes == [200, 200, 429, 429]
        async with visit(proxied, "10.0.0.1", **{"X-Forwarded-For": SHOP}) as browser:
            assert (await browser.post("/webchat/sessions")).status_code == 200

    async def test_guessing_tokens_is_slowed_down(self, app: FastAPI) -> None:
        async with visit(app) as browser:
            codes = [
                (await browser.get("/webchat/messages", headers={"Authorization": f"Bearer {n}"})).status_code
                for n in range(602)
            ]
        assert codes == [401] * 600 + [429] * 2

    async def test_a_page_that_loads_without_end_is_slowed_down(self, app: FastAPI) -> None:
        async with visit(app) as browser:
            token = (await browser.post("/webchat/sessions")).json()["token"]
            browser.headers["Authorization"] = f"Bearer {token}"
            codes = [(await browser.get("/webchat/messages")).status_code for _ in range(READS.times + 1)]
        assert codes == [200] * READS.times + [429]

    async def test_one_stream_too_many_is_refused_before_it_begins(
        self, app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.customer_limits.STREAMS_OF_SESSION", 0)
        async with visit(app) as browser:
            token = (await browser.post("/webchat/sessions")).json()["token"]
            refused = await browser.get("/webchat/events", headers={"Authorization": f"Bearer {token}"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_streams")
        assert refused.headers["Retry-After"] == "10"


@pytest.mark.usefixtures("database_kind")
class TestCodes:
    """Texts cost the bank money, and those who get them sleep."""

    async def refuses(self, limits: CustomerLimits, conversation_id: str, phone: str) -> bool:
        try:
            await limits.count_code(conversation_id, phone)
        except RequestError as refusal:
            return refusal.status == 429
        return False

    async def test_a_phone_is_protected_whoever_asks_and_however_many_at_once(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        at_once = await asyncio.gather(*(self.refuses(limits, f"talk-{n}", PHONE) for n in range(12)))
        assert at_once.count(False) == 1
        for n in range(1, CODES_OF_DAY.times):
            seconds.now += 61
            assert not await self.refuses(limits, f"later-{n}", PHONE)
        seconds.now += 61
        assert await self.refuses(limits, "last", PHONE)

    async def test_one_customer_cannot_try_phone_after_phone(self, seconds: Seconds) -> None:
        limits = make_limits(seconds)
        refused = [await self.refuses(limits, "talk", f"1380000{n:04}") for n in range(CODES_OF_CUSTOMER.times + 1)]
        assert refused == [False] * CODES_OF_CUSTOMER.times + [True]

    async def test_nor_can_one_address_with_many_sessions(self, seconds: Seconds) -> None:
        limits, times = make_limits(seconds, address_messages_per_minute=1000), CODES_OF_ADDRESS.times
        refused = []
        for n in range(times + 1):
            await limits.count_message(f"talk-{n}", "message", FARM)
            refused.append(await self.refuses(limits, f"talk-{n}", f"1380000{n:04}"))
        assert refused == [False] * times + [True]

    async def test_in_all_there_is_an_end(self, seconds: Seconds) -> None:
        limits = make_limits(seconds, codes_per_hour=3)
        refused = [await self.refuses(limits, f"talk-{n}", f"1380000{n:04}") for n in range(4)]
        assert refused == [False, False, False, True]
