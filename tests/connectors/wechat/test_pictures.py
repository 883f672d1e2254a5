"""Customers send pictures in WeChat: fetched once, kept, answered, whatever fails on the way."""

import asyncio
from typing import Any

import httpx
import pytest

from connectors.pictures import Pictures
from connectors.wechat.channel import WeChat
from connectors.wechat.settings import WeChatSettings
from connectors.wording import MEDIA_GONE, PAPER_UNASKED
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from kit.outbox import SendError
from tests.connectors.papers import agree, find_conversation
from tests.connectors.tencent.test_render import reply
from tests.connectors.wechat.conftest import OpenGateway
from tests.documents.pictures import draw, encode, take_photograph
from tests.documents.samples import PDF, make_document
from tests.fakes import ScriptedBot
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault

PHOTOGRAPH = take_photograph()
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def platform() -> WeChatPlatform:
    made = WeChatPlatform()
    made.media["media-1"] = PHOTOGRAPH
    return made


async def send(client: httpx.AsyncClient, platform: WeChatPlatform, media: str = "media-1", **more: str) -> Any:
    picture = platform.message("farmer", "image", PicUrl="http://p", MediaId=media, **more)
    return picture, await platform.deliver(client, picture)


async def test_a_picture_is_fetched_kept_and_answered(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
    bot: ScriptedBot,
    database: Database,
) -> None:
    conversation_id = await find_conversation(database, "wechat", "farmer")
    await agree(database, conversation_id)
    picture, said = await send(gateway, platform)
    assert said
    assert said.text == "听到：[图片]"
    (kept,) = await Documents(database).list_of_conversations([conversation_id])
    assert kept.message_id == picture["MsgId"]
    assert (bot.acts[0].name, bot.acts[0].values["document"]) == ("send_picture", kept.id)
    await platform.deliver(gateway, picture)  # WeChat calls again
    assert (platform.calls["media"], len(bot.acts)) == (1, 1)


@sqlite_only
async def test_without_consent_it_is_not_even_fetched(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
) -> None:
    _, said = await send(gateway, platform)
    assert said
    assert said.text.startswith(PAPER_UNASKED.text)
    assert platform.calls["media"] == 0


@sqlite_only
async def test_nothing_is_lost_when_the_gateway_ends_before_it_is_stored(
    open_gateway: OpenGateway,
    platform: WeChatPlatform,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation_id = await find_conversation(database, "wechat", "farmer")
    await agree(database, conversation_id)
    whole = Pictures.receive

    async def die(*given: Any) -> Any:
        raise asyncio.CancelledError  # as when the process ends: the message is recorded, and nothing else

    monkeypatch.setattr(Pictures, "receive", die)
    async with open_gateway() as first:
        picture = platform.message("farmer", "image", PicUrl="http://p", MediaId="media-1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await platform.deliver(first, picture)
    monkeypatch.setattr(Pictures, "receive", whole)
    async with open_gateway():
        (said,) = await platform.wait_for("farmer", 1)
    assert said.text == "听到：[图片]"
    assert len(await Documents(database).list_of_conversations([conversation_id])) == 1


@sqlite_only
async def test_a_picture_that_is_gone_or_none_is_answered_with_the_reason(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
    database: Database,
) -> None:
    await agree(database, await find_conversation(database, "wechat", "farmer"))
    _, gone = await send(gateway, platform, "media-0")
    assert MEDIA_GONE in gone.text
    platform.media["media-2"] = encode(draw())[:400]
    _, broken = await send(gateway, platform, "media-2")
    assert "没有传完整" in broken.text


async def test_wechat_takes_no_files_from_us(settings: WeChatSettings, platform: WeChatPlatform) -> None:
    channel = WeChat(settings, transport=platform.transport)
    with pytest.raises(SendError, match="发不了文件") as failed:
        await channel.send_document("farmer", reply("[文件] a.pdf"), make_document(PDF, "a.pdf"))
    assert failed.value.kind == "permanent"


@pytest.mark.parametrize("fault", [45009, -1, "500", "garbage"])
async def test_what_may_come_later_is_told_apart_from_what_never_will(
    settings: WeChatSettings, platform: WeChatPlatform, fault: Fault
) -> None:
    channel = WeChat(settings, transport=platform.transport)
    platform.fail("media", fault)
    with pytest.raises(ServiceUnavailable):
        await channel.fetch_media("media-1", 10_000_000)
    assert await channel.fetch_media("media-1", 10_000_000) == PHOTOGRAPH
    for media, bytes_max, code in (("media-0", 10_000_000, "media_gone"), ("media-1", 100, "picture_too_large")):
        with pytest.raises(RequestError, match=code):
            await channel.fetch_media(media, bytes_max)
    await channel._api.close()
