"""The chat page in a real browser, with everything behind it real."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.stack import Stack
from tests.waiting import PATIENCE_MS

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    opened.goto(stack.urls["gateway"])
    yield opened
    assert faults == []
    context.close()


def say(page: Page, text: str) -> None:
    page.get_by_label("您的问题").fill(text)
    page.keyboard.press("Enter")


def test_a_quota_check_by_thumb(page: Page) -> None:
    log = page.get_by_role("log")
    expect(log).to_contain_text("我是小禾")
    page.get_by_role("button", name="测额度").click()
    for title in ("同意", "开店摆摊"):
        page.get_by_role("button", name=title, exact=True).click()
    expect(log).to_contain_text("营业流水", timeout=PATIENCE_MS)
    say(page, "一年60万")
    expect(log).to_contain_text("做了多久", timeout=PATIENCE_MS)
    say(page, "5年")
    page.get_by_role("button", name="没有", exact=True).click()
    expect(log).to_contain_text("最后一问", timeout=PATIENCE_MS)
    page.get_by_role("button", name="没有", exact=True).last.click()
    expect(log).to_contain_text("年利率", timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_history_survives_a_reload(page: Page) -> None:
    say(page, "农户贷需要什么材料")
    expect(page.get_by_role("log")).to_contain_text("户口簿", timeout=PATIENCE_MS)
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("农户贷需要什么材料", timeout=PATIENCE_MS)
    expect(page.get_by_role("log").get_by_text("户口簿")).to_have_count(1)


def test_a_human_is_one_tap_away_and_the_page_says_so(page: Page) -> None:
    page.locator("#human").click()
    expect(page.get_by_role("log")).to_contain_text("转人工客服", timeout=PATIENCE_MS)
    expect(page.locator("#holder-bar")).to_contain_text("人工客服", timeout=PATIENCE_MS)
    say(page, "我想问问利息")
    expect(page.get_by_role("log")).to_contain_text("我想问问利息")


def test_two_tabs_show_the_same_conversation(page: Page) -> None:
    say(page, "你好")
    expect(page.get_by_role("log")).to_contain_text("青禾农商银行的智能助手。贷款", timeout=PATIENCE_MS)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("log")).to_contain_text("你好", timeout=PATIENCE_MS)
    say(page, "谢谢你啊")
    expect(other.get_by_role("log")).to_contain_text("谢谢你啊", timeout=PATIENCE_MS)
    expect(other.get_by_role("log")).to_contain_text("不客气", timeout=PATIENCE_MS)


def test_nothing_is_lost_when_the_gateway_is_away(page: Page, stack: Stack) -> None:
    expect(page.get_by_role("log")).to_contain_text("我是小禾")
    say(page, "你好")
    expect(page.get_by_role("log")).to_contain_text("测额度、办申请", timeout=PATIENCE_MS)
    stack.stop("gateway", signal.SIGKILL)
    try:
        say(page, "农户贷需要什么材料")
        expect(page.get_by_role("log")).to_contain_text("农户贷需要什么材料")
    finally:
        stack.start("gateway")
        stack.wait_until_healthy("gateway")
    retry = page.get_by_text("点此重试")
    expect(page.get_by_role("log").get_by_text("户口簿").or_(retry).first).to_be_visible(timeout=PATIENCE_MS)
    if retry.is_visible():
        retry.click()
    expect(page.get_by_role("log").get_by_text("户口簿")).to_have_count(1, timeout=PATIENCE_MS)


def test_too_long_a_text_is_kept_with_a_reason(page: Page) -> None:
    long = "我想贷款" * 150
    page.get_by_label("您的问题").fill(long)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("500")
    assert page.get_by_label("您的问题").input_value() == long


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    expect(page.get_by_role("log")).to_contain_text("我是小禾")
    page.get_by_label("您的问题").focus()
    page.keyboard.type("我要贷款")
    page.keyboard.press("Enter")
    agree = page.get_by_role("button", name="同意", exact=True)
    agree.wait_for()
    agree.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("主要是做什么", timeout=PATIENCE_MS)
