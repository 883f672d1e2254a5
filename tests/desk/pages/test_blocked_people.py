"""The page of the block list: one supervisor proposes, another confirms, both ways; nobody sees the number."""

import os
from pathlib import Path

from playwright.async_api import expect

from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser


@in_browser
async def test_two_supervisors_put_a_number_on_it_and_take_it_off(site_office: Office, open_page: OpenPage) -> None:
    for login in ("first", "second"):
        await site_office.hire(login, "supervisor", is_online=False)
    page = await open_page("first", "/blocked-people")
    await expect(page.get_by_text("名单上没有人")).to_be_visible()
    await page.get_by_role("button", name="提出加入").click()
    await page.get_by_label("手机号或身份证号").fill("13800001234")
    await page.get_by_label("原因").click()
    await page.get_by_role("option", name="冒名").click()
    await page.get_by_role("button", name="提出", exact=True).click()
    await expect(page.get_by_role("heading", name="电话138****1234")).to_be_visible()
    await expect(page.get_by_text("待确认")).to_be_visible()
    await expect(page.get_by_role("button", name="确认", exact=True)).not_to_be_visible()
    other = await open_page("second", "/blocked-people")
    await other.get_by_role("button", name="确认", exact=True).click()
    await other.get_by_role("dialog").get_by_role("button", name="确认", exact=True).click()
    await expect(other.get_by_text("生效", exact=True)).to_be_visible()
    await other.get_by_role("button", name="提出移出").click()
    await other.get_by_role("dialog").get_by_role("button", name="提出", exact=True).click()
    await expect(other.get_by_text("移出待确认")).to_be_visible()
    await expect(other.get_by_role("button", name="确认移出")).to_have_count(0)
    if folder := os.environ.get("XIAOHE_TEST_SHOTS"):
        await other.screenshot(path=Path(folder) / "blocked.png")
    await page.reload()
    await page.get_by_role("button", name="确认移出").click()
    await page.get_by_role("dialog").get_by_role("button", name="移出", exact=True).click()
    await expect(page.get_by_text("名单上没有人")).to_be_visible()
