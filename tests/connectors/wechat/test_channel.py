"""Customers in WeChat: the channel in a real gateway, between our own WeChat and a scripted bot."""

import asyncio
import base64
import itertools
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from connectors.tencent.crypto import MessageCrypto
from connectors.tencent.render import Part
from connectors.tencent.signature import sign
from connectors.wechat.channel import WeChat
from connectors.wechat.errcodes import WECHAT
from connectors.wechat.settings import WeChatSettings
from connectors.wording import OVERLOADED
from conversations.inbox import Inbox
from conversations.schemas import ClaimedMessage, Reply, ReplyButton, TurnOutcome
from conversations.tables import Message
from kit.clock import read_clock
from kit.database import Database
from kit.logging import MaskingFormatter
from kit.outbox import SendError
from tests.connectors.conftest import serve
from tests.connectors.wechat.conftest import OpenGateway, build
from tests.fakes import ScriptedBot
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault, Said
from tests.waiting import WAIT_SECONDS
from understanding.schemas import Act

CHOICES = TurnOutcome(
    replies=[
        Reply(text="您好。"),
        Reply(
            text="您属于哪一类？",
            buttons=[
                ReplyButton(title="种地养殖", payload='/inform{"product": "农户贷"}'),
                ReplyButton(title="转人工", payload="/request_human"),
            ],
        ),
    ],
    dialogue={"form": "quota_form", "asked": "product"},
)
NUMBERED = "您好。\n\n您属于哪一类？\n\n1. 种地养殖\n2. 转人工\n回复数字即可。"


class LateBot(ScriptedBot):
    """Answers once it may."""

    def __init__(self, *script: TurnOutcome | None) -> None:
        super().__init__(*script)
        self.may_answer = asyncio.Event()

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        await self.may_answer.wait()
        return await super().do(act, message)


@pytest.fixture
def platform() -> WeChatPlatform:
    return WeChatPlatform()


async def test_wechat_is_given_its_echo_and_nobody_else_is(
    gateway: httpx.AsyncClient, platform: WeChatPlatform
) -> None:
    query = platform.make_echo("2869251872156418623")
    response = await gateway.get("/wechat", params=query)
    assert (response.status_code, response.text) == (200, "2869251872156418623")
    assert response.headers["content-type"].startswith("text/plain")
    for forged in ({**query, "nonce": "1"}, {**query, "timestamp": "1"}, {"echostr": "1"}, {}):
        assert (await gateway.get("/wechat", params=forged)).status_code == 403


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
async def test_a_message_is_answered_at_once_in_every_mode(database_url: str, bot: ScriptedBot, mode: Any) -> None:
    platform = WeChatPlatform(mode=mode)
    async with (
        build(database_url, platform, bot) as app,
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as gateway,
    ):
        said = await platform.deliver(gateway, platform.text("farmer", "能贷多少 ]]> <b>"))
    assert said == Said("passive", "听到：能贷多少 ]]> <b>")
    assert platform.calls["send"] == 0


async def test_choices_are_numbered_and_chosen_by_number_or_title(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot
) -> None:
    bot.script = [CHOICES, CHOICES]
    for count, text in enumerate(("测额度", "1", "转人工"), start=1):
        await platform.deliver(gateway, platform.text("farmer", text))
        await platform.wait_for("farmer", count)
    assert platform.list_texts("farmer")[0] == NUMBERED
    assert bot.asked[1:] == [("种地养殖", '/inform{"product": "农户贷"}'), ("转人工", "/request_human")]


async def test_a_late_answer_is_pushed_with_choices_to_tap(open_gateway: OpenGateway, platform: WeChatPlatform) -> None:
    bot = LateBot(CHOICES)
    async with open_gateway(bot, wechat={"reply_seconds": 0.1}) as gateway:
        assert await platform.deliver(gateway, platform.text("farmer", "测额度")) is None
        bot.may_answer.set()
        (pushed,) = await platform.wait_for("farmer", 1)
        assert [content for _, content in pushed.choices] == ["种地养殖", "转人工"]
        assert pushed.text.startswith("您好。\n\n您属于哪一类？")
        await platform.deliver(gateway, platform.press("farmer", "种地养殖"))
        await platform.wait_for("farmer", 2)
    assert bot.asked[1] == ("种地养殖", '/inform{"product": "农户贷"}')


