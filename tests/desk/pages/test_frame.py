"""Around every page: who is notified sees the bell, and how much waits for them."""

import re

import pytest
from nicegui import ui
from playwright.async_api import expect

from desk.pages.frame import frame
from desk.roles import Role
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser, measure_overflow, shoot
from tests.desk.pages.still_page import draw, list_elements, open_desk, open_still
from tests.desk.test_data_requests import ask


@sqlite_only
@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver", "supervisor", "admin"])
async def test_everybody_sees_their_notifications(office: Office, role: Role) -> None:
    staff = await office.hire("zhang", role)
    async with open_desk(office) as desk:
        page = await open_still(office, desk, staff)
        with draw() as client, frame(page, "某页", "/here"):
            pass
    assert [link.props["href"] for link in list_elements(client, ui.link, "bell")] == ["/notifications"]


@sqlite_only
async def test_what_waits_for_an_admin_is_counted(office: Office) -> None:
    admins = [await office.hire(login, "admin") for login in ("an", "bo", "chen")]
    await ask(office, "access", "meng")
    async with open_desk(office) as desk:
        await desk.role_proposals.propose_new(admins[0], "new.agent", {"name": "新人"})
        await desk.role_proposals.propose_change(admins[0], admins[1].id, role="editor")
        counts = {}
        for admin in admins:
            page = await open_still(office, desk, admin)
            with draw() as client, frame(page, "某页", "/here"):
                pass
            with client:
                await page.beat_now()
            shown = [label for label in list_elements(client, ui.label, "count") if label.visible]
            counts[admin.login] = [label.text for label in shown]
    # Of proposals, requests, and unread notifications; nobody decides on their own.
    assert counts == {"an": ["1"], "bo": ["1", "1", "1"], "chen": ["2", "1", "2"]}


@in_browser
async def test_an_admin_reads_that_a_colleague_proposed_something(site_office: Office, open_page: OpenPage) -> None:
    proposer = await site_office.hire("bell.one", "admin", is_online=False)
    await site_office.hire("bell.two", "admin", is_online=False)
    async with open_desk(site_office) as desk:
        await desk.role_proposals.propose_new(proposer, "bell.new", {"name": "新人"})
    page = await open_page("bell.two", "/staff")
    await page.get_by_role("link", name="通知").click()
    await page.get_by_role("link", name="有一项人员变更等您确认").wait_for()


@in_browser
async def test_who_may_see_many_places_finds_them_in_menus(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("places.boss", "supervisor", is_online=False)
    page = await open_page("places.boss", "/supervise")
    places = page.get_by_role("navigation", name="页面")
    await expect(places.get_by_role("link", name="主管台")).to_have_attribute("aria-current", "page")
    await expect(places.locator("a, button")).to_have_count(7)
    await places.get_by_role("button", name="知识").click()
    await page.get_by_role("link", name="必测题").click()
    await page.wait_for_url("**/golden-questions")
    await shoot(page, "places")
    await expect(places.locator(".here")).to_have_text(re.compile("知识"))
    await places.get_by_role("button", name="知识").click()
    await expect(page.get_by_role("link", name="必测题")).to_have_attribute("aria-current", "page")
    await page.set_viewport_size(PHONE)
    assert await measure_overflow(page) == 0
