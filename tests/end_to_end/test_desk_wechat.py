"""The same journey for a customer in WeChat: bot, human, rating, bot again; and what the platform's window forbids."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import Page, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.staff import close_talk, reply, take_newest
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Said
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.exhaustive

USER = "chen-in-wechat"


def write(stack: Stack, wechat: WeChatPlatform, text: str) -> str:
    """What a message of the customer is answered with at once; nothing when it is taken and no more."""

    async def deliver() -> Said | None:
        async with httpx.AsyncClient(base_url=stack.urls["gateway"], timeout=WAIT_SECONDS, trust_env=False) as gateway:
            return await wechat.deliver(gateway, wechat.text(USER, text))

    with ThreadPoolExecutor(1) as elsewhere:  # Playwright has a loop in this thread
        said = elsewhere.submit(asyncio.run, deliver()).result()
    return said.text if said else ""


def wait_for(page: Page, wechat: WeChatPlatform, words: str) -> None:
    """Until the customer has seen the words; the agent's page lives on meanwhile."""
    for _ in range(100):
        if any(words in said.text for said in wechat.seen[USER]):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{words!r} was not seen among {[said.text for said in wechat.seen[USER]]}")


def test_from_the_bot_to_a_human_and_back(open_desk: OpenDesk, staffed: Stack, wechat: WeChatPlatform) -> None:
    assert "户口簿" in write(staffed, wechat, "农户贷需要什么材料")
    received = write(staffed, wechat, "转人工")
    assert "转人工客服" in received
    assert "1. 预约回电" in received
    agent = open_desk("zhangmin")
    take_newest(agent)
    expect(agent.get_by_text("微信：还可回复")).to_be_visible()
    reply(agent, "陈先生您好，要带身份证。")
    wait_for(agent, wechat, "陈先生您好，要带身份证。")
    assert write(staffed, wechat, "还要带什么") == ""
    expect(agent.get_by_role("log")).to_contain_text("还要带什么")
    close_talk(agent, "已解决", "问材料，已答")
    wait_for(agent, wechat, "请评价这次服务")
    assert "谢谢您的评价" in write(staffed, wechat, "5")
    assert "违约金" in write(staffed, wechat, "提前还款有没有违约金")
    agent.reload()
    expect(agent.get_by_role("log")).to_contain_text("非常满意")


def test_what_the_platforms_window_forbids(open_desk: OpenDesk, staffed: Stack, wechat: WeChatPlatform) -> None:
    write(staffed, wechat, "转人工")
    agent = open_desk("wanglei")
    take_newest(agent)
    for number in range(1, 5):  # with the greeting, five
        reply(agent, f"第{number}句")
        wait_for(agent, wechat, f"第{number}句")
    expect(agent.get_by_text("现在发不出去")).to_be_visible()
    reply(agent, "这句要等您来消息")
    expect(agent.get_by_text("等待发送")).to_be_visible()
    assert not any("这句要等" in said.text for said in wechat.seen[USER])
    write(staffed, wechat, "在吗")
    wait_for(agent, wechat, "这句要等您来消息")
    expect(agent.get_by_text("等待发送")).to_have_count(0)
    close_talk(agent, "已解决", "窗口")
