"""Customers write and press in Telegram, and are answered there: the real gateway between two stand-ins."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.channel import GatewayServices
from connectors.gateway import create_app
from connectors.telegram.channel import Telegram
from connectors.telegram.settings import TelegramSettings
from conversations.inbox import Inbox
from conversations.schemas import ConversationView, InboundMessage, Reply, ReplyButton, TurnOutcome
from conversations.service import Conversations
from kit.database import Database
from kit.web import create_web_app
from tests.connectors.telegram.conftest import MakeSettings, open_gateway
from tests.connectors.telegram.test_parse import MESSAGES, any_json, read_payload
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.platforms.telegram import SECRET, TOKEN, FakeTelegram
from tests.platforms.telegram_faults import hangs, refuses
from tests.waiting import wait_until

GREETING = TurnOutcome(
    replies=[
        Reply(text="您好，我是小禾。"),
        Reply(
            text="想办什么？",
            buttons=[
                ReplyButton(title="测额度", payload="/check_quota"),
                ReplyButton(title="转人工", payload="/request_human"),
            ],
        ),
    ]
)
WANG, LI = 5566778899, 5566770000
EXPIRED = "这个按钮已失效，请直接输入文字"
TOO_FAST = "消息发得太快了，这一条还没有收到，请过几秒再发"


class RecordingWorker:
    """Accepts everything and remembers it."""

    def __init__(self) -> None:
        self.accepted: list[InboundMessage] = []

    async def accept(self, conversation_id: str, message: InboundMessage) -> None:
        self.accepted.append(message)


class KnownConversations:
    """Has a conversation with everybody."""

    async def open_conversation(self, channel: str, channel_user_id: str) -> ConversationView:
        return ConversationView(id=channel_user_id, customer_id=channel_user_id, holder="bot")


@pytest.fixture(scope="module")
def post() -> Iterator[Callable[[bytes], int]]:
    """Posts to the channel's route, without a record behind it, and gives the status."""
    settings = TelegramSettings.model_validate(
        {"bot_token": TOKEN, "webhook_secret": SECRET, "api_url": "http://127.0.0.1:9"}
    )
    services = cast(Any, GatewayServices)(None, KnownConversations(), RecordingWorker(), *[None] * 8)
    app = create_web_app("telegram", checks={})
    app.include_router(Telegram(settings).build_router(services))
    with asyncio.Runner() as runner:

        async def call(body: bytes) -> int:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            async with open_gateway(app) as client:
                return (await client.post("/telegram", content=body, headers=headers)).status_code

        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        yield lambda body: runner.run(call(body))
        runner.run(lifespan.__aexit__(None, None, None))


def texts(platform: FakeTelegram, user_id: int = WANG) -> list[str]:
    return [shown.text for shown in platform.chats[user_id]]


async def greet(platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot, user_id: int = WANG) -> None:
    bot.script.append(GREETING)
    assert await platform.deliver(gateway, platform.write(user_id, "/start")) == [200]
    await wait_until(lambda: platform.chats[user_id])


