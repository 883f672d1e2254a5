"""Customers send pictures: fetched once, kept and answered; and what cannot be had."""

import httpx
import pytest

from connectors.wecom_service.channel import WeComService
from connectors.wecom_service.settings import WeComServiceSettings
from connectors.wording import PAPER_UNASKED
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from kit.outbox import SendError
from tests.connectors.papers import agree, find_conversation
from tests.connectors.tencent.test_render import reply
from tests.documents.pictures import take_photograph
from tests.documents.samples import PDF, make_document
from tests.fakes import ScriptedBot
from tests.platforms.wechat_api import Fault
from tests.platforms.wecom_service import ServicePlatform
from tests.platforms.wecom_service_api import OPEN_KFID

PHOTOGRAPH = take_photograph()
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def platform() -> ServicePlatform:
    made = ServicePlatform()
    made.media["media-1"] = PHOTOGRAPH
    return made


@sqlite_only
async def test_a_picture_is_fetched_kept_and_answered(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot, database: Database
) -> None:
    conversation_id = await find_conversation(database, "wecom_service", f"{OPEN_KFID}/farmer")
    await agree(database, conversation_id)
    picture = platform.message("farmer", "image", {"media_id": "media-1"})
    await platform.deliver(gateway, picture)
    (said,) = await platform.wait_for("farmer", 1)
    assert said.text == "听到：[图片]"
    (kept,) = await Documents(database).list_of_conversations([conversation_id])
    assert kept.message_id == picture["msgid"]
    assert (bot.acts[0].name, bot.acts[0].values["document"]) == ("send_picture", kept.id)


@sqlite_only
async def test_without_consent_it_is_not_even_fetched(gateway: httpx.AsyncClient, platform: ServicePlatform) -> None:
    await platform.deliver(gateway, platform.message("farmer", "image", {"media_id": "media-1"}))
    (said,) = await platform.wait_for("farmer", 1)
    assert said.text.startswith(PAPER_UNASKED.text)
    assert platform.calls["media"] == 0


async def test_an_agents_picture_is_sent_once(settings: WeComServiceSettings, platform: ServicePlatform) -> None:
    platform.put(platform.text("farmer", "你好"))
    channel = WeComService(settings, transport=platform.transport)
    for _ in range(2):  # the first was not confirmed
        await channel.send_document(f"{OPEN_KFID}/farmer", reply("[图片]"), make_document(PHOTOGRAPH))
    assert [(said.text, said.picture) for said in platform.seen["farmer"]] == [("[图片]", PHOTOGRAPH)]


async def test_an_agents_file_is_sent_as_one(settings: WeComServiceSettings, platform: ServicePlatform) -> None:
    platform.put(platform.text("farmer", "你好"))
    channel = WeComService(settings, transport=platform.transport)
    await channel.send_document(f"{OPEN_KFID}/farmer", reply("[文件] 计划.pdf"), make_document(PDF, "计划.pdf"))
    assert [(said.text, said.picture) for said in platform.seen["farmer"]] == [("[文件]", PDF)]


@pytest.mark.parametrize(
    ("call", "fault", "kind"), [("upload", -1, "retry"), ("upload", 40005, "permanent"), ("send", 95001, "defer")]
)
async def test_a_picture_that_is_not_taken_is_a_failure_of_its_class(
    settings: WeComServiceSettings, platform: ServicePlatform, call: str, fault: Fault, kind: str
) -> None:
    platform.put(platform.text("farmer", "你好"))
    platform.fail(call, fault)
    channel = WeComService(settings, transport=platform.transport)
    with pytest.raises(SendError) as failed:
        await channel.send_document(f"{OPEN_KFID}/farmer", reply("[图片]"), make_document(PHOTOGRAPH))
    assert failed.value.kind == kind


@sqlite_only
async def test_a_voice_message_is_answered_politely(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    await platform.deliver(gateway, platform.message("farmer", "voice", {"media_id": "media-1"}))
    (said,) = await platform.wait_for("farmer", 1)
    assert "请您打字" in said.text
    assert not bot.asked


@pytest.mark.parametrize("fault", [45009, -1, "500", "garbage"])
async def test_what_may_come_later_is_told_apart_from_what_never_will(
    settings: WeComServiceSettings, platform: ServicePlatform, fault: Fault
) -> None:
    channel = WeComService(settings, transport=platform.transport)
    platform.fail("media", fault)
    with pytest.raises(ServiceUnavailable):
        await channel.fetch_media("media-1", 10_000_000)
    assert await channel.fetch_media("media-1", 10_000_000) == PHOTOGRAPH
    for media, bytes_max, code in (("media-0", 10_000_000, "media_gone"), ("media-1", 100, "picture_too_large")):
        with pytest.raises(RequestError, match=code):
            await channel.fetch_media(media, bytes_max)
