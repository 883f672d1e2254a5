"""The page of staff: an admin helps a colleague whose phone is lost."""

from playwright.async_api import expect

from desk.second_factor.service import SecondFactors
from dev.stack import Stack
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser
from tests.desk.second_factor.conftest import Phone
from tests.vaults import VAULT


@in_browser
async def test_a_second_factor_is_reset(site: Stack, site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("guo", "admin", is_online=False)
    staff = await site_office.hire("pan", is_online=False)
    keys = VAULT
    factors = SecondFactors(site_office.database, keys, site_office.clock)
    phone = Phone(await factors.begin(staff.id), site_office.clock)
    await factors.confirm(staff, phone.read(), token="")
    page = await open_page("guo", "/staff", PHONE)
    card = page.get_by_role("article").filter(has_text="pan")
    await expect(card).to_contain_text("二次验证已启用")
    await card.get_by_role("button", name="重设二次验证").click()
    await page.get_by_role("dialog").get_by_role("button", name="重设二次验证").click()
    await expect(card).not_to_contain_text("二次验证")
    assert (await factors.read(staff.id)).since is None
