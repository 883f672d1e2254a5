"""What a colleague said when they gave a talk away is shown to whoever got it."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from conversations.handoff.schemas import HandoffEventView
from desk.pages.talk_head import describe_note
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat

NAMES = {"zhao": "赵丽", "an": "安宁"}


def make_event(event: str, staff_id: str | None = None, note: str = "") -> HandoffEventView:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return HandoffEventView(event=event, state="assigned", staff_id=staff_id, agent_id="bo", note=note, at=at)


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ([], ""),
        ([make_event("assign", "zhao", "老客户，急用钱")], "赵丽留言：老客户，急用钱"),
        ([make_event("assign", None, "skill")], ""),
        ([make_event("assign", "zhao")], ""),
        ([make_event("transfer", "an", "要问利率"), make_event("accept", "bo")], "安宁留言：要问利率"),
        ([make_event("assign", "zhao", "老客户"), make_event("assign", None, "load")], ""),
        ([make_event("transfer", "left", "要问利率")], "同事留言：要问利率"),
        ([make_event("transfer", "an", "打13800001234")], "安宁留言：打138****1234"),
    ],
)
def test_the_last_giver_is_quoted(events: list[HandoffEventView], note: str) -> None:
    assert describe_note(events, NAMES) == note


@in_browser
async def test_the_agent_reads_it_with_the_offer(site_office: Office, open_page: OpenPage) -> None:
    chen = await site_office.hire("noter", "supervisor", is_online=False)
    bo = await site_office.hire("noted")
    handoff = await site_office.ask("customer-with-note")
    await site_office.talks.assign(chen, handoff.id, bo.id, "老客户，急用钱")
    await site_office.accounts.set_status(bo.id, "offline")  # no other test's customers
    page = await open_page("noted", f"/talks/{handoff.id}")
    await expect(page.locator(".handed-note")).to_have_text("noter留言：老客户，急用钱")
    await page.get_by_role("button", name="接入").click()
    await expect(page.get_by_label("回复客户")).to_be_visible()
    await expect(page.locator(".handed-note")).to_be_visible()
    await expect(page.locator(".summary")).to_contain_text("分给noted（noter）：老客户，急用钱")


@in_browser
async def test_a_button_under_the_finger_is_not_replaced(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "clicker")
    handoff = await site_office.ask("customer-of-clicker")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page("clicker", f"/talks/{handoff.id}")
    pressed = await page.get_by_role("button", name="结束").element_handle()
    await site_office.talks.say(agent, handoff.id, "请稍等", "clicker-1")
    await expect(page.get_by_role("log")).to_contain_text("请稍等")
    await page.get_by_label("内部备注").fill("急用钱")
    await page.get_by_role("button", name="记下").click()
    await expect(page.locator(".notes")).to_contain_text("急用钱")  # all that came before it is drawn
    assert await pressed.evaluate("button => button.isConnected")
