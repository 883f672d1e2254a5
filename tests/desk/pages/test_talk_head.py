"""What a colleague said when they gave a talk away is shown to whoever got it."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from conversations.handoff.schemas import HandoffEventView
from conversations.tables import Handoff, Message
from desk.audit import AuditLog
from desk.wording import describe_note
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat

MONTH = timedelta(days=30)
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
        ([make_event("assign", "zhao", "老客户"), make_event("assign", None, "load")], "赵丽留言：老客户"),
        ([make_event("requeue", "an", "要会办抵押的"), make_event("assign", None, "wanted")], "安宁留言：要会办抵押的"),
        ([make_event("assign", "zhao", "老客户"), make_event("requeue", "an")], ""),
        ([make_event("requeue", None, "坐席断线")], ""),
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
    await expect(page.locator(".talk.shown .handed-note")).to_have_text("noter留言：老客户，急用钱")
    await page.get_by_role("button", name="接待").click()
    await expect(page.get_by_label("回复客户")).to_be_visible()
    await expect(page.locator(".talk.shown .handed-note")).to_be_visible()
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


@in_browser
async def test_a_double_click_in_a_dialog_counts_once(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "doubler")
    handoff = await site_office.ask("customer-of-doubler")
    await site_office.talks.take(agent, handoff.id)
    await site_office.callbacks.book(agent, handoff.id, "13800001234")
    page = await open_page("doubler", f"/talks/{handoff.id}")
    await page.get_by_role("button", name="没打通").click()
    await page.get_by_role("dialog").get_by_role("button", name="记下").dblclick()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert (await site_office.handoffs.get(handoff.id)).missed_calls == 1
    await expect(page.locator(".toast")).to_have_count(0)


@in_browser
async def test_of_a_talk_that_is_over_the_next_is_not_shown(site_office: Office, open_page: OpenPage) -> None:
    former, present = await seat(site_office, "former"), await seat(site_office, "present")
    over = await site_office.ask("customer-of-two", "我要问利率，转人工")
    await site_office.talks.take(former, over.id)
    await site_office.talks.close(former, over.id, "solved", "问利率")
    async with site_office.database.transaction() as session:
        earlier = {"requested_at": over.requested_at - MONTH, "ended_at": over.requested_at - MONTH}
        await session.execute(update(Handoff).where(Handoff.id == over.id).values(**earlier))
        theirs = Message.conversation_id == over.conversation_id
        await session.execute(update(Message).where(theirs).values(at=over.requested_at - MONTH))
    page = await open_page("former", f"/talks/{over.id}")
    log = page.locator(".talk.shown").get_by_role("log")
    await expect(log).to_contain_text("我要问利率")
    again = await site_office.ask("customer-of-two", "我欠了债，转人工")
    await site_office.talks.take(present, again.id)
    await site_office.talks.say(present, again.id, "慢慢说", "present-1")
    await expect(page.get_by_role("button", name="显示完整号码")).to_have_count(0)
    await page.reload()
    await expect(log).to_contain_text("我要问利率")
    await expect(log).not_to_contain_text("我欠了债")
    await expect(log).not_to_contain_text("慢慢说")


@in_browser
async def test_what_a_colleague_or_customer_would_notice_is_asked_first(
    site_office: Office, open_page: OpenPage
) -> None:
    agent = await seat(site_office, "asked")
    handoff = await site_office.ask("customer-of-asked")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page("asked", f"/talks/{handoff.id}")
    await page.get_by_role("button", name="更多").click()
    await page.get_by_text("转回小禾", exact=True).click()
    dialog = page.get_by_role("dialog").filter(has=page.get_by_role("heading", name="转回小禾"))
    await dialog.get_by_role("button", name="取消").click()
    await expect(dialog).to_have_count(0)
    await site_office.hire("asked.boss", "supervisor", is_online=False)
    other = await open_page("asked.boss", f"/talks/{handoff.id}")
    await other.get_by_role("button", name="接管").click()
    assert (await site_office.handoffs.get(handoff.id)).agent_id == agent.id
    await other.get_by_role("dialog").get_by_role("button", name="接管").click()
    await expect(other.get_by_label("回复客户")).to_be_visible()


@in_browser
async def test_a_talk_of_others_and_one_that_never_was(site_office: Office, open_page: OpenPage) -> None:
    agent, other = await seat(site_office, "owner"), await seat(site_office, "curious")
    handoff = await site_office.ask("customer-of-owner")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page("curious", f"/talks/{handoff.id}")
    await expect(page.get_by_role("heading")).to_have_text("这位客户不归您接待")
    await page.goto(page.url.replace(handoff.id, "nothing"))
    await expect(page.get_by_role("heading")).to_have_text("没有这个会话")
    (refused, *_) = await AuditLog(site_office.database).list_records(9, staff_id=other.id)
    assert (refused.action, refused.details["code"]) == ("refused", "not_yours")
