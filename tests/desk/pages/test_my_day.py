"""The page of visits, as an account manager uses it on a phone."""

import os
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.tables import Customer
from desk.pages.my_day import describe_day
from desk.people import begin_note
from desk.schemas import StaffView
from kit.clock import CHINA, read_clock
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, shoot
from visits.tables import Visit


def test_near_days_are_named() -> None:
    assert describe_day(date(2026, 7, 2), date(2026, 7, 1)) == "明天 7月2日 星期四"
    assert describe_day(date(2026, 7, 9), date(2026, 7, 1)) == "7月9日 星期四"


async def book_visit(office: Office, manager: StaffView, handoff: HandoffView, at: datetime) -> None:
    """A visit to a customer, who is the manager's."""
    async with office.database.transaction() as session:
        customer = await session.get_one(Customer, handoff.customer_id)
        customer.manager_id = manager.id
        session.add(
            Visit(
                id=str(uuid.uuid4()),
                conversation_id=handoff.conversation_id,
                manager_id=manager.id,
                starts_at=at,
                minutes=90,
                place="柳河镇王家村3组",
                state="booked",
                idempotency_key=uuid.uuid4().hex,
                request_hash="",
                created_at=at,
                changed_at=at,
            )
        )


async def visit(office: Office, login: str, *begins: datetime) -> None:
    """A manager with visits to make."""
    manager = await office.hire(login, "account_manager", is_online=False)
    for at in begins:
        handoff = await office.ask(uuid.uuid4().hex, slots={"name": "王秀英", "phone": "13812345678"})
        await book_visit(office, manager, handoff, at)


@in_browser
async def test_yesterdays_visit_waits_on_top_to_be_reported(site_office: Office, open_page: OpenPage) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    today = read_clock().astimezone(CHINA).replace(hour=9, minute=0, second=0, microsecond=0)
    yesterday = today - timedelta(days=1)
    await visit(site_office, login, yesterday, today + timedelta(days=1))
    page = await open_page(login, "/my-day", PHONE)
    await expect(page.get_by_role("article")).to_have_count(2)
    if folder := os.environ.get("XIAOHE_TEST_SHOTS"):
        await page.screenshot(path=Path(folder) / "my_day_unreported.png", full_page=True)
    headings = page.get_by_role("heading", level=2)
    await expect(headings.first).to_have_text(describe_day(yesterday.date(), today.date()))
    card = page.get_by_role("article").first
    await expect(card).to_contain_text("请记录结果")
    await card.get_by_role("button", name="没见到").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("article")).to_have_count(1)


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_manager_reports_moves_and_cancels(
    site_office: Office, open_page: OpenPage, size: dict[str, int]
) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    now = read_clock()
    morning = datetime.combine(now.astimezone(CHINA).date(), datetime.min.time(), CHINA)
    tomorrow = morning + timedelta(days=1, hours=9)
    await visit(site_office, login, morning, tomorrow, tomorrow + timedelta(hours=5))
    page = await open_page(login, "/my-day", size)
    await expect(page.get_by_role("article")).to_have_count(3)
    if folder := os.environ.get("XIAOHE_TEST_SHOTS"):
        await page.screenshot(path=Path(folder) / f"my_day_{size['width']}.png", full_page=True)
    begun, first, second = (page.get_by_role("article").nth(n) for n in range(3))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await expect(begun).to_contain_text("第1站")
    await expect(first).not_to_contain_text("站")
    map_link = begun.get_by_role("link", name="柳河镇王家村3组")
    assert await map_link.get_attribute("href") == f"https://map.example/?q={quote('柳河镇王家村3组')}"
    assert "noreferrer" in (await map_link.get_attribute("rel") or "")
    await begun.get_by_role("button", name="已上门").click()
    await page.get_by_role("textbox", name="备注").fill("看了大棚")
    await page.get_by_role("button", name="保存").click()
    await expect(begun).to_contain_text("备注：看了大棚")
    await expect(begun.get_by_role("button")).to_have_count(0)

    await expect(first.get_by_role("button", name="已上门")).to_have_count(0)
    await first.get_by_role("button", name="改时间").click()
    await page.get_by_role("textbox", name="时间").fill("10:30")
    await page.get_by_role("button", name="改时间").last.click()
    await expect(first).to_contain_text("10:30–12:00")

    await second.get_by_role("button", name="取消").click()
    await page.get_by_role("button", name="取消上门").click()
    await expect(page.get_by_role("article")).to_have_count(2)
    await first.get_by_role("button", name="打电话").click()
    await expect(page.get_by_role("link", name="138 1234 5678")).to_be_visible()


@in_browser
async def test_whom_one_meant_to_call_today_stands_on_top(site_office: Office, open_page: OpenPage) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    today = read_clock().astimezone(CHINA)
    await visit(site_office, login, today + timedelta(days=1))
    manager = next(each for each in await site_office.accounts.list_staff() if each.login == login)
    handoff = await site_office.ask(f"due-{login}", slots={"name": "李大山", "phone": "13812345678"})
    async with site_office.database.transaction() as session:
        customer = await session.get_one(Customer, handoff.customer_id)
        customer.manager_id, customer.contact_on = manager.id, today.date()
        note = f"{begin_note(today.date().isoformat())}催发票"
        await Handoffs().add_note(session, handoff.conversation_id, manager.id, note)
    page = await open_page(login, "/my-day", PHONE)
    await expect(page.get_by_role("heading", name="要联系的客户 1")).to_be_visible()
    card = page.get_by_role("article").first
    await expect(card).to_contain_text("今天要联系")
    await expect(card).to_contain_text("催发票")
    await shoot(page, "my-day-contacts")
    await card.get_by_role("button", name="联系过了").click()
    later = (today + timedelta(days=7)).date().isoformat()
    await page.get_by_label("下次联系").fill(later)
    await page.get_by_label("说到哪了").fill("发票下周到")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("heading", name="要联系的客户")).to_have_count(0)
    async with site_office.database.reading() as session:
        assert str((await session.get_one(Customer, handoff.customer_id)).contact_on) == later
