"""The days off on the page of office settings: in words that are read at a glance, and used by a supervisor."""

from datetime import date

from playwright.async_api import expect

from desk.pages.days_off import describe_day, warn_of_year
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser


def test_a_day_is_named_with_its_weekday() -> None:
    assert describe_day(date(2027, 2, 6)) == "2027年2月6日 星期六"


def test_the_warning_says_which_year_and_what_to_do() -> None:
    assert warn_of_year(2027).startswith("2027年的放假安排还没有收录")


@in_browser
async def test_a_supervisor_adds_and_removes_one(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("planner", "supervisor", is_online=False)
    page = await open_page("planner", "/office")
    await expect(page.get_by_text("还没有另外的休息日")).to_be_visible()
    await page.get_by_role("button", name="添加休息日").click()
    await page.get_by_label("日期").fill("2099-02-06")
    await page.get_by_label("说明，例如春节").fill("春节")
    await page.get_by_role("button", name="添加", exact=True).click()
    await expect(page.get_by_role("heading", name="2099年2月6日 星期五")).to_be_visible()
    await page.get_by_role("button", name="删除").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除").click()
    await expect(page.get_by_text("还没有另外的休息日")).to_be_visible()
