"""Customers on the platforms, with everything behind the gateway real; only the platforms are our own."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from conversations.handoff.schemas import HandoffView
from conversations.service import Conversations
from dev.stack import Stack
from kit.clock import CHINA, read_clock
from knowledge.record import entry_revisions
from knowledge.schemas import EntryText
from tests.conversations.acts import Acts
from tests.end_to_end.customer import Customer, read_words
from tests.platforms.telegram import FakeTelegram
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Said
from tests.platforms.wecom_service import ServicePlatform
from tests.records import is_settled
from tests.waiting import WAIT_SECONDS, wait_for, wait_until

HONEST = "没能办好"


@pytest.fixture
async def gateway(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.urls["gateway"], timeout=WAIT_SECONDS, trust_env=False) as client:
        yield client


async def write(gateway: httpx.AsyncClient, wechat: WeChatPlatform, user: str, *texts: str) -> str:
    """What the last text was answered with at once."""
    said: Said | None = None
    for text in texts:
        said = await wechat.deliver(gateway, wechat.text(user, text))
        assert said, f"{text!r} was not answered at once"
        assert said.how == "passive"
    assert said
    return said.text


async def settle(stack: Stack) -> None:
    """Waits until nothing is left to be answered or sent."""
    database = stack.open_database()
    try:
        await wait_for(lambda: is_settled(database))
    finally:
        await database.close()


async def test_a_quota_check_in_wechat_by_numbers(gateway: httpx.AsyncClient, wechat: WeChatPlatform) -> None:
    greeting = await wechat.deliver(gateway, wechat.event("li", "subscribe", "qrscene_village:青山镇"))
    assert greeting
    assert "1. 测额度" in greeting.text
    assert "1. 同意" in await write(gateway, wechat, "li", "1")
    assert "开店摆摊" in await write(gateway, wechat, "li", "１。")
    assert "营业流水" in await write(gateway, wechat, "li", "2")
    assert "做了多久" in await write(gateway, wechat, "li", "60万")
    # A number answers the question here, and presses nothing.
    assert "欠着" in await write(gateway, wechat, "li", "3")
    assert "最后一问" in await write(gateway, wechat, "li", "没有")
    assert "年利率" in await write(gateway, wechat, "li", "1")


async def publish_straw_entry(stack: Stack) -> None:
    database = stack.open_database()
    content = EntryText(
        category="village_services",
        question="稻草打捆补贴到哪里登记？",
        similar_questions=["稻草打捆补贴怎么登记"],
        answer="请看[补贴指南](https://www.bank.example/straw)。",
        answer_wechat="点下方菜单“找网点”登记。",
    )
    today = read_clock().astimezone(CHINA).date()
    async with database.transaction() as session:
        when: dict[str, Any] = {"now": read_clock(), "today": today}
        draft = await entry_revisions.draft(session, "straw", content.model_dump(mode="json"), today, by="an", **when)
        await entry_revisions.approve(session, draft.key, draft.number, draft.version, by="bo", **when)
    await database.close()


async def test_each_channel_hears_its_own_wording(
    gateway: httpx.AsyncClient, wechat: WeChatPlatform, stack: Stack
) -> None:
    await publish_straw_entry(stack)
    asked = "稻草打捆补贴到哪里登记"
    deadline = time.monotonic() + WAIT_SECONDS
    while "找网点" not in (said := await write(gateway, wechat, f"zhou-{time.monotonic()}", asked)):
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.5)
    assert said.endswith("点下方菜单“找网点”登记。"), "after the notice that a newcomer gets"
    with Customer(stack.urls["gateway"]) as customer:
        heard = await asyncio.to_thread(customer.say, asked)
    assert "请看“补贴指南”（ https://www.bank.example/straw ）。" in read_words(heard)


async def test_a_human_in_wechat_and_a_picture_on_the_way(
    gateway: httpx.AsyncClient, wechat: WeChatPlatform, stack: Stack
) -> None:
    said = await wechat.deliver(gateway, wechat.message("wang", "image", PicUrl="http://p", MediaId="m"))
    assert said
    assert "没有保存" in said.text
    assert "转人工" in await write(gateway, wechat, "wang", "转人工")
    assert "已记下" in await write(gateway, wechat, "wang", "有人吗")
    assert "收到" in await write(gateway, wechat, "wang", "在不在")
    database = stack.open_database()
    try:
        handoff = [h for h in await Acts(database).list_open() if h.channel == "wechat"][-1]
        said_by = await Conversations(database).list_last_messages(handoff.conversation_id)
    finally:
        await database.close()
    assert handoff.window
    assert handoff.window.left == 5
    assert "[图片]" in [message.text for message in said_by]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("how", "seconds"), [(signal.SIGKILL, 8), (signal.SIGSTOP, 12)], ids=["killed", "frozen"])
async def test_rasa_is_away_in_the_middle_of_a_conversation(
    gateway: httpx.AsyncClient, wechat: WeChatPlatform, stack: Stack, how: signal.Signals, seconds: int
) -> None:
    """Customers write on meanwhile: each message hears one honest sentence in time, and later ones are answered."""
    users = [f"zhao-{how}-{n}" for n in range(4)]
    for user in users:
        assert "同意" in await write(gateway, wechat, user, "能贷多少")

    back_at = time.monotonic() + seconds
    heard = dict.fromkeys(users, 1)

    async def complain(user: str) -> None:
        number = 0
        while time.monotonic() < back_at:
            number += 1
            said = await wechat.deliver(gateway, wechat.text(user, f"农户贷需要什么材料{number}"))
            if said is None:
                said = (await wechat.wait_for(user, heard[user] + 1))[-1]
            assert HONEST in said.text
            heard[user] += 1
            await asyncio.sleep(seconds / 8)

    stack.stop("rasa", how)
    try:
        await asyncio.gather(*map(complain, users))
    finally:
        if how is signal.SIGSTOP:
            stack.stop("rasa", signal.SIGCONT)
        else:
            stack.start("rasa")
        await asyncio.to_thread(stack.wait_until_healthy, "rasa")
    await asyncio.sleep(4)  # the gateway leaves a Rasa that was late alone for a moment
    for user in users:
        assert "身份证" in await write(gateway, wechat, user, "农户贷需要什么材料")
    await settle(stack)
    seen = {user: len(wechat.seen[user]) for user in users}
    assert seen == {user: count + 1 for user, count in heard.items()}, "an answer too many or too few"


async def test_a_loan_is_asked_about_in_telegram(gateway: httpx.AsyncClient, telegram: FakeTelegram) -> None:
    user = 70001

    async def settle(count: int) -> str:
        await wait_until(lambda: len(telegram.chats[user]) >= count)
        return telegram.chats[user][count - 1].text

    assert await telegram.deliver(gateway, telegram.write(user, "/start")) == [200]
    assert "小禾" in await settle(1)
    assert await telegram.deliver(gateway, telegram.press(user, "测额度")) == [200]
    assert "同意" in await settle(2)
    await wait_until(lambda: "✓ 测额度" in telegram.chats[user][0].text)
    assert await telegram.deliver(gateway, telegram.press(user, "同意，继续")) == [200]  # data go abroad
    assert "不查征信" in await settle(3)
    assert await telegram.deliver(gateway, telegram.press(user, "同意")) == [200]
    assert "做什么" in await settle(4)
    assert await telegram.deliver(gateway, telegram.write(user, "算了")) == [200]
    await settle(5)


async def test_a_quota_check_and_a_human_in_wecom_customer_service(
    gateway: httpx.AsyncClient, service: ServicePlatform, stack: Stack
) -> None:
    user = "chen"

    async def hear(count: int) -> str:
        return (await service.wait_for(user, count))[count - 1].text

    await service.deliver(gateway, service.enter(user, "village:青山镇"))
    assert "小禾" in await hear(1)
    assert service.calls["welcome"] == 1
    await service.deliver(gateway, service.press(user, "测额度"))
    assert "不查征信" in await hear(2)
    await service.deliver(gateway, service.press(user, "同意"))
    await hear(3)
    await service.deliver(gateway, service.press(user, "开店摆摊"))
    assert "营业流水" in await hear(4)
    await service.deliver(gateway, service.text(user, "算了"))
    await hear(5)
    await service.deliver(gateway, service.text(user, "转人工"))
    assert "转人工" in await hear(6)
    database = stack.open_database()

    async def find_counted() -> HandoffView | None:
        """Once the platform has answered what was sent is counted."""
        (handoff,) = [h for h in await Acts(database).list_open() if h.channel == "wecom_service"]
        return handoff if handoff.window and handoff.window.left == 4 else None

    try:
        handoff = await wait_for(find_counted)
    finally:
        await database.close()
    assert handoff
    assert handoff.source == "village:青山镇"
