"""The page 日志: what an admin looks for is filtered by the server."""

from datetime import date, timedelta

import pytest
from playwright.async_api import expect

from desk.pages.audit import read_day
from kit.clock import CHINA
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser


@pytest.mark.parametrize(
    ("text", "day"), [(None, None), ("", None), ("2026-0", None), ("2026-07-01", date(2026, 7, 1))]
)
def test_a_half_written_day_filters_nothing(text: str | None, day: date | None) -> None:
    assert read_day(text) == day


@in_browser
async def test_the_log_is_filtered_by_person_action_and_day(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("reader", "admin", is_online=False)
    page = await open_page("reader", "/audit")
    rows = page.get_by_role("listitem")
    await page.get_by_label("人员").fill("reader")
    await page.get_by_role("option", name="reader（reader）").click()
    await page.get_by_label("动作").fill("登录")
    await page.get_by_role("option", name="登录", exact=True).click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("登录：来源reader，方式密码")
    today = site_office.clock().astimezone(CHINA).date()
    await page.get_by_label("日期").fill((today - timedelta(days=3)).isoformat())
    await expect(page.get_by_text("没有记录")).to_be_visible()
