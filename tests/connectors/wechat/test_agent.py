"""An agent talks to a customer in WeChat: what is said in the desk's process is sent from here, within the window."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.wechat.channel import WeChat
from conversations.attachments import PICTURE
from conversations.handoff.rating import make_rating_buttons
from conversations.outbox import WINDOW_CLOSED
from conversations.schemas import HandoffRequest, Reply, TurnOutcome, Window
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from documents.service import Documents
from kit.database import Database
from tests.conversations.acts import Acts
from tests.documents.pictures import take_photograph
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault
from tests.waiting import wait_for

HANDED_OVER = TurnOutcome(replies=[Reply(text="给您转人工。")], handoff=HandoffRequest(reason="customer_request"))
WAIT = "给您转人工。\n\n请稍等，同事看到马上接。\n\n1. 预约回电\n2. 回到小禾\n回复数字即可。"


@pytest.fixture
def platform() -> WeChatPlatform:
    return WeChatPlatform(counts_pushes=True)


@asynccontextmanager
async def open_gateway(url: str, platform: WeChatPlatform, bot: ScriptedBot) -> AsyncIterator[httpx.AsyncClient]:
    settings = GatewaySettings(
        database_url=url, office_hours="00:00-24:00", office_days="all", wechat=platform.settings()
    )
    channels = [WeChat(settings.wechat, transport=platform.transport)]
    # It is told of what is due.
    app = create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=channels, poll_seconds=60)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as gateway,
    ):
        yield gateway


@pytest.fixture
async def gateway(database_url: str, platform: WeChatPlatform, bot: ScriptedBot) -> AsyncIterator[httpx.AsyncClient]:
    async with open_gateway(database_url, platform, bot) as client:
        yield client


@pytest.fixture
def elsewhere(database: Database) -> Acts:
    """The desk's process."""
    return Acts(database)


async def begin_talk(gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, elsewhere: Acts) -> str:
    """The customer asks for a human and an agent takes the talk: the handoff."""
    bot.script = [HANDED_OVER]
    await platform.deliver(gateway, platform.text("farmer", "转人工"))
    assert platform.list_texts("farmer") == [WAIT]
    (handoff,) = await elsewhere.list_open()
    await elsewhere.take(handoff.id, "li")
    return handoff.id


async def read_window(database: Database) -> Window | None:
    conversation = await Conversations(database).find_conversation("wechat", "farmer")
    assert conversation
    return conversation.window


async def test_an_agents_words_are_sent_and_the_window_counted(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, elsewhere: Acts, database: Database
) -> None:
    handoff_id = await begin_talk(gateway, platform, bot, elsewhere)
    await elsewhere.say(handoff_id, "li", "您好，我是小李。", "key-1")
    await elsewhere.say(handoff_id, "li", "您好，我是小李。", "key-1")  # sent again by a desk that heard no answer
    await elsewhere.say(handoff_id, "li", "想办什么？", "key-2")
    seen = await platform.wait_for("farmer", 3)
    assert [(said.how, said.text) for said in seen[1:]] == [("pushed", "您好，我是小李。"), ("pushed", "想办什么？")]

    async def is_counted() -> bool:
        window = await read_window(database)
        return window is not None and window.left == 3

    await wait_for(is_counted)
    # The customer answers, the gateway is silent, and the window is whole again.
    assert await platform.deliver(gateway, platform.text("farmer", "想问展期")) is None
    window = await read_window(database)
    assert window
    assert window.left == 5
    assert (len(bot.asked), len(platform.seen["farmer"])) == (1, 3)


