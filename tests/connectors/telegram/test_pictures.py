"""Customers send photos and pictures as files in Telegram: fetched once, kept, answered, whatever fails on the way."""

import logging

import httpx
import pytest

from connectors.telegram.bot import create_bot
from connectors.telegram.files import create_client, fetch_file
from connectors.wording import MEDIA_GONE, PAPER_UNASKED
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from tests.connectors.papers import agree, find_conversation
from tests.connectors.telegram.conftest import MakeSettings
from tests.connectors.telegram.test_channel import WANG, texts
from tests.documents.pictures import take_photograph
from tests.fakes import ScriptedBot
from tests.platforms.telegram import FakeTelegram
from tests.platforms.telegram_faults import hangs, refuses, says
from tests.waiting import wait_until

PHOTOGRAPH = take_photograph()
SIZES = [
    {"file_id": "large", "file_unique_id": "a", "width": 960, "height": 1280},
    {"file_id": "small", "file_unique_id": "b", "width": 67, "height": 90},
]
PICTURE_FILE = {"file_id": "large", "file_unique_id": "c", "mime_type": "image/png", "file_name": "身份证.png"}
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def platform() -> FakeTelegram:
    made = FakeTelegram()
    made.files["large"] = PHOTOGRAPH
    return made


async def agree_as_wang(database: Database) -> str:
    conversation_id = await find_conversation(database, "telegram", str(WANG))
    await agree(database, conversation_id)
    return conversation_id


@pytest.mark.parametrize("content", [{"photo": SIZES}, {"document": PICTURE_FILE}])
async def test_a_picture_is_fetched_kept_and_answered(
    platform: FakeTelegram,
    gateway: httpx.AsyncClient,
    bot: ScriptedBot,
    database: Database,
    content: dict[str, object],
) -> None:
    conversation_id = await agree_as_wang(database)
    update = platform.say(WANG, **content)
    for _ in range(2):  # Telegram may call again
        assert await platform.deliver(gateway, update) == [200]
    await wait_until(lambda: platform.chats[WANG])
    assert texts(platform) == ["听到：[图片]"]
    (kept,) = await Documents(database).list_of_conversations([conversation_id])
    assert (kept.message_id, platform.calls.count("file")) == (f"update-{update['update_id']}", 1)
    assert bot.acts[0].values["document"] == kept.id


@sqlite_only
async def test_without_consent_it_is_not_even_fetched(
    platform: FakeTelegram,
    gateway: httpx.AsyncClient,
) -> None:
    await platform.deliver(gateway, platform.say(WANG, photo=SIZES))
    await wait_until(lambda: platform.chats[WANG])
    assert (texts(platform), platform.calls.count("getFile")) == ([PAPER_UNASKED.text], 0)


@sqlite_only
async def test_a_picture_that_is_gone_is_answered_with_the_reason(
    platform: FakeTelegram,
    gateway: httpx.AsyncClient,
    database: Database,
) -> None:
    await agree_as_wang(database)
    platform.files.clear()
    await platform.deliver(gateway, platform.say(WANG, photo=SIZES))
    await wait_until(lambda: platform.chats[WANG])
    assert texts(platform) == [f"{MEDIA_GONE}。"]


async def test_what_may_come_later_is_told_apart_from_what_never_will(
    platform: FakeTelegram, make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot, client = create_bot(make_settings().telegram), create_client()
    await bot.request.initialize()
    for method, fault in (
        ("getFile", refuses(500, "Internal Server Error")),
        ("getFile", says(502, "<html>")),
        ("getFile", hangs),
        ("file", hangs),
        ("file", says(502, "<html>")),
    ):
        platform.fail(method, fault)
        with pytest.raises(ServiceUnavailable) as failed:
            await fetch_file(bot, client, "large", 10_000_000, seconds=0.3)
        assert platform.token not in str(failed.value)
        assert failed.value.__cause__ is None
    assert await fetch_file(bot, client, "large", 10_000_000) == PHOTOGRAPH
    for file_id, bytes_max, code in (("gone", 10_000_000, "media_gone"), ("large", 100, "picture_too_large")):
        with pytest.raises(RequestError, match=code):
            await fetch_file(bot, client, file_id, bytes_max)
    await client.aclose()
    await bot.request.shutdown()