async def test_an_account_that_may_not_send_menus_is_asked_once(
    open_gateway: OpenGateway, platform: WeChatPlatform
) -> None:
    platform.has_menus = False
    async with open_gateway(ScriptedBot(CHOICES, CHOICES), wechat={"buttons": "menu"}) as gateway:
        assert await platform.deliver(gateway, platform.text("farmer", "测额度")) is None
        assert await platform.wait_for("farmer", 1) == [Said("pushed", NUMBERED)]
        assert platform.calls["send"] == 2
        # Now that it is known, there is nothing to wait for.
        assert await platform.deliver(gateway, platform.text("farmer", "测额度")) == Said("passive", NUMBERED)


@pytest.mark.parametrize(("buttons", "how", "has_menu"), [("menu", "pushed", True), ("numbers", "passive", False)])
async def test_a_bank_chooses_how_choices_look(
    open_gateway: OpenGateway, platform: WeChatPlatform, buttons: str, how: str, has_menu: bool
) -> None:
    async with open_gateway(ScriptedBot(CHOICES), wechat={"buttons": buttons}) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "测额度"))
        (said,) = await platform.wait_for("farmer", 1)
    assert (said.how, bool(said.choices)) == (how, has_menu)


async def test_what_does_not_fit_into_one_answer_follows(open_gateway: OpenGateway, platform: WeChatPlatform) -> None:
    text = "".join(f"第{number}条：提前还款没有违约金。\n" for number in range(100))
    async with open_gateway(ScriptedBot(TurnOutcome(replies=[Reply(text=text)]))) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "还款"))
        seen = await platform.wait_for("farmer", 3)
    assert [said.how for said in seen] == ["passive", "pushed", "pushed"]
    assert "\n".join(platform.list_texts("farmer")) == text.strip()


async def test_a_message_that_comes_again_acts_once(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot
) -> None:
    message = platform.text("farmer", "你好")
    await asyncio.gather(*(platform.deliver(gateway, message) for _ in range(3)))
    assert [text for text, _ in bot.asked] == ["你好"]
    assert platform.list_texts("farmer") == ["听到：你好"]


async def test_a_menu_entry_and_a_scanned_code_speak_for_the_customer(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot
) -> None:
    await platform.deliver(gateway, platform.event("farmer", "subscribe", "qrscene_village:青山镇"))
    await platform.deliver(gateway, platform.event("trader", "CLICK", "check_quota"))
    assert bot.asked == [("关注公众号", "/greet"), ("测额度", "/check_quota")]
    assert platform.list_texts("farmer") == ["听到：关注公众号"]


async def test_events_that_ask_nothing_hear_nothing(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot
) -> None:
    for event in ("unsubscribe", "VIEW", "kf_close_session", "TEMPLATESENDJOBFINISH"):
        assert await platform.deliver(gateway, platform.event("farmer", event, "x")) is None
    assert not bot.asked
    assert not platform.seen["farmer"]


async def test_what_has_no_words_gets_a_polite_answer(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot
) -> None:
    kinds = ("image", "voice", "location", "file", "shortvideo", "link")
    said = [await platform.deliver(gateway, platform.message(f"sends-{kind}", kind, MediaId="m")) for kind in kinds]
    assert [each and each.how for each in said] == ["passive"] * len(kinds)
    assert not bot.asked


async def test_a_customer_who_writes_too_fast_is_told_so_once(
    open_gateway: OpenGateway, platform: WeChatPlatform
) -> None:
    async with open_gateway(messages_per_minute=2) as gateway:
        for _ in range(6):
            await platform.deliver(gateway, platform.text("farmer", "在吗"))
        await platform.deliver(gateway, platform.text("trader", "在吗"))
        await platform.wait_for("farmer", 3)
    told = platform.list_texts("farmer")
    assert sum("太快" in text for text in told) == 1
    assert told.count("听到：在吗") == 2
    assert platform.list_texts("trader") == ["听到：在吗"]


