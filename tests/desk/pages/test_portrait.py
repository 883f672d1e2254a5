"""On the account manager's phone each customer has tags, and each tag its reason."""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.campaigns.registers import HEADING, start
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, measure_overflow, shoot
from tests.desk.village import Village
from tests.verification.rows import make_verification

LI = "13800007002"  # whose loan in the demo's core is due in two days


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_manager_sees_why_each_tag_is_there(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    login = f"tags.{size['width']}"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    village = Village(site_office.database, site_office.accounts, site_office.clock)
    customer = await village.meet(login, manager_id=manager.id)
    conversation = await village.conversations.open_conversation("wechat", login)
    async with site_office.database.transaction() as session:
        session.add(make_verification(conversation.id, LI, site_office.clock.now))
    register = f"{HEADING}\n青山村,李建国,{LI},A级,20,3万,8万,0,否,45\n"
    await start(site_office.database, site_office.clock, register, name=f"整村{size['width']}")
    page = await open_page(login, "/customers", size)
    await page.get_by_role("tab", name="线索").click()
    tags = page.locator(".card-tags li")
    await expect(tags.first).to_contain_text("快到期")
    await expect(tags.first).to_contain_text("商户贷（尾号4125）")
    await expect(tags.first).to_contain_text("可以谈续贷")
    await expect(tags.filter(has_text="青山村")).to_contain_text(
        f"在活动“整村{size['width']}”的名单里，预授信额度10万元"
    )
    assert await measure_overflow(page) == 0
    await shoot(page, f"tags-{size['width']}")
    assert customer.manager_id == manager.id
