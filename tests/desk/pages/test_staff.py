"""The page of staff: what admins change alone, what they propose, and what they are told of it."""

from playwright.async_api import expect

from desk.pages.staff import describe_closing
from desk.second_factor.service import SecondFactors
from dev.stack import Stack
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser
from tests.desk.pages.still_page import open_desk
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


@in_browser
async def test_saying_saved_comes_last_and_only_when_it_is(site_office: Office, open_page: OpenPage) -> None:
    _, niu = [await site_office.hire(login, "admin", is_online=False) for login in ("ma", "niu")]
    qu = await site_office.hire("qu")
    await site_office.accounts.set_status(qu.id, "offline")
    await site_office.talks.take(qu, (await site_office.ask("customer-of-qu")).id)
    page = await open_page("ma", "/staff")
    toasts, dialog = page.locator(".toasts"), page.get_by_role("dialog").last

    own = page.get_by_role("article").filter(has=page.get_by_text("ma", exact=True)).last
    await own.get_by_role("button", name="编辑").click()
    await expect(dialog).to_contain_text("自己的角色由其他管理员变更")
    await dialog.get_by_label("姓名").fill("")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_contain_text("请填写姓名")
    await expect(toasts).to_contain_text("请填写姓名")
    await dialog.get_by_label("姓名").fill("马明")
    await dialog.get_by_role("button", name="保存").click()
    await expect(toasts).to_contain_text("已保存")
    await expect(toasts).not_to_contain_text("请填写姓名")

    card = page.get_by_role("article").filter(has=page.get_by_text("qu", exact=True)).last
    await card.get_by_role("button", name="编辑").click()
    await dialog.get_by_label("网点").fill("柳河支行")
    await dialog.get_by_label("角色").click()
    await page.get_by_role("option", name="知识编辑").click()
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("heading", name="谁接手qu的工作？")).to_be_visible()
    await expect(toasts).not_to_contain_text("已保存")
    assert (await site_office.accounts.get_staff(qu.id)).branch == ""
    await dialog.get_by_role("button", name="提出").click()
    await expect(toasts).to_contain_text("已提出，等另一位管理员确认")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert (await site_office.accounts.get_staff(qu.id)).branch == "柳河支行"

    async with open_desk(site_office) as desk:  # a colleague decides
        proposal = next(each for each in await desk.role_proposals.list_open() if each.login == "qu")
        await desk.role_proposals.refuse(niu, proposal.id)
    await expect(page.get_by_role("heading", name="qu（qu）：客服坐席改为知识编辑")).to_have_count(0)


async def test_closing_the_last_other_admin_warns_that_nobody_can_confirm_any_more(office: Office) -> None:
    admins = [await office.hire(login, "admin") for login in ("an", "bo", "chen")]
    agent = await office.hire("zhang")
    assert "没有人能确认" in describe_closing(admins[1], [*admins[:2], agent])
    assert "没有人能确认" not in describe_closing(admins[1], [*admins, agent])
    assert "没有人能确认" not in describe_closing(agent, [*admins[:1], agent])