async def test_a_message_that_could_not_be_recorded_is_sent_again_by_wechat_and_answered_once(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = Inbox.record, [OperationalError("insert", {}, Exception("down"))] * 2

    async def fail_twice(*arguments: Any, **more: Any) -> Any:
        if failures:
            raise failures.pop()
        return await record(*arguments, **more)

    monkeypatch.setattr(Inbox, "record", fail_twice)
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    assert platform.seen["farmer"] == [Said("passive", "听到：你好")]
    assert len(bot.asked) == 1


async def test_a_failed_recording_is_answered_by_us_and_not_by_wechat(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Inbox, "record", None)
        await platform.deliver(gateway, platform.text("farmer", "你好"))
    assert platform.seen["farmer"] == [Said("passive", OVERLOADED)]
    assert not bot.asked
    assert await platform.deliver(gateway, platform.text("farmer", "你好")) == Said("passive", "听到：你好")


async def test_a_recording_that_takes_too_long_is_no_fault_with_a_traceback(
    open_gateway: OpenGateway,
    platform: WeChatPlatform,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    may_end = asyncio.Event()

    async def record_slowly(*arguments: Any, **more: Any) -> None:
        await may_end.wait()

    monkeypatch.setattr(Inbox, "record", record_slowly)
    async with open_gateway(grace_seconds=0.0, wechat={"reply_seconds": 0.05}) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "你好"))
        may_end.set()
    assert platform.seen["farmer"] == [Said("passive", OVERLOADED)]
    assert "not recorded in time" in caplog.text
    assert "Traceback" not in caplog.text


async def test_an_answer_lost_on_its_way_is_given_again_when_wechat_asks(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, database: Database
) -> None:
    message = platform.text("farmer", "你好")
    query, body = platform.pack(message)
    lost = await gateway.post("/wechat", params=query, content=body)
    assert platform.read_answer(lost.text) == Said("passive", "听到：你好")
    at_once = await gateway.post("/wechat", params=query, content=body)
    assert platform.read_answer(at_once.text) == "success"  # it crossed the answer on the way
    async with database.transaction() as session:
        await session.execute(update(Message).values(at=read_clock() - timedelta(seconds=5)))
    later = await gateway.post("/wechat", params=query, content=body)
    assert platform.read_answer(later.text) == Said("passive", "听到：你好")
    assert len(bot.asked) == 1


async def test_a_push_that_fails_does_not_hold_up_answers_at_once(database_url: str, platform: WeChatPlatform) -> None:
    bot = LateBot()
    async with build(database_url, platform, bot) as app, serve(app) as url, httpx.AsyncClient(base_url=url) as gateway:
        platform.fail("send", 45009, 20)
        platform.timeout_seconds, platform.tries = 0.2, 1
        await platform.deliver(gateway, platform.text("farmer", "一"))
        platform.timeout_seconds = 5.0
        bot.may_answer.set()
        async with asyncio.timeout(WAIT_SECONDS):
            while not platform.calls["send"]:  # noqa: ASYNC110 (another thread counts)
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        assert await platform.deliver(gateway, platform.text("farmer", "二")) == Said("passive", "听到：二")


async def test_an_answer_nobody_waits_for_is_pushed_instead_and_one_that_arrived_is_not(
    database_url: str, platform: WeChatPlatform
) -> None:
    bot = LateBot()
    gateway_app = build(database_url, platform, bot, poll_seconds=0.1)
    async with gateway_app as app, serve(app) as url, httpx.AsyncClient(base_url=url) as gateway:
        platform.timeout_seconds, platform.tries = 0.2, 1
        said = await platform.deliver(gateway, platform.text("farmer", "一"))
        assert said
        assert said.how == "failed"
        bot.may_answer.set()
        assert (await platform.wait_for("farmer", 2))[1:] == [Said("pushed", "听到：一")]
        platform.timeout_seconds = 5.0
        await platform.deliver(gateway, platform.text("farmer", "二"))
        await platform.deliver(gateway, platform.event("farmer", "VIEW"))
        await asyncio.sleep(0.3)  # the outbox has looked once more
    assert platform.seen["farmer"][2:] == [Said("passive", "听到：二")]


@asynccontextmanager
async def open_channel(platform: WeChatPlatform, **timings: Any) -> AsyncIterator[WeChat]:
    platform.followers["farmer"] = True
    channel = WeChat(WeChatSettings(**platform.settings()), transport=platform.transport, **timings)
    yield channel
    await channel._api.close()


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_message_goes_out_after_all_with_a_new_token(
    database: Database, platform: WeChatPlatform, errcode: int
) -> None:
    async with open_channel(platform) as channel:
        platform.fail("send", errcode)
        await channel.send("farmer", Part("您好"))
    assert platform.list_texts("farmer") == ["您好"]
    assert platform.calls == {"token": 2, "send": 2}