async def test_a_text_is_answered_in_one_message_with_buttons(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    assert bot.asked == [("开始对话", "/greet")]
    assert [(s.text, s.titles) for s in platform.chats[WANG]] == [
        ("您好，我是小禾。\n\n想办什么？", [["测额度", "转人工"]])
    ]
    assert await platform.deliver(gateway, platform.write(WANG, "能贷多少")) == [200]
    await wait_until(lambda: len(platform.chats[WANG]) == 2)
    assert texts(platform)[1] == "听到：能贷多少"


async def test_an_update_that_comes_three_times_acts_once(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    update = platform.write(WANG, "能贷多少")
    for _ in range(3):
        assert await platform.deliver(gateway, update) == [200]
    await platform.deliver(gateway, platform.write(WANG, "利率呢"))
    await wait_until(lambda: len(platform.chats[WANG]) == 2)
    assert texts(platform) == ["听到：能贷多少", "听到：利率呢"]


async def test_a_pressed_button_acts_and_is_shown_as_chosen(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    update = platform.press(WANG, "测额度")
    assert await platform.deliver(gateway, update) == [200]
    await wait_until(lambda: len(platform.chats[WANG]) == 2 and not platform.chats[WANG][0].rows)
    assert bot.asked[1:] == [("测额度", "/check_quota")]
    assert platform.chats[WANG][0].text == "您好，我是小禾。\n\n想办什么？\n\n✓ 测额度"
    assert platform.pressed == {update["callback_query"]["id"]: ""}


async def test_a_press_under_a_message_too_old_to_be_read_takes_the_buttons_away(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    update = platform.press(WANG, "测额度")
    query = update["callback_query"]
    query["message"] = {key: query["message"][key] for key in ("message_id", "chat")} | {"date": 0}
    await platform.deliver(gateway, update)
    await wait_until(lambda: not platform.chats[WANG][0].rows)
    assert platform.chats[WANG][0].text == "您好，我是小禾。\n\n想办什么？"


@pytest.mark.parametrize("data", ["kq0Vx1mXn2w8rT5yZ7uB4cD6eF9gH3jK-lM_nP1qR2s", "/request_human", "", "x\x00"])
async def test_a_button_that_is_not_ours_does_nothing_and_says_so(
    data: str, platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    update = platform.press_data(WANG, platform.chats[WANG][0], data)
    assert await platform.deliver(gateway, update) == [200]
    await wait_until(lambda: platform.pressed[update["callback_query"]["id"]])
    assert list(platform.pressed.values()) == [EXPIRED]
    assert len(bot.asked) == 1
    assert platform.chats[WANG][0].titles == [["测额度", "转人工"]]


async def test_another_customers_button_does_nothing_and_says_so(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    await greet(platform, gateway, bot, LI)
    shown = platform.chats[WANG][0]
    update = platform.press_data(LI, shown, shown.rows[0][0]["callback_data"])
    await platform.deliver(gateway, update)
    await wait_until(lambda: platform.pressed[update["callback_query"]["id"]])
    assert list(platform.pressed.values()) == [EXPIRED]
    assert len(bot.asked) == 2


async def test_a_press_is_answered_to_telegram_before_it_is_shown_as_chosen(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    await greet(platform, gateway, bot)
    platform.fail("answerCallbackQuery", hangs)
    platform.fail("editMessageText", refuses(400, "Bad Request: message can't be edited"))
    update = platform.press(WANG, "测额度")
    assert await platform.deliver(gateway, update) == [200]
    await wait_until(lambda: len(platform.chats[WANG]) == 2)
    assert platform.pressed == {update["callback_query"]["id"]: None}


@pytest.mark.parametrize(
    "headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": ""}, {"X-Telegram-Bot-Api-Secret-Token": "x"}]
)
async def test_a_call_without_the_secret_is_refused(
    headers: dict[str, str], platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    response = await gateway.post("/telegram", json=platform.write(WANG, "您好"), headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "wrong_secret")
    assert bot.asked == []


async def test_telegram_sends_again_what_was_not_recorded(
    platform: FakeTelegram, gateway: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = Inbox.record, [OSError("disk full"), OSError("disk full")]

    async def fail_twice(self: Inbox, *args: Any, **kwargs: Any) -> Any:
        if failures:
            raise failures.pop()
        return await record(self, *args, **kwargs)

    monkeypatch.setattr(Inbox, "record", fail_twice)
    assert await platform.deliver(gateway, platform.write(WANG, "能贷多少")) == [500, 500, 200]
    await wait_until(lambda: platform.chats[WANG])
    assert texts(platform) == ["听到：能贷多少"]


async def test_a_customer_who_writes_too_fast_is_told_once(
    make_settings: MakeSettings, database_url: str, platform: FakeTelegram, bot: ScriptedBot
) -> None:
    settings = make_settings(database_url=database_url, messages_per_minute=1)
    app = create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=[Telegram(settings.telegram)])
    async with app.router.lifespan_context(app), open_gateway(app) as gateway:
        await greet(platform, gateway, bot)
        for text in ("能贷多少", "利率呢", "在吗"):
            assert await platform.deliver(gateway, platform.write(WANG, text)) == [200]
        press = platform.press(WANG, "测额度")
        assert await platform.deliver(gateway, press) == [200]
        await wait_until(lambda: platform.pressed[press["callback_query"]["id"]])
    assert list(platform.pressed.values()) == [TOO_FAST]
    assert texts(platform)[1:] == [TOO_FAST]
    assert len(bot.asked) == 1


async def test_what_is_no_text_is_recorded_and_politely_answered(
    platform: FakeTelegram, gateway: httpx.AsyncClient, bot: ScriptedBot, database: Database
) -> None:
    await platform.deliver(gateway, platform.say(WANG, photo=[{"file_id": "x"}], caption="营业执照"))
    await wait_until(lambda: platform.chats[WANG])
    assert "没有保存" in texts(platform)[0]
    assert bot.asked == []
    conversations = Conversations(database)
    conversation = await conversations.find_conversation("telegram", str(WANG))
    assert conversation
    messages = await conversations.list_messages(conversation.id)
    assert [message.text for message in messages][:1] == ["[图片] 营业执照"]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_of_update_is_taken(name: str, post: Callable[[bytes], int]) -> None:
    assert post(read_payload(name)) == 200


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | any_json.map(lambda content: json.dumps(content).encode()))
def test_any_bytes_are_taken_or_refused(post: Callable[[bytes], int], body: bytes) -> None:
    assert post(body) in (200, 400)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*MESSAGES]), st.integers(0, 2**16), st.binary(max_size=3))
def test_a_damaged_update_is_taken_or_refused(post: Callable[[bytes], int], name: str, at: int, damage: bytes) -> None:
    body = read_payload(name)
    cut = at % len(body)
    assert post(body[:cut] + damage + body[cut + 1 :]) in (200, 400)


def test_a_body_without_end_is_refused(post: Callable[[bytes], int]) -> None:
    assert post(b" " * 300_000) == 413