async def test_an_agents_picture_is_sent_and_counted(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, elsewhere: Acts, database: Database
) -> None:
    handoff_id = await begin_talk(gateway, platform, bot, elsewhere)
    conversation = await Conversations(database).open_conversation("wechat", "farmer")
    kept = await Documents(database).store(conversation.id, "desk:key-1", take_photograph(), sent_by="li")
    await elsewhere.say(handoff_id, "li", PICTURE, "key-1", document=kept.id)
    await elsewhere.say(handoff_id, "li", "您看这张图。", "key-2")
    seen = await platform.wait_for("farmer", 3)
    content = (await Documents(database).read(kept.id)).content
    assert [(said.text, said.picture) for said in seen[1:]] == [("[图片]", content), ("您看这张图。", b"")]

    async def is_counted() -> bool:
        window = await read_window(database)
        return window is not None and window.left == 3

    await wait_for(is_counted)


@pytest.mark.parametrize(("call", "fault"), [("upload", -1), ("upload", 40001), ("upload", "500"), ("send", -1)])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_picture_that_wechat_did_not_take_is_sent_again(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
    bot: ScriptedBot,
    elsewhere: Acts,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    fault: Fault,
) -> None:
    monkeypatch.setattr("kit.outbox.random.uniform", lambda low, high: 0)
    handoff_id = await begin_talk(gateway, platform, bot, elsewhere)
    conversation = await Conversations(database).open_conversation("wechat", "farmer")
    kept = await Documents(database).store(conversation.id, "desk:key-1", take_photograph(), sent_by="li")
    platform.fail(call, fault)
    await elsewhere.say(handoff_id, "li", PICTURE, "key-1", document=kept.id)
    seen = await platform.wait_for("farmer", 2)
    assert [said.text for said in seen[1:]] == ["[图片]"]


async def test_what_the_window_forbids_is_deferred_until_the_customer_writes(
    gateway: httpx.AsyncClient, platform: WeChatPlatform, bot: ScriptedBot, elsewhere: Acts, database: Database
) -> None:
    handoff_id = await begin_talk(gateway, platform, bot, elsewhere)
    for n in range(6):
        await elsewhere.say(handoff_id, "li", f"第{n}句", f"key-{n}")
    await platform.wait_for("farmer", 6)
    undelivered = Undelivered(database)

    async def is_deferred() -> bool:
        return [(t.text, t.state, t.problem) for t in await undelivered.list_all()] == [
            ("第5句", "deferred", WINDOW_CLOSED)
        ]

    await wait_for(is_deferred)
    assert platform.list_texts("farmer")[1:] == [f"第{n}句" for n in range(5)]
    await platform.deliver(gateway, platform.text("farmer", "在"))
    await platform.wait_for("farmer", 7)
    assert platform.list_texts("farmer")[-1] == "第5句"
    assert platform.calls["send"] == 6  # the platform was never asked for what it would refuse


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("text", "rating"), [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5), ("不满意", 2)])
async def test_the_score_or_its_title_rates_the_talk(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
    bot: ScriptedBot,
    elsewhere: Acts,
    text: str,
    rating: int,
) -> None:
    handoff_id = await begin_talk(gateway, platform, bot, elsewhere)
    ask = Reply(text="请您评价这次服务", buttons=make_rating_buttons(handoff_id))
    await elsewhere.close(handoff_id, by="li", replies=[ask])
    await platform.wait_for("farmer", 2)
    assert await platform.deliver(gateway, platform.text("farmer", text))
    assert ((await elsewhere.get(handoff_id)).rating, len(bot.asked)) == (rating, 1)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "state"), [("1", "queued"), ("预约回电", "queued"), ("2", "returned"), ("回到小禾", "returned")]
)
async def test_a_waiting_customer_chooses_with_a_number_or_a_title(
    gateway: httpx.AsyncClient,
    platform: WeChatPlatform,
    bot: ScriptedBot,
    elsewhere: Acts,
    text: str,
    state: str,
) -> None:
    bot.script = [HANDED_OVER]
    await platform.deliver(gateway, platform.text("farmer", "转人工"))
    (handoff,) = await elsewhere.list_open()
    assert await platform.deliver(gateway, platform.text("farmer", text))
    handoff = await elsewhere.get(handoff.id)
    assert (handoff.state, handoff.is_asked_phone) == (state, state == "queued")
