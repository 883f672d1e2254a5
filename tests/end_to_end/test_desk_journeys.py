"""Customers and staff, each at a browser of their own, with everything between them real."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.staff import (
    PHONE,
    close_talk,
    open_newest,
    reply,
    set_status,
    take_newest,
)
from tests.waiting import PATIENCE_MS

AWAY_MS = 120_000  # until a dead browser's talk is back in the queue


@pytest.fixture
def customer_page(browser: Browser, staffed: Stack) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(staffed.urls["gateway"])
    yield page
    context.close()


def say(page: Page, *texts: str) -> None:
    for text in texts:
        answers = page.locator(".message:not(.from-customer)").count()
        page.get_by_label("您的问题").fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".message:not(.from-customer)")).not_to_have_count(answers)


def hear(page: Page, words: str) -> None:
    expect(page.get_by_role("log")).to_contain_text(words, timeout=PATIENCE_MS)


def test_from_the_bot_to_a_human_and_back(open_desk: OpenDesk, customer_page: Page) -> None:
    say(customer_page, "提前还款有没有违约金", "我的电话是13812345678", "转人工")
    hear(customer_page, "请稍等")
    agent = open_desk("zhangmin")
    take_newest(agent)
    hear(customer_page, "我是客服张敏")
    expect(customer_page.locator("#holder-bar")).to_contain_text("人工客服正在为您服务")
    log = agent.get_by_role("log")
    expect(log).to_contain_text("提前还款有没有违约金")
    expect(log).to_contain_text("138****5678")
    expect(log).not_to_contain_text("13812345678")

    customer_page.get_by_label("您的问题").press_sequentially("我想问一下提前还款的事情", delay=500)
    expect(agent.get_by_text("客户正在输入")).to_be_visible()
    customer_page.get_by_label("您的问题").fill("提前还款要收钱吗")
    customer_page.keyboard.press("Enter")
    expect(log).to_contain_text("提前还款要收钱吗")
    agent.get_by_role("button", name="提前还款有违约金吗").first.click()
    expect(agent.get_by_label("回复客户")).not_to_have_value("")
    reply(agent, "不收，随时可以还。")
    hear(customer_page, "不收，随时可以还。")

    agent.get_by_role("button", name="显示完整号码").click()
    expect(log).to_contain_text("13812345678")
    agent.get_by_label("内部备注").fill("客户问了两次违约金")
    agent.get_by_role("button", name="记下").click()
    expect(agent.get_by_role("complementary")).to_contain_text("客户问了两次违约金")

    close_talk(agent, "已解决", "问违约金，已答")
    hear(customer_page, "请评价这次服务")
    customer_page.get_by_role("button", name="满意", exact=True).click()
    hear(customer_page, "谢谢您的评价")
    say(customer_page, "农户贷需要什么材料")
    hear(customer_page, "户口簿")
    expect(customer_page.get_by_role("log")).not_to_contain_text("客户问了两次违约金")
    agent.reload()
    expect(agent.get_by_role("log")).to_contain_text("满意")


def test_two_click_at_the_same_moment(open_desk: OpenDesk, customer_page: Page) -> None:
    say(customer_page, "转人工")
    desks = [open_desk(login) for login in ("zhangmin", "wanglei")]
    for desk in desks:
        open_newest(desk)
    buttons = [desk.get_by_role("button", name="接待") for desk in desks]
    for button in buttons:
        expect(button).to_be_visible()
    # Both presses leave before either page has heard of the other's.
    for desk in desks:
        desk.evaluate("setTimeout(() => [...document.querySelectorAll('.talk-buttons button')][0].click(), 300)")
    told = re.compile("晚了一步，这位客户已由(张敏|王磊)负责|这个会话已由(张敏|王磊)接待")
    expect(customer_page.get_by_text("接下来由我为您服务")).to_have_count(1)
    has_lost = [desk.get_by_text(told) for desk in desks]
    expect(has_lost[0].or_(desks[0].get_by_label("回复客户").locator("visible=true")).first).to_be_visible()
    winner, loser = desks if desks[0].get_by_label("回复客户").is_visible() else desks[::-1]
    expect(winner.get_by_label("回复客户")).to_be_visible()
    expect(loser.get_by_text(told)).to_be_visible()
    expect(loser.get_by_label("回复客户")).to_be_hidden()
    expect(customer_page.get_by_text("接下来由我为您服务")).to_have_count(1)
    close_talk(winner, "客户离开", "测试")


def test_an_offer_to_whoever_is_there(open_desk: OpenDesk, customer_page: Page) -> None:
    agent = open_desk("wanglei")
    say(customer_page, "转人工")
    set_status(agent, "接待中")
    mine = agent.get_by_role("region", name="我的会话")
    expect(mine.get_by_text("待接待").first).to_be_visible()
    mine.get_by_role("link").first.click()
    agent.get_by_role("button", name="接待").click()
    expect(agent.get_by_label("回复客户")).to_be_visible()
    set_status(agent, "不接待")


@pytest.mark.exhaustive
def test_a_dead_browser_gives_the_talk_back(open_desk: OpenDesk, customer_page: Page) -> None:
    say(customer_page, "转人工")
    agent = open_desk("zhangmin")
    take_newest(agent)
    reply(agent, "我帮您查一下")
    hear(customer_page, "我帮您查一下")
    address = agent.url
    agent.context.close()  # as good as dead
    hear_again = customer_page.get_by_text("正在为您安排另一位")
    expect(hear_again).to_be_visible(timeout=AWAY_MS)
    other = open_desk("wanglei")
    other.goto(address)
    other.get_by_role("button", name="接待").click()
    expect(other.get_by_role("log")).to_contain_text("我帮您查一下")
    reply(other, "我接着帮您查")
    hear(customer_page, "我接着帮您查")
    close_talk(other, "已解决", "查完了")


def test_a_supervisor_joins_and_takes_over(open_desk: OpenDesk, customer_page: Page) -> None:
    say(customer_page, "你们服务太差了我要投诉")
    agent, supervisor = (open_desk(login) for login in ("zhangmin", "zhaoli"))
    take_newest(agent, "投诉")
    supervisor.goto(agent.url)
    expect(agent.get_by_text("赵丽也在看")).to_be_visible(timeout=AWAY_MS)
    reply(supervisor, "您好，我是主管赵丽。")
    hear(customer_page, "我是主管赵丽")
    expect(agent.get_by_role("log")).to_contain_text("我是主管赵丽")
    supervisor.get_by_role("button", name="接管").click()
    supervisor.get_by_role("dialog").get_by_role("button", name="接管").click()
    expect(agent.get_by_label("回复客户")).to_be_hidden()
    expect(agent.get_by_text("这个会话已由赵丽接管")).to_be_visible()
    close_talk(supervisor, "需要跟进", "投诉服务，已安抚")
    hear(customer_page, "请评价这次服务")


def test_an_account_manager_in_the_village(open_desk: OpenDesk, customer_page: Page) -> None:
    manager = open_desk("liqiang", PHONE)
    say(
        customer_page,
        "我想贷款",
        "同意",
        "种地养殖",
        "5万",
        "1年",
        "买农资",
        "柳河镇王家村",
        "王秀英",
        "13700005678",
        "提交",
    )
    hear(customer_page, "申请编号")
    manager.get_by_role("link", name="客户", exact=True).click()
    card = manager.get_by_text("王秀英").first
    expect(card).to_be_visible(timeout=AWAY_MS)
    expect(manager.locator(".page")).not_to_contain_text("13700005678")
    assert manager.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    say(customer_page, "找客户经理")
    manager.get_by_role("link", name="会话", exact=True).click()
    take_newest(manager)
    hear(customer_page, "我是客户经理李强")
    assert manager.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    manager.get_by_role("button", name="资料").click()
    expect(manager.get_by_role("complementary")).to_contain_text("柳河镇王家村")
    manager.get_by_role("button", name="关闭").click()
    reply(manager, "我明天上午到村里")
    hear(customer_page, "我明天上午到村里")
    close_talk(manager, "需要跟进", "约好明天上门")
