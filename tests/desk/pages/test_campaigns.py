"""A village is run from the page: register with row errors, quotas, managers, a second person, a manager's view."""

import pytest
from playwright.async_api import Page, expect

from desk.roles import Role
from tests.campaigns.registers import TWO
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, shoot

NAME = "青山村整村授信"


async def upload(page: Page, text: str) -> None:
    await page.locator("input[type=file]").set_input_files(
        {"name": "register.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )


@in_browser
async def test_two_supervisors_run_a_village(site_office: Office, open_page: OpenPage) -> None:
    for login in ("first", "second"):
        await site_office.hire(login, "supervisor", is_online=False)
    await site_office.hire("manager", "account_manager", is_online=False)
    page = await open_page("first", "/campaigns")
    await page.get_by_role("button", name="新建活动").click()
    await page.get_by_label("名称，例如 青山村整村授信").fill(NAME)
    await page.get_by_role("button", name="建好，去导入名单").click()
    await expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    await page.get_by_role("button", name="导入名单").click()
    await upload(page, TWO.replace("13900005678", "12345"))
    await expect(page.get_by_text("第3行 手机号：“12345”不是11位手机号")).to_be_visible()
    await expect(page.get_by_role("button", name="导入1行")).to_be_disabled()
    await shoot(page, "import")
    await upload(page, TWO)
    await page.get_by_role("button", name="导入2行").click()
    await expect(page.get_by_role("heading", name="柳庄")).to_be_visible()
    await page.get_by_role("button", name="算额度").click()
    await expect(page.get_by_text("farmer_loan@")).to_be_visible()
    await expect(page.get_by_text("村级评定A级，按100%计，每户最高10万元")).to_be_visible()
    village = page.get_by_role("article").filter(has=page.get_by_role("heading", name="青山村", exact=True))
    await village.get_by_label("客户经理").click()
    await page.get_by_role("option", name="manager").click()
    # The page is drawn anew; a click before that is lost.
    await expect(village).not_to_contain_text("还没有分配")
    await page.get_by_role("button", name="提交启动").click()
    await expect(page.get_by_text("待第二人启动")).to_be_visible()
    await expect(page.get_by_role("button", name="启动", exact=True)).to_have_count(0)
    other = await open_page("second", "/campaigns")
    await other.get_by_role("button", name="打开").first.click()
    await other.get_by_role("button", name="启动", exact=True).click()
    await other.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(other.get_by_text("进行中")).to_be_visible()
    await expect(other.get_by_role("cell", name="合计")).to_be_visible()
    await shoot(other, "campaign")
    own = await open_page("manager", "/campaigns")
    await own.get_by_role("button", name="打开").first.click()
    await expect(own.get_by_role("heading", name="王秀英")).to_be_visible()
    await expect(own.get_by_text("李大山")).to_have_count(0)
    await expect(own.get_by_role("button", name="结束活动")).to_have_count(0)
    await shoot(own, "manager")


@in_browser
@pytest.mark.parametrize("role", ["agent", "editor"])
async def test_others_do_not_see_it(site_office: Office, open_page: OpenPage, role: Role) -> None:
    await site_office.hire("somebody", role, is_online=False)
    page = await open_page("somebody", "/campaigns")
    await expect(page.get_by_text("您的角色不能查看这个页面")).to_be_visible()
