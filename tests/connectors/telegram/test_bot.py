"""What becomes of a message that Telegram does not take, and that no failure shows the bot's token."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from connectors.telegram.bot import Bot, create_bot, send_document, send_part
from connectors.telegram.render import Part
from conversations.schemas import ButtonView
from kit.logging import configure_logging
from kit.outbox import SendError
from tests.connectors.telegram.conftest import MakeSettings
from tests.documents.pictures import take_photograph
from tests.documents.samples import make_document
from tests.platforms.telegram import TOKEN, FakeTelegram
from tests.platforms.telegram_faults import Fault, floods, hangs, refuses, says, shows_error_page

PART = Part(text="您好")
BLOCKED = "客户已停用或屏蔽机器人"
UNREACHABLE = "暂时连不上Telegram"
BAD_TOKEN = "Telegram不认机器人令牌，请管理员检查XIAOHE_TELEGRAM_BOT_TOKEN"
REFUSED = "Telegram不接受这条消息"

FAULTS: dict[str, tuple[Fault, tuple[str, str, float]]] = {
    "blocked": (refuses(403, "Forbidden: bot was blocked by the user"), ("permanent", BLOCKED, 0)),
    "account deleted": (refuses(403, "Forbidden: user is deactivated"), ("permanent", BLOCKED, 0)),
    "too many": (floods(7), ("retry", "Telegram要求稍后再发", 7)),
    "no such chat": (refuses(400, "Bad Request: chat not found"), ("permanent", "Telegram上找不到这位客户", 0)),
    "too long": (refuses(400, "Bad Request: message is too long"), ("permanent", REFUSED, 0)),
    "wrong token": (refuses(401, "Unauthorized"), ("retry", BAD_TOKEN, 600)),
    "broken token": (refuses(404, "Not Found"), ("retry", BAD_TOKEN, 600)),
    "conflict": (refuses(409, "Conflict: terminated"), ("retry", UNREACHABLE, 0)),
    "fault": (refuses(500, "Internal Server Error"), ("retry", UNREACHABLE, 0)),
    "gateway": (says(502, "<h1>502 Bad Gateway</h1>"), ("retry", UNREACHABLE, 0)),
    "proxy": (shows_error_page, ("retry", UNREACHABLE, 0)),
    "login page": (says(200, "<h1>Please log in</h1>"), ("retry", UNREACHABLE, 0)),
    "no object": (says(200, "[]"), ("retry", UNREACHABLE, 0)),
    "not ok": (says(200, '{"ok":false}'), ("retry", UNREACHABLE, 0)),
    "odd wait": (says(429, '{"ok":false,"parameters":{"retry_after":"x"}}'), ("retry", UNREACHABLE, 0)),
    "silence": (hangs, ("retry", "Telegram没有确认，消息可能已送达", 0)),
}


@pytest.fixture
async def bot(make_settings: MakeSettings, platform: FakeTelegram) -> AsyncIterator[Bot]:
    platform.write(7, "您好")
    created = create_bot(make_settings().telegram)
    yield created
    await created.request.shutdown()


@pytest.fixture
def logging_of_old() -> Iterator[None]:
    """Puts the loggers back as pytest wants them."""
    root = logging.getLogger()
    named = [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    levels = [(logger, logger.level) for logger in (root, *named)]
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers
    for logger, level in levels:
        logger.setLevel(level)


async def test_a_part_is_shown_with_its_buttons(bot: Bot, platform: FakeTelegram) -> None:
    token = "kq0Vx1mXn2w8rT5yZ7uB4cD6eF9gH3jK-lM_nP1qR2s"
    await send_part(bot, "7", Part(text="想办什么？", rows=((ButtonView(title="测额度", token=token),),)))
    assert [(s.text, s.rows) for s in platform.chats[7]] == [
        ("想办什么？", [[{"text": "测额度", "callback_data": token}]])
    ]


async def test_a_picture_is_a_large_preview(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    async def keep(*_: Any, **more: Any) -> None:
        sent.append(more["link_preview_options"])

    monkeypatch.setattr(type(bot), "send_message", keep)
    await send_part(bot, "7", Part(text="流程", picture="https://chat.bank.example/pictures/a.jpg"))
    await send_part(bot, "7", PART)
    assert (sent[0].url, sent[0].prefer_large_media, sent[1]) == (
        "https://chat.bank.example/pictures/a.jpg",
        True,
        None,
    )


async def test_an_agents_picture_is_a_photo_and_a_file_has_its_name(bot: Bot, platform: FakeTelegram) -> None:
    picture = take_photograph()
    await send_document(bot, "7", make_document(picture))
    await send_document(bot, "7", make_document(b"%PDF-1.7", "还款计划.pdf"))
    assert [(shown.text, shown.picture, shown.file) for shown in platform.chats[7]] == [
        ("", picture, b""),
        ("还款计划.pdf", b"", b"%PDF-1.7"),
    ]


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "silence"])
async def test_a_failure_decides_what_becomes_of_a_picture(name: str, bot: Bot, platform: FakeTelegram) -> None:
    fault, expected = FAULTS[name]
    platform.fail("sendPhoto", fault)
    with pytest.raises(SendError) as failure:
        await send_document(bot, "7", make_document(take_photograph()))
    assert (failure.value.kind, failure.value.reason, failure.value.retry_after_seconds) == expected


@pytest.mark.parametrize("name", FAULTS)
async def test_a_failure_decides_what_becomes_of_the_message(name: str, bot: Bot, platform: FakeTelegram) -> None:
    fault, expected = FAULTS[name]
    platform.fail("sendMessage", fault)
    with pytest.raises(SendError) as failure:
        await send_part(bot, "7", PART, call_seconds=0.5)
    assert (failure.value.kind, failure.value.reason, failure.value.retry_after_seconds) == expected
    await send_part(bot, "7", PART)
    assert [shown.text for shown in platform.chats[7]] == ["您好"]


async def test_nobody_at_the_address_is_worth_another_try(make_settings: MakeSettings) -> None:
    bot = create_bot(make_settings(telegram={"api_url": "http://127.0.0.1:9"}).telegram)
    with pytest.raises(SendError, match=f"retry: {UNREACHABLE}"):
        await send_part(bot, "7", PART)
    await bot.request.shutdown()


@pytest.mark.parametrize("answer", ['{"ok":true,"result":{}}', '{"ok":true,"result":null}', '{"ok":true}'])
async def test_a_message_that_was_taken_is_not_sent_again_however_odd_the_answer(
    answer: str, bot: Bot, platform: FakeTelegram
) -> None:
    platform.fail("sendMessage", says(200, answer))
    await send_part(bot, "7", PART)
    assert platform.calls == ["sendMessage"]


@pytest.mark.usefixtures("logging_of_old")
@pytest.mark.parametrize("log_level", ["INFO", "DEBUG"])
async def test_the_token_is_in_no_log_and_no_exception(
    log_level: str,
    make_settings: MakeSettings,
    platform: FakeTelegram,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(log_level)
    platform.write(7, "您好")
    bots = [
        create_bot(make_settings().telegram),
        create_bot(make_settings(telegram={"api_url": "http://127.0.0.1:9"}).telegram),
    ]
    for fault, _ in FAULTS.values():
        platform.fail("sendMessage", fault)
    for bot in [*[bots[0]] * len(FAULTS), bots[1]]:
        with pytest.raises(SendError) as failure:
            await send_part(bot, "7", PART, call_seconds=0.5)
        assert TOKEN not in repr([failure.value, failure.value.__cause__])
        logging.getLogger("tests").error("not sent", exc_info=failure.value)
    for bot in bots:
        await bot.request.shutdown()
    written = capsys.readouterr().err
    assert "not sent" in written
    assert TOKEN not in written
