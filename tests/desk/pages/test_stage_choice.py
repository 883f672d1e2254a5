"""An application's progress on the account managers' page: whose turn it is, what it may become, what is asked for."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from applications.schemas import ApplicationView, Move
from desk.schemas import StaffView
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, seat
from tests.desk.village import Village


async def apply(office: Office, user: str, name: str, manager: StaffView | None = None) -> ApplicationView:
    """Somebody's application, in the manager's hands."""
    village = Village(office.database, office.accounts, office.clock)
    await village.meet(user, manager_id=manager.id if manager else None)
    stored = await village.apply(user, name, region="山外")
    await village.ownership.assign_new()
    return stored


async def open_progress(page: Page, name: str) -> None:
    card = page.locator(".customer-card").filter(has_text=name)
    await card.get_by_role("button", name="进度").click()
    await expect(page.locator(".sheet")).to_contain_text("办理经过")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@in_browser
async def test_a_manager_returns_an_application_with_the_items_it_lacks(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    name = f"王秀{'英' if size == PHONE else '兰'}"
    manager = await seat(site_office, f"manager{size['width']}", "account_manager")
    await apply(site_office, f"customer{size['width']}", name, manager)
    page = await open_page(manager.login, "/customers", size)
    card = page.locator(".customer-card").filter(has_text=name)
    await expect(card).to_contain_text("轮到您：打电话向客户了解情况")
    await expect(card).to_contain_text("最迟")
    await open_progress(page, name)
    sheet = page.locator(".sheet")
    await expect(sheet).not_to_contain_text("已批准")
    await sheet.get_by_role("button", name="改为“待补材料”").click()
    await expect(sheet.get_by_role("checkbox", name="身份证号")).to_be_checked()  # the checks miss it
    for label in await sheet.get_by_role("checkbox", checked=True).all_inner_texts():
        box = sheet.get_by_role("checkbox", name=label, exact=True)
        await box.click()
        await expect(box).not_to_be_checked()
    await sheet.get_by_role("button", name="确定").click()
    await expect(page.get_by_text("要写明原因")).to_be_visible()  # and nothing is lost
    await sheet.locator(".q-select").click()
    await page.get_by_role("option", name="资料缺项").click()
    await sheet.get_by_text("地址", exact=True).click()
    await sheet.get_by_label("给客户看的说明").fill("请写到村")
    await sheet.get_by_role("button", name="确定").click()
    await expect(card).to_contain_text("等客户补齐这几项：地址")
    await open_progress(page, name)
    await expect(sheet).to_contain_text("待补材料（资料缺项，地址，请写到村）")


@in_browser
async def test_card_and_sheet_name_the_reviewer(site_office: Office, open_page: OpenPage) -> None:
    boss = await seat(site_office, "reviewing-boss", "supervisor")
    stored = await apply(site_office, "customer-reviewed", "周小麦")
    village = Village(site_office.database, site_office.accounts, site_office.clock)
    move = Move(expected="submitted", stage="checking")
    moved = await village.customers.move_application(boss, stored.id, move)
    reviewer = await site_office.accounts.get_staff(moved.responsible_id or "")
    turn = f"轮到信贷审批部{reviewer.name}：审核申请和材料"
    page = await open_page(boss.login, "/customers")
    await expect(page.locator(".customer-card").filter(has_text="周小麦")).to_contain_text(turn)
    await open_progress(page, "周小麦")
    await expect(page.locator(".sheet")).to_contain_text(turn)


@in_browser
async def test_a_supervisor_refuses_with_a_reason(site_office: Office, open_page: OpenPage) -> None:
    boss = await seat(site_office, "boss-of-stages", "supervisor")
    await apply(site_office, "customer-refused", "孙老三")
    page = await open_page(boss.login, "/customers")
    await open_progress(page, "孙老三")
    sheet = page.locator(".sheet")
    await sheet.get_by_role("button", name="改为“未通过”").click()
    await sheet.locator(".q-select").click()
    await page.get_by_role("option", name="负债过高").click()
    await sheet.get_by_role("button", name="确定").click()
    card = page.locator(".customer-card").filter(has_text="孙老三")
    await expect(card).to_contain_text("原因：负债过高")
