"""Customers in WeCom customer service: the channel in a real gateway, between our own WeCom and a scripted bot."""

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest

from connectors.wecom_service.channel import WeComService
from connectors.wecom_service.settings import WeComServiceSettings
from conversations.schemas import Reply, ReplyButton, TurnOutcome
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from kit.clock import read_clock
from kit.database import Database
from kit.logging import MaskingFormatter
from kit.outbox import SendError
from tests.connectors.wecom_service.conftest import OpenGateway
from tests.fakes import ScriptedBot
from tests.platforms.wechat_api import Fault, Said
from tests.platforms.wecom_service import ServicePlatform
from tests.platforms.wecom_service_api import ENDED, OPEN_KFID, OURS, STAFFED
from tests.waiting import WAIT_SECONDS

CHOICES = TurnOutcome(
    replies=[
        Reply(
            text="您属于哪一类？",
            buttons=[
                ReplyButton(title="种地养殖", payload='/inform{"product": "农户贷"}'),
                ReplyButton(title="转人工", payload="/request_human"),
            ],
        )
    ],
    dialogue={"form": "quota_form", "asked": "product"},
)
USER = f"{OPEN_KFID}/farmer"
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def find_conversation(database: Database, user_id: str = USER) -> str:
    found = await Conversations(database).find_conversation("wecom_service", user_id)
    assert found
    return found.id


async def list_recorded(database: Database) -> list[str]:
    return [m.text for m in await Conversations(database).list_messages(await find_conversation(database))]


async def wait_until_recorded(database: Database, text: str) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while text not in await list_recorded(database):  # noqa: ASYNC110 (recorded by a task of the gateway)
            await asyncio.sleep(0.02)


@sqlite_only
async def test_wecom_is_given_its_echo_and_nobody_else_is(
    gateway: httpx.AsyncClient, platform: ServicePlatform
) -> None:
    query = platform.make_echo("2869251872156418623")
    response = await gateway.get("/wecom-service", params=query)
    assert (response.status_code, response.text) == (200, "2869251872156418623")
    for forged in ({**query, "nonce": "1"}, {**query, "timestamp": "1"}, {**query, "msg_signature": "0" * 40}, {}):
        assert (await gateway.get("/wecom-service", params=forged)).status_code == 403


async def test_a_message_is_fetched_answered_and_held_by_us(
    gateway: httpx.AsyncClient, platform: ServicePlatform
) -> None:
    assert await platform.deliver(gateway, platform.text("farmer", "能贷多少"))
    assert await platform.wait_for("farmer", 1) == [Said("pushed", "听到：能贷多少")]
    assert platform.states["farmer"] == OURS
    # Known to be ours, it is not asked for again.
    await platform.deliver(gateway, platform.text("farmer", "怎么还"))
    await platform.wait_for("farmer", 2)
    assert (platform.calls["state"], platform.calls["trans"], platform.calls["token"]) == (1, 1, 1)


async def test_choices_are_tapped(gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot) -> None:
    bot.script = [CHOICES]
    await platform.deliver(gateway, platform.text("farmer", "测额度"))
    (said,) = await platform.wait_for("farmer", 1)
    assert [content for _, content in said.choices] == ["种地养殖", "转人工"]
    await platform.deliver(gateway, platform.press("farmer", "种地养殖"))
    await platform.wait_for("farmer", 2)
    assert bot.asked[1] == ("种地养殖", '/inform{"product": "农户贷"}')


async def test_many_messages_of_many_customers_come_in_pages_and_in_order(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    platform.page_max = 2
    for number in range(3):
        for user in ("farmer", "trader"):
            platform.put(platform.text(user, f"第{number}句"))
    await platform.call(gateway)
    for user in ("farmer", "trader"):
        await platform.wait_for(user, 3)
        assert platform.list_texts(user) == [f"听到：第{number}句" for number in range(3)]
    assert len(bot.asked) == 6


async def test_what_comes_again_acts_once(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    message = platform.text("farmer", "你好")
    platform.put(message)
    await asyncio.gather(*(platform.deliver(gateway, message) for _ in range(3)))
    await platform.deliver(gateway, platform.text("farmer", "再见"))
    await platform.wait_for("farmer", 2)
    assert [text for text, _ in bot.asked] == ["你好", "再见"]


async def test_a_lost_callback_is_made_up_for(open_gateway: OpenGateway, platform: ServicePlatform) -> None:
    async with open_gateway(sync_seconds=0.2) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "你好"))
        await platform.wait_for("farmer", 1)
        platform.put(platform.text("farmer", "在吗"))
        await platform.wait_for("farmer", 2)