@pytest.mark.parametrize(
    ("errcode", "times", "kind"),
    [(-1, 1, "retry"), (45009, 1, "retry"), (45047, 1, "defer"), (48001, 1, "permanent"), (40001, 2, "retry")],
)
async def test_a_refused_message_is_tried_again_or_not(
    database: Database, platform: WeChatPlatform, errcode: int, times: int, kind: str
) -> None:
    async with open_channel(platform) as channel:
        platform.fail("send", errcode, times)
        with pytest.raises(SendError) as raised:
            await channel.send("farmer", Part("您好"))
    assert raised.value.kind == kind
    assert raised.value.retry_after_seconds == WECHAT.errcodes[errcode].retry_after_seconds
    assert not platform.seen["farmer"]


async def test_a_channel_that_takes_all_day_is_given_up(database: Database, platform: WeChatPlatform) -> None:
    async with open_channel(platform, send_seconds=0.1) as channel:
        platform.fail("send", "hang")
        with pytest.raises(SendError) as raised:
            await channel.send("farmer", Part("您好"))
    assert raised.value.kind == "retry"


@pytest.fixture
def log_text(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that a process at DEBUG would have written, with the libraries as quiet as kit.logging has them."""
    caplog.set_level(logging.DEBUG)
    for quiet in ("httpx", "httpcore", "aiosqlite"):
        caplog.set_level(logging.WARNING, quiet)
    caplog.handler.setFormatter(MaskingFormatter("%(name)s %(message)s"))
    return lambda: caplog.text


async def test_no_secret_reaches_a_log_when_wechats_api_fails(
    database: Database, platform: WeChatPlatform, log_text: Callable[[], str]
) -> None:
    faults: list[Fault] = ["hang", "500", "garbage", "lost", -1, 40001, 40125, 40164, 48001]
    async with open_channel(platform, call_seconds=0.05) as channel:
        for call, fault in itertools.product(("token", "send"), faults):
            platform.end_access_tokens()
            platform.fail(call, fault, times=2 if (call, fault) == ("send", 40001) else 1)
            try:
                await channel.send("farmer", Part("您好"))
            except SendError:
                logging.getLogger("tests").exception("not sent")
    assert log_text().count("not sent") == 2 * len(faults)
    assert len(platform.list_secrets()) > 3
    for secret in platform.list_secrets():
        assert secret not in log_text()


async def test_no_secret_reaches_a_log_when_somebody_else_calls(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query, body = platform.pack(platform.text("farmer", "你好"))
    await gateway.post("/wechat", params={**query, "msg_signature": "0"}, content=body)
    await gateway.post("/wechat", params=query, content=body[:40])
    monkeypatch.setattr(Inbox, "record", None)  # a fault of ours
    assert (await gateway.post("/wechat", params=query, content=body)).status_code == 500
    assert "Traceback" in log_text()
    for secret in platform.list_secrets():
        assert secret not in log_text()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: f"<xml>{t}</xml>".encode())),
    query=st.dictionaries(st.sampled_from(["timestamp", "nonce", "signature", "encrypt_type"]), st.text(max_size=20)),
)
async def test_any_bytes_from_anybody_are_refused_and_from_wechat_refused_or_taken(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, content: bytes, query: dict[str, str]
) -> None:
    proof = platform.pack_xml("<xml/>")[0]
    answers = [
        await gateway.post("/wechat", content=content),
        await gateway.post("/wechat", content=content, params=proof),
        await gateway.post("/wechat", content=content, params=proof | query),
        await gateway.get("/wechat", params=query),
    ]
    assert {answer.status_code for answer in answers} <= {400, 403}
    # As from WeChat itself, around anything.
    nonce = base64.b32encode(os.urandom(5)).decode()
    crypto = MessageCrypto(platform.app_id, platform.aes_key)
    encrypted = crypto.encrypt(content.decode(errors="replace"))
    signature = sign(platform.token, proof["timestamp"], nonce, encrypted)
    sealed = proof | {"nonce": nonce, "msg_signature": signature}
    answer = await gateway.post("/wechat", content=f"<xml><Encrypt>{encrypted}</Encrypt></xml>", params=sealed)
    assert answer.status_code == 400


async def test_a_body_that_is_too_large_is_refused(gateway: httpx.AsyncClient, platform: WeChatPlatform) -> None:
    query, _ = platform.pack_xml("<xml/>")
    assert (await gateway.post("/wechat", params=query, content=b"<xml>" * 60_000)).status_code == 413
