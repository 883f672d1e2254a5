"""An account manager says what came of a warning; a supervisor sees how each rule does; on a phone and at a desk."""

import uuid

import pytest
from playwright.async_api import ViewportSize, expect

from applications.repository import set_manager
from desk.schemas import StaffView
from early_warning.tables import EarlyWarning
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, measure_overflow
from tests.desk.village import Village

REASON = "2026年6月20日测额度说有逾期<b>"


async def warn(office: Office, manager: StaffView, rule: str, reason: str, *, is_shadow: bool = False) -> str:
    """Somebody has applied, and a day's run has raised a warning; gives the application's number."""
    village = Village(office.database, office.accounts, office.clock)
    application = await village.apply(f"{manager.login}.{rule}")
    about = {"subject_kind": "application", "subject_id": application.id, "number": application.number}
    seen = {"raised_at": office.clock.now, "last_seen_at": office.clock.now, "conversation_id": "web"}
    row = EarlyWarning(id=str(uuid.uuid4()), rule=rule, facts=rule, reason=reason, is_shadow=is_shadow, **about, **seen)
    async with office.database.transaction() as session:
        await set_manager(session, application.id, manager.id)
        session.add(row)
    return application.number


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_manager_decides_and_a_supervisor_sees_it_counted(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    login = f"zhang.{size['width']}"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    await site_office.hire(f"wu.{login}", "supervisor", is_online=False)
    number = await warn(site_office, manager, "told_overdue", REASON)
    await warn(site_office, manager, "no_contact", "最后一次联系是2026年6月10日，超过14天没有联系")
    await warn(site_office, manager, "portrait_changed", "少了50%", is_shadow=True)
    page = await open_page(login, "/early-warnings", size)
    cards = page.locator(".card")
    await expect(cards).to_have_count(2)
    await expect(cards.first).to_contain_text("严重")
    await expect(cards.first).to_contain_text(REASON)
    await expect(cards.first).to_contain_text(number)
    await expect(page.get_by_text("各条规则")).to_have_count(0)
    assert await measure_overflow(page) == 0
    await cards.first.get_by_role("button", name="误报").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("请写一句您核对到了什么")).to_be_visible()
    await page.get_by_label("核对到了什么").fill("问过了，是别人的贷款")
    await page.get_by_role("button", name="保存").click()
    await expect(cards).to_have_count(1)
    await page.get_by_role("button", name="处理过的").click()
    await expect(cards.first).to_contain_text("是别人的贷款")
    await expect(cards.first.get_by_role("button")).to_have_count(0)

    oversight = await open_page(f"wu.{login}", "/early-warnings", size)
    row = oversight.get_by_role("row", name="说有逾期")
    await expect(row).to_contain_text("正式")
    await expect(oversight.get_by_role("row", name="情况变差")).to_contain_text("试运行")
    await expect(oversight.locator(".card", has_text="很久没联系").first).to_contain_text(login)
    assert await measure_overflow(oversight) == 0


@in_browser
async def test_others_are_refused(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("chen", "agent", is_online=False)
    page = await open_page("chen", "/early-warnings")
    await expect(page.get_by_text("您的角色不能查看这个页面")).to_be_visible()