async def test_what_came_while_no_gateway_ran_is_answered_by_the_next(
    open_gateway: OpenGateway, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    async with open_gateway(sync_seconds=0.2) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "你好"))
        await platform.wait_for("farmer", 1)
    platform.put(platform.text("farmer", "在吗"))
    async with open_gateway(sync_seconds=0.2):
        await platform.wait_for("farmer", 2)
    assert [text for text, _ in bot.asked] == ["你好", "在吗"]


async def test_two_gateways_answer_each_message_once(
    open_gateway: OpenGateway, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    platform.page_max = 1
    async with open_gateway() as first, open_gateway() as second:
        for number in range(4):
            message = platform.text("farmer", f"第{number}句")
            platform.put(message)
            await asyncio.gather(*(platform.call(gateway) for gateway in (first, second)))
        await platform.wait_for("farmer", 4)
    assert platform.list_texts("farmer") == [f"听到：第{number}句" for number in range(4)]
    assert len(bot.asked) == 4


@pytest.mark.parametrize("fault", [-1, 45009, 42001, 40014, 95007, "500", "garbage"])
@sqlite_only
async def test_a_fetch_that_fails_is_tried_again(
    open_gateway: OpenGateway, platform: ServicePlatform, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.wecom_service.syncer.RETRY_SECONDS", 0.05)
    platform.fail("sync", fault)
    async with open_gateway() as gateway:
        await platform.deliver(gateway, platform.text("farmer", "你好"))
        if fault == 45009:  # a minute's pause, which the next callback ends
            await platform.wait_for_calls("sync", 1)
            await platform.call(gateway)
        await platform.wait_for("farmer", 1)


@sqlite_only
async def test_a_cursor_that_is_forgotten_costs_nothing_and_doubles_nothing(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    for number in range(2):
        await platform.deliver(gateway, platform.text("farmer", f"第{number}句"))
        await platform.wait_for("farmer", number + 1)
    platform.forget_cursors()
    await platform.deliver(gateway, platform.text("farmer", "第2句"))
    await platform.wait_for("farmer", 3)
    assert [text for text, _ in bot.asked] == ["第0句", "第1句", "第2句"]


@sqlite_only
async def test_what_was_written_before_we_were_there_is_not_ours(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot
) -> None:
    platform.put(platform.text("farmer", "昨天问的") | {"send_time": int(read_clock().timestamp()) - 86_400})
    await platform.deliver(gateway, platform.text("farmer", "今天问的"))
    await platform.wait_for("farmer", 1)
    assert [text for text, _ in bot.asked] == ["今天问的"]


@sqlite_only
async def test_whoever_opens_the_chat_is_welcomed_with_the_code(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot, database: Database
) -> None:
    await platform.deliver(gateway, platform.enter("farmer", "village%3A青山镇"))
    assert await platform.wait_for("farmer", 1) == [Said("pushed", "听到：进入客服会话")]
    assert bot.asked == [("进入客服会话", "/greet")]
    assert (platform.calls["welcome"], platform.calls["send"]) == (1, 0)
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    await platform.wait_for("farmer", 2)
    # Within 48 hours there is no code, and no greeting.
    await platform.deliver(gateway, platform.enter("farmer"))
    await platform.deliver(gateway, platform.text("farmer", "在吗"))
    await platform.wait_for("farmer", 3)
    assert len(bot.asked) == 3


@sqlite_only
async def test_a_welcome_that_is_refused_waits_for_the_customers_words(
    gateway: httpx.AsyncClient, platform: ServicePlatform
) -> None:
    platform.fail("welcome", 95020)
    await platform.deliver(gateway, platform.enter("farmer"))
    await platform.wait_for_calls("welcome", 1)
    assert platform.calls["send"] == 0
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    await platform.wait_for("farmer", 2)
    assert platform.list_texts("farmer") == ["听到：进入客服会话", "听到：你好"]


@sqlite_only
async def test_what_wecoms_own_staff_do_is_noted_and_not_answered(
    gateway: httpx.AsyncClient, platform: ServicePlatform, bot: ScriptedBot, database: Database
) -> None:
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    await platform.wait_for("farmer", 1)
    platform.put(platform.event("farmer", "session_status_change", change_type=1, new_servicer_userid="li"))
    platform.put(platform.message("farmer", "text", {"content": "我来办"}) | {"origin": 5, "servicer_userid": "li"})
    platform.put(platform.event("", "servicer_status_change", servicer_userid="li", status=1))
    platform.put(platform.event("farmer", "user_recall_msg", recall_msgid="m"))
    await platform.call(gateway)
    await wait_until_recorded(database, "客户撤回了一条消息")
    recorded = await list_recorded(database)
    assert recorded == ["你好", "听到：你好", "企业微信的接待人员接入会话", "客户撤回了一条消息"]
    assert len(bot.asked) == 1


@sqlite_only
async def test_while_wecoms_own_staff_serve_a_customer_we_do_not_interrupt(
    gateway: httpx.AsyncClient, platform: ServicePlatform, database: Database
) -> None:
    message = platform.text("farmer", "你好")
    platform.states["farmer"] = STAFFED
    await platform.deliver(gateway, message)
    await platform.wait_for_calls("state", 1)
    async with asyncio.timeout(WAIT_SECONDS):
        while not (undelivered := await Undelivered(database).list_all()):  # noqa: ASYNC110 (of another task)
            await asyncio.sleep(0.02)
    assert [(each.state, each.text) for each in undelivered] == [("failed", "听到：你好")]
    assert "接待人员正在接待" in undelivered[0].problem
    assert not platform.seen["farmer"]


@sqlite_only
async def test_a_message_that_did_not_arrive_is_undelivered(
    gateway: httpx.AsyncClient, platform: ServicePlatform, database: Database
) -> None:
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    await platform.wait_for("farmer", 1)
    other = platform.event("trader", "msg_send_fail", fail_msgid=platform.msgids[0], fail_type=10)
    own = platform.event("farmer", "msg_send_fail", fail_msgid=platform.msgids[0], fail_type=10)
    for event in (other, platform.event("farmer", "msg_send_fail", fail_msgid="not-ours", fail_type=1), own):
        platform.put(event)
    await platform.call(gateway)
    async with asyncio.timeout(WAIT_SECONDS):
        while not (undelivered := await Undelivered(database).list_all()):  # noqa: ASYNC110 (of another task)
            await asyncio.sleep(0.02)
    assert [(each.state, each.problem) for each in undelivered] == [("failed", "微信客服没有送到：客户拒收客服消息")]


@sqlite_only
async def test_after_five_messages_the_rest_waits_for_the_customer(
    open_gateway: OpenGateway, platform: ServicePlatform
) -> None:
    text = "".join(f"第{number}条：提前还款没有违约金。\n" for number in range(300))
    async with open_gateway(ScriptedBot(TurnOutcome(replies=[Reply(text=text)]))) as gateway:
        await platform.deliver(gateway, platform.text("farmer", "还款"))
        await platform.wait_for("farmer", 5)
        await platform.deliver(gateway, platform.text("farmer", "后面呢"))
        await platform.wait_for("farmer", 8)
    seen = platform.list_texts("farmer")
    assert "\n".join(seen[:-1]) == text.strip()
    assert len(set(platform.msgids)) == len(platform.msgids) == len(seen)


@sqlite_only
async def test_an_answer_that_wecom_did_not_confirm_is_not_shown_twice(
    database_url: str, open_gateway: OpenGateway, platform: ServicePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.connectors.wecom_service.conftest.WeComService", _Hasty)
    platform.fail("send", "lost")
    async with open_gateway() as gateway:
        await platform.deliver(gateway, platform.text("farmer", "你好"))
        await platform.wait_for_calls("send", 2)
    assert platform.list_texts("farmer") == ["听到：你好"]


class _Hasty(WeComService):
    def __init__(self, settings: WeComServiceSettings, **more: object) -> None:
        super().__init__(settings, call_seconds=0.3, **more)  # type: ignore[arg-type]  # passed through


@sqlite_only
async def test_a_customer_who_writes_too_fast_is_told_so_once(
    open_gateway: OpenGateway, platform: ServicePlatform
) -> None:
    async with open_gateway(messages_per_minute=2) as gateway:
        for number in range(6):
            platform.put(platform.text("farmer", f"在吗{number}"))
        await platform.deliver(gateway, platform.text("trader", "在吗"))
        await platform.wait_for("trader", 1)
        await platform.wait_for("farmer", 3)
    assert sum("太快" in text for text in platform.list_texts("farmer")) == 1


@sqlite_only
async def test_one_person_at_two_accounts_has_two_conversations(
    gateway: httpx.AsyncClient, platform: ServicePlatform, database: Database
) -> None:
    platform.accounts["wk-second"] = "青山支行"
    await platform.deliver(gateway, platform.text("farmer", "你好"))
    await platform.deliver(gateway, platform.text("farmer", "在吗", open_kfid="wk-second"))
    await platform.wait_for("farmer", 2)
    first, second = [await find_conversation(database, f"{kf}/farmer") for kf in (OPEN_KFID, "wk-second")]
    assert first != second


@sqlite_only
async def test_a_message_that_cannot_be_read_holds_up_no_other(
    gateway: httpx.AsyncClient, platform: ServicePlatform
) -> None:
    platform.put(platform.text("farmer", "坏的") | {"msgid": ""})
    await platform.deliver(gateway, platform.text("farmer", "好的"))
    await platform.wait_for("farmer", 1)
    assert platform.list_texts("farmer") == ["听到：好的"]


class TestSending:
    """What becomes of every way a message can fail."""

    @pytest.fixture
    def channel(self, settings: WeComServiceSettings, platform: ServicePlatform) -> WeComService:
        platform.put(platform.text("farmer", "你好"))
        return WeComService(settings, transport=platform.transport, call_seconds=0.2, send_seconds=0.5)

    async def send(self, channel: WeComService, text: str = "您好", message_id: int = 1) -> None:
        from tests.connectors.tencent.test_render import reply

        (part,) = channel.prepare([reply(text).model_copy(update={"id": message_id})])
        await channel.send(USER, part)

    @pytest.mark.parametrize(
        ("fault", "kind", "may_have_arrived"),
        [
            (95001, "defer", False),
            (95002, "defer", False),
            (95013, "defer", False),
            (95018, "retry", False),
            (-1, "retry", False),
            (45009, "retry", False),
            (60020, "retry", False),
            (48002, "retry", False),
            (40096, "permanent", False),
            (95000, "permanent", False),
            (95004, "permanent", False),
            (99999, "permanent", False),
            ("hang", "retry", True),
            ("lost", "retry", True),
            ("500", "retry", False),
            ("garbage", "retry", False),
        ],
    )
    async def test_every_failure_has_its_class(
        self, channel: WeComService, platform: ServicePlatform, fault: Fault, kind: str, may_have_arrived: bool
    ) -> None:
        platform.fail("send", fault)
        with pytest.raises(SendError) as failed:
            await self.send(channel)
        assert (failed.value.kind, failed.value.maybe_delivered) == (kind, may_have_arrived)
        assert not failed.value.reason.isascii()
        assert not any(secret in str(failed.value) for secret in platform.list_secrets())

    @pytest.mark.parametrize("call", ["state", "trans"])
    @pytest.mark.parametrize("fault", [-1, 95016, "hang", "500", "garbage"])
    async def test_a_session_that_cannot_be_held_sends_nothing(
        self, channel: WeComService, platform: ServicePlatform, call: str, fault: Fault
    ) -> None:
        platform.fail(call, fault)
        with pytest.raises(SendError) as failed:
            await self.send(channel)
        assert (failed.value.kind, failed.value.maybe_delivered, platform.calls["send"]) == ("retry", False, 0)
        await self.send(channel)
        assert platform.list_texts("farmer") == ["您好"]

    async def test_a_token_that_ended_is_changed(self, channel: WeComService, platform: ServicePlatform) -> None:
        await self.send(channel)
        platform.end_access_tokens()
        await self.send(channel, "再见", 2)
        assert platform.list_texts("farmer") == ["您好", "再见"]

    async def test_a_session_that_staff_took_is_found_out_and_left(
        self, channel: WeComService, platform: ServicePlatform
    ) -> None:
        await self.send(channel)
        platform.states["farmer"] = STAFFED
        kinds = []
        for _ in range(2):
            with pytest.raises(SendError) as failed:
                await self.send(channel, "再见", 2)
            kinds.append(failed.value.kind)
        assert kinds == ["retry", "permanent"]

    async def test_a_session_that_ended_waits_for_the_customer(
        self, channel: WeComService, platform: ServicePlatform
    ) -> None:
        platform.states["farmer"] = ENDED
        with pytest.raises(SendError) as failed:
            await self.send(channel)
        assert failed.value.kind == "defer"
        platform.put(platform.text("farmer", "在吗"))
        await self.send(channel)
        assert platform.list_texts("farmer") == ["您好"]

    async def test_the_window_is_wecoms(self, settings: WeComServiceSettings, platform: ServicePlatform) -> None:
        platform.put(platform.text("farmer", "你好"))
        channel = WeComService(settings, transport=platform.transport)
        now = read_clock()
        await self.send(channel)
        platform.clock = lambda: now + timedelta(hours=49)
        with pytest.raises(SendError) as failed:
            await self.send(channel, "再见", 2)
        assert failed.value.kind == "defer"


@sqlite_only
async def test_no_secret_and_nothing_a_customer_says_is_logged(
    gateway: httpx.AsyncClient, platform: ServicePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    formatter = MaskingFormatter("%(message)s")
    with caplog.at_level(logging.DEBUG):
        platform.fail("sync", "garbage")
        platform.put(platform.text("farmer", "我家在青山镇，电话13800001234") | {"msgid": ""})
        await platform.deliver(gateway, platform.text("farmer", "我叫王小明，电话13800001234"))
        await platform.call(gateway)
        await platform.wait_for("farmer", 1)
    ours = [formatter.format(record) for record in caplog.records if record.name.startswith(("connectors", "kit"))]
    assert not any(secret in line for line in ours for secret in (*platform.list_secrets(), "13800001234", "王小明"))
