"""The page of office settings: drafted by one, approved by another, in words that are read at a glance."""

import pytest
from playwright.async_api import Locator, Page, expect

from conversations.customer_texts import load_texts
from desk.pages.office import TEXTS_WORDING, list_hours_facts, list_words, write_hours_value
from kit.clock import CHINA, read_clock
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser, measure_overflow, shoot


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hours", "08:30-12:00,14:00-17:30", "08:30-12:00、14:00-17:30"),
        ("days", "working", "工作日"),
        ("promise_hours", 2.0, "2个上班小时内"),
        ("promise_hours", 0.5, "0.5个上班小时内"),
    ],
)
def test_a_value_is_written_in_words(field: str, value: object, words: str) -> None:
    assert write_hours_value(field, value) == words


def test_what_is_shown_of_hours_and_texts() -> None:
    hours = {"hours": "09:00-17:00", "days": "all", "promise_hours": 2}
    assert list_hours_facts(hours) == [("上班时间", "09:00-17:00"), ("上班日", "每天"), ("答复时限", "2个上班小时内")]
    assert list_words({"text": "请稍等。", "english": ""}) == [("中文", "请稍等。")]
    assert TEXTS_WORDING.write_value("english", "") == "用自带的"


def find_card(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.get_by_role("article").filter(has=heading)


async def press(page: Page, card: str, button: str) -> None:
    """Once no dialog is just closing."""
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await find_card(page, card).get_by_role("button", name=button).click()


async def change(page: Page, card: str, label: str, value: str, day: str) -> None:
    await press(page, card, "修改")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(label).fill(value)
    await dialog.get_by_label("从哪天起生效").fill(day)
    await dialog.get_by_role("button", name="提交审核").click()


async def approve(page: Page, card: str) -> None:
    await press(page, card, "通过")
    await page.get_by_role("dialog").get_by_role("button", name="通过").click()


@in_browser
async def test_hours_are_changed_by_two_from_a_day_on(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("hours-li", "supervisor", is_online=False)
    await site_office.hire("hours-wu", "admin", is_online=False)
    writer, reader = await open_page("hours-li", "/office"), await open_page("hours-wu", "/office", PHONE)
    await change(writer, "上班时间", "有午休就写", "9点到17点", "2099-01-01")
    await expect(writer.get_by_role("dialog")).to_contain_text("先后不重叠")
    await writer.get_by_role("dialog").get_by_label("有午休就写").fill("8：30-12：00，14：00-17：30")
    await writer.get_by_role("dialog").get_by_role("button", name="提交审核").click()
    await expect(find_card(writer, "上班时间")).to_contain_text("由另一位同事审核")
    await expect(find_card(writer, "上班时间").get_by_role("button", name="通过")).to_have_count(0)
    await expect(find_card(reader, "上班时间")).to_contain_text("08:30-12:00、14:00-17:30")
    assert await measure_overflow(reader) == 0
    await shoot(reader, "office-draft")
    await reader.set_viewport_size(PHONE)
    await approve(reader, "上班时间")
    await expect(find_card(writer, "上班时间")).to_contain_text("2099年1月1日起有新内容")
    await press(writer, "上班时间", "历史")
    await expect(writer.get_by_role("dialog")).to_contain_text("系统初始")


@in_browser
async def test_words_are_changed_by_two_and_come_back(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("words-li", "supervisor", is_online=False)
    await site_office.hire("words-wu", "admin", is_online=False)
    writer, reader = await open_page("words-li", "/office"), await open_page("words-wu", "/office")
    today = read_clock().astimezone(CHINA).date().isoformat()
    await change(writer, "排队到下班", "中文", "明天再来。", today)
    await expect(writer.get_by_role("dialog")).to_contain_text("少了{上班}、{最晚}，客户要听到它")
    await shoot(writer, "office-words")
    await writer.get_by_role("dialog").get_by_role("button", name="取消").click()
    await change(writer, "换一位同事", "中文", "同事马上就来，请别走开。", today)
    await approve(reader, "换一位同事")
    card = find_card(writer, "换一位同事")
    await expect(card).not_to_contain_text("由另一位同事审核")  # the draft said the same
    await expect(card).to_contain_text("同事马上就来，请别走开。")
    await press(writer, "换一位同事", "历史")
    await writer.get_by_role("dialog").get_by_role("button", name="恢复到这一版").click()
    await writer.get_by_role("dialog").filter(has_text="恢复到第1版").get_by_role("button", name="起草").click()
    await approve(reader, "换一位同事")
    await expect(card.get_by_text(load_texts()["requeued"].text)).to_be_visible()


@in_browser
async def test_a_colleague_is_asked_first_for_complaints(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("skills-li", "supervisor", is_online=False)
    await site_office.hire("skills-an", "agent", is_online=False)
    page = await open_page("skills-li", "/office")
    await expect(find_card(page, "投诉")).to_contain_text("没有指定")
    await press(page, "投诉", "修改")
    await page.get_by_role("dialog").get_by_label("同事").fill("skills-an")  # of many colleagues
    await page.get_by_role("option", name="skills-an").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await expect(find_card(page, "投诉")).to_contain_text("skills-an")


@in_browser
async def test_a_reason_gets_a_name_of_the_banks(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("names-li", "supervisor", is_online=False)
    page = await open_page("names-li", "/office")
    for was, name in (("客户要求复核", "要求重审"), ("要求重审", "")):
        await press(page, was, "改名")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("名称").fill("投诉")
        await dialog.get_by_role("button", name="保存").click()
        await expect(page.locator(".toast", has_text="已有叫这个名字的原因")).to_be_visible()
        await dialog.get_by_label("名称").fill(name)
        await dialog.get_by_role("button", name="保存").dblclick()
        await expect(find_card(page, name or "客户要求复核")).to_be_visible()
        await expect(dialog).to_have_count(0)
