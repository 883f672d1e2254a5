"""The chat page in a real browser: cards, progress, choices that last or are used up, what is unsent, the office."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, ViewportSize, expect

from tests.connectors.webchat.conftest import DESKTOP, PHONE
from tests.connectors.webchat.served_page import FRIDAY, NIGHT, NOON, PHONE_SAID, ServedPage

pytestmark = pytest.mark.slow
SMALL: ViewportSize = {"width": 320, "height": 640}
FITS = """() => [document.documentElement, document.getElementById("scroller")].every(
    (element) => element.scrollWidth <= element.clientWidth)"""
SECRET = "密码是802913"
STORED = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"


@pytest.fixture
def page(context: BrowserContext, served: ServedPage) -> Iterator[Page]:
    """The page, just opened at noon; it must run without a fault."""
    served.clock.now = NOON
    served.bot.asked.clear()
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.goto(served.url)
    expect(find_log(opened)).to_contain_text("我是小禾")
    yield opened
    assert [fault for fault in faults if "net::ERR" not in fault] == []


on_all_sizes = pytest.mark.parametrize(
    "context", [SMALL, PHONE, DESKTOP], ids=["small", "phone", "desktop"], indirect=True
)


def find_log(page: Page) -> Locator:
    return page.get_by_role("log")


def find_button(page: Page, name: str) -> Locator:
    """The newest button of that name."""
    return page.get_by_role("button", name=name, exact=True).last


def find_own(page: Page, text: str) -> Locator:
    return page.locator(".from-customer", has_text=text)


def say(page: Page, text: str) -> None:
    page.get_by_label("您的问题").fill(text)
    page.keyboard.press("Enter")


def press(page: Page, *names: str) -> None:
    for name in names:
        find_button(page, name).click()


def check_quota(page: Page) -> None:
    press(page, "测额度", "同意", "开店摆摊")
    expect(page.locator("#progress-text")).to_have_text("3/7 测额度")
    say(page, "一年60万")
    expect(page.locator(".card.result")).to_be_visible()


def review(page: Page) -> None:
    """The summary of an application is shown."""
    press(page, "申请贷款")
    expect(page.locator(".card.summary")).to_be_visible()


class TestProgress:
    @on_all_sizes
    def test_it_is_shown_while_a_form_is_open_and_leads_back(self, page: Page, served: ServedPage) -> None:
        bar = page.locator("#progress-bar")
        expect(bar).to_be_hidden()
        press(page, "测额度")
        expect(page.locator("#progress-text")).to_have_text("1/7 测额度")
        expect(find_button(page, "返回上一步")).to_be_hidden()
        press(page, "同意", "开店摆摊")
        expect(page.locator("#progress-text")).to_have_text("3/7 测额度")
        assert page.locator("#progress").evaluate("bar => [bar.value, bar.max]") == [3, 7]
        assert page.evaluate(FITS)
        press(page, "返回上一步")
        expect(page.locator("#progress-text")).to_have_text("2/7 测额度")
        assert served.bot.asked[-1] == ("上一步", None)

    def test_it_is_gone_when_the_form_is(self, page: Page) -> None:
        check_quota(page)
        expect(page.locator("#progress-bar")).to_be_hidden()

    def test_it_is_there_after_a_reload_and_gone_while_humans_answer(self, page: Page) -> None:
        press(page, "测额度", "同意")
        expect(page.locator("#progress-text")).to_have_text("2/7 测额度")
        page.reload()
        expect(page.locator("#progress-text")).to_have_text("2/7 测额度")
        press(page, "转人工")
        expect(page.locator("#holder-bar")).to_contain_text("已转人工")
        expect(page.locator("#progress-bar")).to_be_hidden()


class TestResult:
    @on_all_sizes
    @pytest.mark.parametrize("is_large", [False, True], ids=["", "large"])
    def test_a_quota_stands_out_and_everything_fits(self, page: Page, is_large: bool) -> None:
        if is_large:
            press(page, "大字")
        check_quota(page)
        card = page.locator(".card.result")
        quota, rate = card.get_by_text("8万元"), card.get_by_text("5.20%")
        sizes = [each.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") for each in (quota, rate)]
        assert sizes[0] > 2 * sizes[1]
        expect(card.locator(".reasons li")).to_have_text(["经营满5年，流水稳定", "现在欠款2万元，额度相应少一些"])
        expect(card.locator(".next-step")).to_contain_text("可以接着申请")
        assert page.evaluate(FITS)

    def test_the_text_is_there_for_screen_readers_only(self, page: Page) -> None:
        check_quota(page)
        message = page.locator(".message", has=page.locator(".card"))
        text = message.get_by_text("测算额度8万元，年利率5.20%")
        expect(text).to_have_class("visually-hidden")
        assert text.evaluate("node => getComputedStyle(node).clipPath") == "inset(50%)"
        for shown in message.locator(".card .label, .card .value, .card li, .card-title").all():
            assert shown.evaluate("node => !!node.closest('[aria-hidden=true]')")


class TestLinks:
    @on_all_sizes
    def test_a_link_opens_beside_the_chat_and_says_where_it_leads(self, page: Page) -> None:
        say(page, "怎么办卡")
        link = page.get_by_role("link", name="办卡指南")
        expect(link).to_have_attribute("href", "https://www.bank.example/card")
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
        expect(link).to_have_attribute("title", "https://www.bank.example/card")
        expect(page.locator(".bubble", has=link)).to_have_text("请看办卡指南，或打400-000-0000。")
        assert page.evaluate(FITS)

    def test_a_list_keeps_its_link(self, page: Page) -> None:
        say(page, "收费吗")
        link = page.get_by_role("link", name="价目表")
        expect(link).to_have_count(1)
        expect(link).to_be_visible()
        assert link.evaluate("node => !node.closest('[aria-hidden=true], .visually-hidden')")


class TestPicture:
    @on_all_sizes
    def test_it_is_shown_under_the_text_and_said(self, page: Page) -> None:
        say(page, "怎么开卡")
        picture = page.get_by_role("img", name="办卡流程")
        expect(picture).to_be_visible()
        page.wait_for_function("() => document.querySelector('img.illustration').naturalWidth === 900")
        expect(page.locator(".bubble", has=picture)).to_have_text("三步就好。\n")
        assert page.evaluate(FITS)


class TestSummary:
    @on_all_sizes
    @pytest.mark.parametrize("is_large", [False, True], ids=["", "large"])
    def test_each_row_can_be_changed_by_thumb(self, page: Page, served: ServedPage, is_large: bool) -> None:
        if is_large:
            press(page, "大字")
        review(page)
        changes = page.locator(".change")
        expect(changes).to_have_count(7)
        boxes = [change.bounding_box() for change in changes.all()]
        assert min(min(box["height"], box["width"]) for box in boxes if box) > 43.9, boxes
        assert page.evaluate(FITS)
        number = page.locator(".value", has_text=PHONE_SAID)
        assert number.evaluate("node => node.getClientRects()[0].height < 60"), "the number is broken in two"
        press(page, "改金额")
        expect(find_own(page, "改金额")).to_be_visible()
        expect(find_log(page)).to_contain_text("金额改成多少")
        assert served.bot.asked[-1] == ("改金额", None)

    def test_only_the_newest_card_can_be_changed(self, page: Page) -> None:
        review(page)
        press(page, "改金额")
        say(page, "10万")
        old, new = page.locator(".card.summary").nth(0), page.locator(".card.summary").nth(1)
        expect(new.get_by_role("button", name="改金额")).to_be_enabled()
        expect(new.get_by_text("10万元")).to_be_visible()
        for change in old.locator(".change").all():
            expect(change).to_be_disabled()
            expect(change).to_be_hidden()

    def test_a_question_in_between_leaves_nothing_to_change_until_the_form_goes_on(self, page: Page) -> None:
        review(page)
        say(page, "利率是多少")
        expect(find_log(page)).to_contain_text("5.20%起")
        expect(page.locator(".change").first).to_be_disabled()

    def test_what_was_submitted_is_not_changed_but_can_be_asked_about_and_withdrawn(
        self, page: Page, served: ServedPage
    ) -> None:
        review(page)
        press(page, "提交")
        expect(find_button(page, "撤回申请")).to_be_enabled()
        expect(page.locator(".change").first).to_be_disabled()
        expect(find_button(page, "提交")).to_be_disabled()
        say(page, "谢谢")
        expect(find_log(page)).to_contain_text("听到：谢谢")
        for title, payload in (("查进度", "/check_application_status"), ("撤回申请", "/withdraw")):
            press(page, title)
            expect(find_log(page)).to_contain_text(f"听到：{title}")
            assert served.bot.asked[-1] == (title, payload)


class TestChoices:
    @pytest.mark.parametrize("is_reloaded", [False, True])
    def test_those_of_past_questions_are_small_and_dead(self, page: Page, is_reloaded: bool) -> None:
        press(page, "测额度")
        consent = find_button(page, "同意")
        size = consent.bounding_box()
        press(page, "同意")
        expect(find_log(page)).to_contain_text("主要是做什么")
        if is_reloaded:
            page.reload()
        for title in ("同意", "不同意"):
            expect(find_button(page, title)).to_be_disabled()
        small = consent.bounding_box()
        assert size
        assert small
        assert small["height"] < size["height"] / 2
        expect(find_button(page, "种地养殖")).to_be_enabled()

    @pytest.mark.parametrize("is_reloaded", [False, True])
    def test_a_start_stays_usable(self, page: Page, served: ServedPage, is_reloaded: bool) -> None:
        check_quota(page)
        say(page, "利率是多少")
        expect(find_log(page)).to_contain_text("5.20%起")
        if is_reloaded:
            page.reload()
            expect(find_log(page)).to_contain_text("5.20%起")
        press(page, "申请贷款")
        expect(page.locator(".card.summary")).to_be_visible()
        assert served.bot.asked[-1] == ("申请贷款", '/apply_for_loan{"product": "商户贷"}')

    def test_a_human_is_offered_in_the_header_not_under_everything_past(self, page: Page) -> None:
        check_quota(page)
        say(page, "利率是多少")
        expect(find_log(page)).to_contain_text("5.20%起")
        expect(page.get_by_role("button", name="转人工")).to_have_count(1)

    def test_pressed_twice_it_acts_once(self, page: Page, served: ServedPage) -> None:
        starter = find_button(page, "利率是多少")
        starter.dblclick()
        expect(find_log(page)).to_contain_text("5.20%起")
        expect(find_own(page, "利率是多少")).to_have_count(1)
        assert served.bot.asked == [("利率是多少", None)]
        starter.click()
        expect(find_own(page, "利率是多少")).to_have_count(2)

    def test_the_page_begins_with_things_to_do_and_questions(self, page: Page) -> None:
        expect(page.locator(".choice")).to_have_text(
            ["测额度", "申请贷款", "利率是多少", "要带什么材料", "还款日是几号"]
        )


class TestUnsent:
    def test_it_looks_unsent_is_kept_over_a_reload_and_sent_on_demand(self, page: Page, served: ServedPage) -> None:
        page.clock.install()
        page.route("**/webchat/messages", lambda route: route.abort() if is_post(route) else route.continue_())
        say(page, "第一句")
        say(page, "第二句")
        expect(find_own(page, "第二句").locator(".state")).to_have_text("等待发送")
        expect(find_own(page, "第一句").locator(".state")).to_have_text("发送中")
        retry = page.get_by_role("button", name="未发送，点此重试")
        for _ in range(8):
            page.clock.run_for(5_000)
        expect(retry).to_have_count(2)
        page.reload()
        expect(retry).to_have_count(2)
        page.unroute("**/webchat/messages")
        retry.first.click()
        expect(find_log(page)).to_contain_text("听到：第一句")
        expect(retry).to_have_count(1)
        expect(find_own(page, "第一句").locator(".state")).to_have_count(0)
        assert served.bot.asked == [("第一句", None)]

    def test_one_that_is_sent_at_once_shows_no_clock(self, page: Page) -> None:
        say(page, "你好")
        expect(find_log(page)).to_contain_text("听到：你好")
        expect(page.locator(".state")).to_have_count(0)


class TestOffice:
    def test_by_day_there_is_no_banner(self, page: Page) -> None:
        with page.expect_response("**/webchat/office"):
            page.reload()
        expect(find_log(page)).to_contain_text("我是小禾")
        expect(page.locator("#holder-bar")).to_be_empty()

    def test_at_night_it_tells_who_answers_and_when_the_office_opens_and_ends_by_itself(
        self, page: Page, served: ServedPage
    ) -> None:
        served.clock.now = NIGHT
        page.clock.install(time=NIGHT)
        page.reload()
        bar = page.locator("#holder-bar")
        expect(bar).to_have_text("人工客服11月30日8:30上班，现在小禾为您解答")
        press(page, "转人工")
        expect(bar).to_have_text("已转人工，同事11月30日8:30起回复；小禾先为您解答")
        served.clock.now = FRIDAY + timedelta(days=3, hours=9)
        page.clock.fast_forward(181_000)
        expect(bar).to_have_text("已转人工客服，您可以继续留言")

    def test_a_page_opened_by_day_notices_the_evening(self, page: Page, served: ServedPage) -> None:
        page.clock.install(time=NOON)
        page.reload()
        expect(find_log(page)).to_contain_text("我是小禾")
        served.clock.now = NIGHT
        page.clock.fast_forward(181_000)
        expect(page.locator("#holder-bar")).to_have_text("人工客服11月30日8:30上班，现在小禾为您解答")


class TestTexts:
    def test_the_customers_own_number_is_no_link_the_hotline_is(self, page: Page) -> None:
        say(page, PHONE_SAID)
        expect(find_log(page)).to_contain_text(f"听到：{PHONE_SAID}")
        say(page, "电话")
        expect(find_log(page)).to_contain_text("急事请拨")
        addresses = page.locator("#log a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
        assert addresses == ["tel:4000000000"]
        assert page.locator("meta[name=format-detection]").get_attribute("content") == "telephone=no"

    def test_what_the_bank_masked_is_masked_on_the_page_and_in_its_storage(self, page: Page) -> None:
        def mask(route: Route) -> None:
            if not is_post(route):
                return route.continue_()
            response = route.fetch()
            answer = response.json()
            answer["message"]["text"] = "密码是******"
            return route.fulfill(response=response, body=json.dumps(answer))

        page.route("**/webchat/events", lambda route: route.abort())
        page.reload()
        page.route("**/webchat/messages", mask)
        say(page, SECRET)
        expect(find_own(page, "密码是******")).to_be_visible()
        expect(find_own(page, SECRET)).to_have_count(0)
        assert "802913" not in page.evaluate(STORED)

    def test_larger_letters_are_remembered(self, page: Page) -> None:
        read_size = "() => parseFloat(getComputedStyle(document.querySelector('.bubble')).fontSize)"
        normal = page.evaluate(read_size)
        switch = page.get_by_role("button", name="大字")
        expect(switch).to_have_text("A+")
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(switch).to_have_text("A")
        assert page.evaluate(read_size) == 1.25 * normal
        switch.click()
        assert page.evaluate(read_size) == normal

    @on_all_sizes
    @pytest.mark.parametrize("is_large", [False, True], ids=["", "large"])
    def test_the_header_stays_one_row(self, page: Page, is_large: bool) -> None:
        if is_large:
            press(page, "大字")
        tops = page.locator("header button").evaluate_all("nodes => nodes.map((each) => each.offsetTop)")
        assert len(set(tops)) == 1


class TestThumbs:
    @on_all_sizes
    def test_an_answer_that_did_not_help(self, page: Page) -> None:
        say(page, "你好")
        expect(find_log(page)).to_contain_text("听到：你好")
        expect(page.locator(".thumb")).to_have_count(0)
        say(page, "利率是多少")
        press(page, "没帮上")
        page.get_by_label("哪里没说清").fill("没说几个点")
        assert page.evaluate(FITS)
        press(page, "提交")
        expect(page.locator(".thumb-status")).to_have_text("谢谢，已转给知识团队")
        page.reload()
        expect(find_button(page, "没帮上")).to_have_attribute("aria-pressed", "true")
        press(page, "有用")
        expect(find_button(page, "有用")).to_have_attribute("aria-pressed", "true")
        expect(find_button(page, "没帮上")).to_have_attribute("aria-pressed", "false")

    def test_without_a_connection_it_is_said(self, page: Page) -> None:
        say(page, "利率是多少")
        page.route("**/webchat/thumbs", lambda route: route.abort())
        press(page, "没帮上")
        expect(page.locator(".thumb-status")).to_have_text("没有记下，请再点一次")
        expect(find_button(page, "没帮上")).to_have_attribute("aria-pressed", "false")


def is_post(route: Route) -> bool:
    return route.request.method == "POST"
