"""The chat page's sessions: begun anew, ended elsewhere, on a phone of several people; and writing too fast."""

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from connectors.wording import TOO_FAST
from tests.connectors.webchat.served_page import NOON, ServedPage

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]
STORED = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"
TOKEN = """() => JSON.parse(localStorage["xiaohe.token"] ?? sessionStorage["xiaohe.token"])"""
SAID = "我家的大棚"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def page(context: BrowserContext, served: ServedPage) -> Iterator[Page]:
    """The page, in which something personal was said."""
    served.clock.now = NOON
    served.bot.asked.clear()
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(served.url)
    say(opened, SAID)
    expect(find_log(opened)).to_contain_text(f"听到：{SAID}")
    yield opened
    assert faults == []


def find_log(page: Page) -> Locator:
    return page.get_by_role("log")


def find_bar(page: Page) -> Locator:
    return page.locator("#session-bar")


def say(page: Page, text: str) -> None:
    page.get_by_label("您的问题").fill(text)
    page.keyboard.press("Enter")


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).last.click()


def read_token(page: Page) -> str:
    token: str = page.evaluate(TOKEN)
    return token


def is_open(served: ServedPage, token: str) -> bool:
    """Whether somebody who has a token can read what was said."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{served.url}/webchat/messages", headers=headers, trust_env=False).status_code == 200


def end(served: ServedPage, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.delete(f"{served.url}/webchat/sessions", headers=headers, trust_env=False).status_code == 204


def test_a_new_session_leaves_nothing_to_whoever_has_the_old_token(page: Page, served: ServedPage) -> None:
    stolen = read_token(page)
    assert is_open(served, stolen)
    press(page, "新会话")
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        press(page, "开始新会话")
    expect(find_log(page)).not_to_contain_text(SAID)
    assert not is_open(served, stolen)
    say(page, "你好")
    expect(find_log(page)).to_contain_text("听到：你好")


def test_another_tab_goes_on_in_the_new_session(page: Page, context: BrowserContext, served: ServedPage) -> None:
    other = context.new_page()
    other.goto(served.url)
    expect(find_log(other)).to_contain_text(SAID)
    press(page, "新会话", "开始新会话")
    expect(find_log(other)).not_to_contain_text(SAID)
    say(other, "在吗")
    expect(find_log(page)).to_contain_text("听到：在吗")
    assert read_token(page) == read_token(other)


def test_a_session_that_ended_is_replaced_the_customer_told_and_nothing_lost(page: Page, served: ServedPage) -> None:
    end(served, read_token(page))
    expect(find_bar(page)).to_have_text("上次的会话已结束，现在是新的会话")
    page.route("**/webchat/events", lambda route: route.abort())
    page.reload()
    expect(find_log(page)).to_contain_text("我是小禾")
    end(served, read_token(page))
    say(page, "还在吗")
    expect(find_log(page)).to_contain_text("听到：还在吗")
    expect(find_bar(page)).to_be_empty()


class TestSharedPhones:
    @pytest.fixture
    def shared(self, page: Page) -> Page:
        press(page, "这是公用手机", "按公用手机使用")
        expect(find_bar(page)).to_contain_text("公用手机")
        say(page, SAID)
        expect(find_log(page)).to_contain_text(f"听到：{SAID}")
        return page

    def test_what_was_said_before_is_ended(self, page: Page, served: ServedPage) -> None:
        before = read_token(page)
        press(page, "这是公用手机")
        press(page, "取消")
        assert is_open(served, before)
        press(page, "这是公用手机")
        with page.expect_response(lambda response: response.request.method == "DELETE"):
            press(page, "按公用手机使用")
        expect(find_log(page)).not_to_contain_text(SAID)
        assert not is_open(served, before)
        assert page.evaluate(FITS)

    def test_closing_ends_it(self, shared: Page, served: ServedPage, context: BrowserContext) -> None:
        token = read_token(shared)
        local, session = json.loads(shared.evaluate(STORED))
        assert "xiaohe.token" not in local
        assert SAID not in json.dumps([local, session], ensure_ascii=False)
        shared.get_by_label("您的问题").fill("还没发的话")
        shared.reload()
        expect(find_bar(shared)).to_contain_text("公用手机")
        expect(find_log(shared)).to_contain_text("我是小禾")
        expect(find_log(shared)).not_to_contain_text(SAID)
        expect(shared.get_by_label("您的问题")).to_have_value("")
        assert not is_open(served, token)
        next_one = context.new_page()
        next_one.goto(served.url)
        expect(find_log(next_one)).to_contain_text("我是小禾")
        expect(find_log(next_one)).not_to_contain_text(SAID)

    def test_a_session_that_ends_by_itself_clears_the_page(self, shared: Page, served: ServedPage) -> None:
        shared.get_by_label("您的问题").fill("还没发的话")
        end(served, read_token(shared))  # as it does after a quarter of an hour
        expect(find_bar(shared)).to_have_text("会话已结束，刚才的对话已清除")
        expect(find_log(shared)).not_to_contain_text(SAID)
        expect(shared.get_by_label("您的问题")).to_have_value("")

    def test_the_customer_ends_it(self, shared: Page, served: ServedPage) -> None:
        token = read_token(shared)
        press(shared, "结束")
        with shared.expect_response(lambda response: response.request.method == "DELETE"):
            press(shared, "结束会话")
        expect(find_log(shared)).not_to_contain_text(SAID)
        assert not is_open(served, token)
        assert read_token(shared) != token


class TestTooFast:
    @staticmethod
    def refuse(page: Page, times: int, seconds: int) -> None:
        left = [times]

        def answer(route: Route) -> None:
            if route.request.method != "POST" or not left[0]:
                return route.continue_()
            left[0] -= 1
            body = json.dumps({"error": {"code": "too_many_messages", "reason": TOO_FAST}})
            headers = {"Retry-After": str(seconds), "Content-Type": "application/json"}
            return route.fulfill(status=429, headers=headers, body=body)

        page.route("**/webchat/messages", answer)

    def test_it_is_said_and_sent_again_by_itself(self, page: Page, served: ServedPage) -> None:
        page.clock.install()
        self.refuse(page, times=1, seconds=20)
        say(page, "利率呢")
        expect(page.get_by_role("alert")).to_have_text("消息发得太快了，稍后会自动再发")
        page.clock.run_for(15_000)
        assert ("利率呢", None) not in served.bot.asked
        page.clock.run_for(6_000)
        expect(find_log(page)).to_contain_text("听到：利率呢")
        expect(page.get_by_role("alert")).to_be_empty()

    def test_after_a_long_wait_the_customer_decides(self, page: Page) -> None:
        self.refuse(page, times=1, seconds=600)
        say(page, "利率呢")
        expect(page.get_by_role("alert")).to_have_text("消息发得太快了，请过一会儿再发")
        page.get_by_role("button", name="未发送，点此重试").click()
        expect(find_log(page)).to_contain_text("听到：利率呢")
