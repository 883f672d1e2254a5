"""The day of each role from the first click to the last, at a desk, on a small laptop and on a phone."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from playwright.async_api import Error, Page, ViewportSize, expect

from conversations.handoff.schemas import HandoffView
from conversations.tables import Customer, Handoff
from desk.quality.samples import LOW_RATING
from desk.schemas import StaffView
from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.pages.conftest import SHOT_SIZES, OpenPage, in_browser, measure_overflow, seat
from tests.desk.pages.test_my_day import book_visit
from tests.desk.village import Village
from tests.waiting import PATIENCE_MS

TRIES = 3
pytestmark = pytest.mark.exhaustive
WIDTHS = pytest.mark.parametrize("size", SHOT_SIZES, ids=[f"{size['width']}" for size in SHOT_SIZES])


async def follow_row(page: Page, talk: HandoffView) -> None:
    """Opens a talk from the lists, which a phone shows instead of it; the next talk may come by itself meanwhile."""
    back, row = page.get_by_role("link", name="返回会话列表"), page.locator(f".row[href='/talks/{talk.id}']:visible")
    shown = page.locator(f".talk.shown[data-talk='{talk.id}']")
    for _ in range(TRIES):
        if await shown.is_visible():
            return
        if await back.is_visible():
            await back.click()
        with suppress(Error):
            await row.click(timeout=PATIENCE_MS / TRIES)
            break
    await expect(shown).to_be_visible()


async def write(page: Page, words: str) -> None:
    shown = page.locator(".talk.shown")
    await shown.get_by_label("回复客户").fill(words)
    await shown.get_by_role("button", name="发送", exact=True).click()
    await expect(shown.get_by_role("log")).to_contain_text(words)


async def close(page: Page, result: str, summary: str) -> None:
    await page.locator(".talk.shown").get_by_role("button", name="结束").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("radio", name=result).click()
    await form.get_by_label("小结").fill(summary)
    await form.get_by_role("button", name="结束").click()
    await expect(form).to_have_count(0)


async def look_around(page: Page) -> None:
    """Nothing went wrong, and nothing is wider than the screen."""
    await expect(page.get_by_text("系统出了点问题")).to_have_count(0)
    assert await measure_overflow(page) == 0


@WIDTHS
@in_browser
async def test_an_agents_day(site_office: Office, open_page: OpenPage, size: ViewportSize) -> None:
    login = f"day{size['width']}.agent"
    agent = await seat(site_office, login)
    waiting = [await site_office.ask(f"{number}-of-{login}", slots={"name": f"田{number}"}) for number in range(3)]
    page = await open_page(login, "/", size)
    for talk in waiting:
        await follow_row(page, talk)
        await page.locator(".talk.shown").get_by_role("button", name="接待").click()
        await write(page, f"您好，我在看您的问题，{talk.id[:4]}")
        await look_around(page)
    first, second, third = waiting
    await say(site_office.inbox, first.conversation_id, "那我要带什么")
    await follow_row(page, first)
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("那我要带什么")
    await write(page, "身份证和户口簿")
    if await page.get_by_role("button", name="资料").is_visible():
        await page.get_by_role("button", name="资料").click()
    side = page.get_by_role("complementary", name="客户资料")
    await side.get_by_label("内部备注").fill("下午再联系")
    await side.get_by_role("button", name="记下").click()
    await expect(side).to_contain_text("下午再联系")
    if await side.get_by_role("button", name="关闭").is_visible():
        await side.get_by_role("button", name="关闭").click()
    await look_around(page)
    await close(page, "已解决", "问材料，已答复")

    await follow_row(page, second)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_text("预约回电").click()
    await page.get_by_label("客户的手机号").fill("13800001234")
    await page.get_by_role("button", name="登记").click()
    await page.get_by_role("button", name="没打通").click()
    await page.get_by_role("radio").nth(1).click()
    await page.get_by_role("dialog").get_by_role("button", name="记下").click()
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("没有打通")
    await look_around(page)

    await follow_row(page, third)
    await close(page, "需要跟进", "要合同，明天寄")
    await page.keyboard.press("Control+k")
    await page.get_by_label("找会话").fill("田2")
    await page.get_by_role("dialog").locator(f"a.row[href='/talks/{third.id}']").click()
    await page.locator(".talk.shown").get_by_role("button", name="再接待").click()
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()
    await look_around(page)
    ended = [await site_office.handoffs.get(talk.id) for talk in waiting]
    assert [(each.state, each.missed_calls) for each in ended] == [("closed", 0), ("callback", 1), ("closed", 0)]
    assert all(each.agent_id == agent.id for each in ended)


@WIDTHS
@in_browser
async def test_an_account_managers_day(site_office: Office, open_page: OpenPage, size: ViewportSize) -> None:
    login = f"day{size['width']}.manager"
    manager = await seat(site_office, login, "account_manager")
    talk = await meet(site_office, manager)
    await book_visit(site_office, manager, talk, site_office.clock.now - timedelta(hours=1))
    page = await open_page(login, "/customers", size)
    card = page.locator("article").filter(has_text=f"柳{login}").first
    await expect(card).to_contain_text("10万元")
    await card.get_by_role("button", name="电话").click()
    await expect(page.get_by_role("link", name="138 1234 5678")).to_be_visible()
    await page.keyboard.press("Escape")
    await look_around(page)
    await card.get_by_role("link", name=f"柳{login}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"柳{login}")
    await look_around(page)

    await page.goto(urljoin(page.url, "/my-day"))
    visit = page.get_by_role("article").first
    await visit.get_by_role("button", name="已上门").click()
    await page.get_by_role("textbox", name="备注").fill("看了大棚")
    await page.get_by_role("button", name="保存").click()
    await expect(visit).to_contain_text("看了大棚")
    await look_around(page)

    await page.goto(urljoin(page.url, "/"))
    await follow_row(page, talk)
    await page.locator(".talk.shown").get_by_role("button", name="接待").click()
    await write(page, "我刚从您家回来，材料齐了")
    await close(page, "需要跟进", "等审批")
    await look_around(page)


@WIDTHS
@in_browser
async def test_a_supervisors_day(site_office: Office, open_page: OpenPage, size: ViewportSize) -> None:
    login = f"day{size['width']}.boss"
    await seat(site_office, login, "supervisor")
    agent = await seat(site_office, f"day{size['width']}.watched")
    served, rated = [await site_office.ask(f"{n}-of-{login}", slots={"name": f"霍{n}"}) for n in range(2)]
    for talk in (served, rated):
        await site_office.talks.take(agent, talk.id)
    await site_office.talks.close(agent, rated.id, "solved", "问利率")
    await rate(site_office, rated)
    page = await open_page(login, "/supervise", size)
    low = page.locator("section.panel").filter(has=page.get_by_role("heading", name="低分"))
    await expect(low).to_contain_text("客户说：等太久")
    await look_around(page)

    await page.goto(urljoin(page.url, f"/talks/{served.id}"))
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("接下来由我为您服务")
    if await page.get_by_role("button", name="资料").is_visible():
        await page.get_by_role("button", name="资料").click()
    side = page.get_by_role("complementary", name="客户资料")
    await side.get_by_label("内部备注").fill("先问清楚额度")
    await side.get_by_role("button", name="记下").click()
    if await side.get_by_role("button", name="关闭").is_visible():
        await side.get_by_role("button", name="关闭").click()
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("先问清楚额度")
    assert "先问清楚额度" not in await site_office.read_words(served), "the customer hears nothing of it"
    await page.locator(".talk.shown").get_by_role("button", name="接管").click()
    await page.get_by_role("dialog").get_by_role("button", name="接管").click()
    await write(page, "我是主管，您说")
    await look_around(page)

    await page.goto(urljoin(page.url, "/supervise"))
    await low.get_by_role("button", name="质检").first.click()
    await expect(page.get_by_role("heading", name="评分表")).to_be_visible()
    await look_around(page)
    for path in ("/dashboard", "/lending-report", "/quality", "/office"):
        await page.goto(urljoin(page.url, path))
        await expect(page.get_by_role("main")).not_to_be_empty()
        await look_around(page)


async def meet(office: Office, manager: StaffView) -> HandoffView:
    """A customer of theirs who has applied, and waits for them."""
    office.clock.move(minutes=-10)  # what the village does takes minutes, and nothing is to be said in the future
    village, name = Village(office.database, office.accounts, office.clock), f"柳{manager.login}"
    talk = await office.ask(name, slots={"name": name, "phone": "13812345678"})
    async with office.database.transaction() as session:
        (await session.get_one(Customer, talk.customer_id)).manager_id = manager.id
    await village.apply(name, name, conversation_id=talk.conversation_id)
    await village.ownership.assign_new()
    return talk


async def rate(office: Office, talk: HandoffView) -> None:
    """A bad rating, with a word."""
    async with office.database.transaction() as session:
        rated = await session.get_one(Handoff, talk.id)
        rated.rating, rated.comment = LOW_RATING, "等太久"
