"""The sheets of an application's card: what it says and what to check, on a phone and on a desktop."""

import os
import uuid
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from applications.schemas import ApplicationView
from desk.audit import AuditLog
from kit.clock import read_clock
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser
from tests.desk.test_application_answers import FARMER, IDENTITY
from tests.desk.village import Village
from tests.fakes import FixedClock

SHOTS = os.environ.get("XIAOHE_TEST_SHOTS")  # a folder, to look at the pages


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.wait_for_timeout(400)  # a sheet slides in
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def apply(office: Office, login: str, **changes: object) -> ApplicationView:
    """A customer applies and talks to their manager of this login."""
    manager = await office.hire(login, "account_manager", is_online=False)
    village = Village(office.database, office.accounts, FixedClock(read_clock()))
    user = f"wang-{login}"
    await village.meet(user, manager_id=manager.id)
    application = await village.apply(user, "王小麦", **changes)
    await village.ownership.assign_new()
    await village.ask(user, "active", agent_id=manager.id)
    return application


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_what_an_application_says(site_office: Office, open_page: OpenPage, size: ViewportSize) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    details = {slot: answer for slot, answer in FARMER.items() if slot not in ("crops", "household_size")}
    application = await apply(site_office, login, details=details)
    page = await open_page(login, "/customers", size=size)
    await expect(page.get_by_role("button", name="内容")).to_be_visible()
    await shoot(page, f"card-{size['width']}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="内容").click()
    sheet = page.locator(".sheet")
    await expect(sheet).to_contain_text("王小麦的申请内容")
    lines = sheet.get_by_role("listitem")
    await expect(lines).to_have_count(15)
    await expect(lines.nth(1)).to_have_text("金额10万元")
    await expect(lines.nth(10)).to_have_text("种养没有填")
    await expect(sheet.get_by_text("138****5678")).to_be_visible()
    await shoot(page, f"answers-{size['width']}")
    assert await sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    assert IDENTITY not in await page.content()
    await sheet.get_by_role("button", name="显示身份证号").click()
    await expect(sheet.get_by_text(IDENTITY)).to_be_visible()
    await expect(sheet.get_by_role("button", name="显示身份证号")).to_have_count(0)
    await shoot(page, f"revealed-{size['width']}")
    records = await AuditLog(site_office.database).list_records(50)
    acts = [each.action for each in records if each.subject == application.number]
    assert acts == ["identity_unmasked", "application_viewed"]


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_what_is_to_be_checked_of_an_application(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    application = await apply(site_office, login, purpose="还网贷", amount=300_000, details={**FARMER, "crops": ""})
    page = await open_page(login, "/customers", size=size)
    await page.get_by_role("button", name="检查").click()
    sheet = page.locator(".sheet")
    await expect(sheet).to_contain_text("王小麦：核对")
    await expect(sheet).to_contain_text("查征信：没有同意")
    lines = sheet.get_by_role("list", name="核对项").get_by_role("listitem")
    refinancing = lines.filter(has_text="网贷")
    await expect(refinancing).to_have_count(1)
    await expect(lines.filter(has_text="没有填种养")).to_have_count(1)
    await shoot(page, f"checks-{size['width']}")
    assert await sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    await refinancing.get_by_role("button", name="标为已核实").click()
    dialog = page.get_by_role("dialog").last
    await shoot(page, f"verified-form-{size['width']}")
    await dialog.get_by_role("textbox").fill("电话问过，说错了")
    await dialog.get_by_role("button", name="记下").click()
    await expect(refinancing).to_contain_text("已核实：电话问过，说错了")
    await expect(refinancing.get_by_role("button")).to_have_count(0)
    await shoot(page, f"verified-{size['width']}")
    records = await AuditLog(site_office.database).list_records(50, action="check_verified")
    assert [each.details["check"] for each in records if each.subject == application.id] == ["refinancing"]
