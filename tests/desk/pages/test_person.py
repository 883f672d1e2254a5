"""The page of a person, for their manager, a supervisor, and whoever serves them; and the ways that lead to it."""

import uuid

import pytest
from playwright.async_api import ViewportSize, expect

from conversations.tables import Customer, InternalNote
from desk.schemas import StaffView
from desk.wording import describe_contact
from kit.clock import CHINA
from privacy import ledger
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, measure_overflow, seat, shoot
from tests.desk.pages.test_accessible import list_violations
from tests.desk.village import Village
from tests.verification.rows import make_verification

LI = "13800007002"  # who has a loan in the demo's core


async def fill(office: Office, manager: StaffView, name: str) -> tuple[Customer, Customer]:
    """Two customers of a manager with the same name: one on WeChat with a history, one on the web with a talk."""
    office.clock.move(minutes=-10)  # what the village does takes minutes, and nothing is to be said in the future
    village = Village(office.database, office.accounts, office.clock)
    known = await village.meet(f"known-{manager.login}", "village:柳河镇", manager.id)
    await village.apply(f"known-{manager.login}", name)
    await village.ask(
        f"known-{manager.login}",
        "closed",
        {"name": name, "phone": "13812345678"},
        agent_id=manager.id,
        disposition="follow_up",
        summary="问农户贷利率，答应把合同寄给他，电话13900001234",
        rating=2,
        labels=["要材料"],
    )
    talk = await office.ask(f"new-{manager.login}", "转人工", slots={"name": name, "phone": "13900001234"})
    conversation = await village.conversations.open_conversation("wechat", f"known-{manager.login}")
    async with office.database.transaction() as session:
        session.add(make_verification(conversation.id, LI, office.clock.now))
        note = {"conversation_id": conversation.id, "staff_id": manager.id, "text": "冬天要用钱，打13900001234"}
        session.add(InternalNote(**note, at=office.clock.now))
        await ledger.record(
            session, office.clock.now, "consent_given", known.id, channel="wechat", purpose="application"
        )
        new = await session.get_one(Customer, talk.customer_id)
        new.manager_id = manager.id
    return known, new


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_manager_merges_plans_and_undoes(site_office: Office, open_page: OpenPage, size: ViewportSize) -> None:
    name = f"王{'秀英' if size is PHONE else '秀芳'}"
    manager = await seat(site_office, f"person.{size['width']}", "account_manager")
    known, new = await fill(site_office, manager, name)
    page = await open_page(manager.login, "/customers", size)
    await page.get_by_role("tab", name="客户 1").click()
    await page.get_by_role("link", name=name).click()
    await page.wait_for_url(f"**/people/{known.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    for words in ("需要跟进", "2分", "要材料", "农户贷，10万元，1年", "尾号4125", "冬天要用钱", "贷款申请"):
        await expect(page.locator(".person")).to_contain_text(words)
    assert "13900001234" not in await page.content()
    assert await measure_overflow(page) == 0

    await page.get_by_role("button", name="合并", exact=True).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("对方的完整姓名或手机号").fill("柳河镇")
    await expect(form.get_by_text("没有找到")).to_be_visible()
    await form.get_by_label("对方的完整姓名或手机号").fill(name)
    await form.get_by_role("radio", name="网页的").click()
    await form.get_by_label("为什么是同一个人").fill("当面核对过身份证")
    await shoot(page, f"person-merging-{size['width']}")
    await form.get_by_role("button", name="合并").dblclick()
    await expect(page.locator(".person article.card")).to_have_count(2)
    await expect(page.locator(".person")).to_contain_text("当面核对过身份证")

    await page.get_by_role("button", name="下次联系").click()
    today = site_office.clock.now.astimezone(CHINA).date()
    later = today.replace(year=today.year + 1)
    await page.get_by_label("日期").fill(later.isoformat())
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".bar .chip")).to_have_text(describe_contact(later, today))
    await shoot(page, f"person-{size['width']}")
    assert await list_violations(page) == []
    assert await measure_overflow(page) == 0

    await page.get_by_role("button", name="打电话，138****5678").click()
    await expect(page.get_by_role("link", name="138 1234 5678")).to_be_visible()
    await page.get_by_role("button", name="关闭").click()
    await page.get_by_role("button", name="撤销合并").click()
    await page.get_by_role("dialog").get_by_role("button", name="撤销合并").click()
    await expect(page.locator(".person article.card")).to_have_count(1)
    await expect(page.get_by_role("button", name="撤销合并")).to_have_count(0)
    assert new.id != known.id


@in_browser
async def test_who_serves_a_customer_reads_the_page_and_changes_nothing(
    site_office: Office, open_page: OpenPage
) -> None:
    agent = await seat(site_office, "person.agent")
    talk = await site_office.ask("served-by-person.agent", slots={"name": "赵铁柱", "phone": "13700001234"})
    await site_office.talks.take(agent, talk.id)
    page = await open_page("person.agent", f"/talks/{talk.id}")
    await page.get_by_role("link", name="全部往来").click()
    await page.wait_for_url(f"**/people/{talk.customer_id}")
    await expect(page.locator(".person")).to_contain_text("137****1234")
    await expect(page.locator(f".person a.row[href='/talks/{talk.id}']")).to_be_visible()
    for name in ("打电话", "下次联系", "合并"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await page.go_back()
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("由我为您服务")
    await page.keyboard.press("Control+k")
    await page.get_by_label("找会话").fill("赵铁柱")
    await expect(page.get_by_role("link", name="赵铁柱的全部往来")).to_be_visible()
    await shoot(page, "person-found")
    await page.get_by_role("link", name="赵铁柱的全部往来").click()
    await page.wait_for_url(f"**/people/{talk.customer_id}")
    await site_office.talks.close(agent, talk.id, "solved", "问了利率")
    await page.reload()
    await expect(page.get_by_text("这位客户现在不由您接待")).to_be_visible()


@in_browser
async def test_others_are_refused(site_office: Office, open_page: OpenPage) -> None:
    await seat(site_office, "person.other")
    talk = await site_office.ask(f"waits-{uuid.uuid4().hex[:6]}")
    page = await open_page("person.other", f"/people/{talk.customer_id}")
    await expect(page.get_by_text("这位客户现在不由您接待")).to_be_visible()
    await page.goto(page.url.replace(talk.customer_id, "nobody"))
    await expect(page.get_by_text("没有这位客户")).to_be_visible()
