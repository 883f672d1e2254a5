"""Alerts come once, cover nothing, and reach the desktop also on a browser's first visit."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from conversations.handoff.schemas import HandoffView
from conversations.service import UnansweredWords
from desk.notifications import notifier
from desk.notifications.service import NotificationView
from desk.pages.alerts import Alert, alert_of_notifications, alert_of_talk
from desk.schemas import StaffView
from desk.tables import Notification
from dev.stack import Stack
from kit.clock import read_clock
from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, seat, take_two
from tests.desk.pages.test_queue import make_handoff

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
# As long as the page looks hidden; what the desktop is shown is written down.
HIDE = """
  Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? true });
  window.shown = [];
  Object.defineProperty(window, "Notification", { value: { permission: "granted" } });
  ServiceWorkerRegistration.prototype.showNotification = async function (title, { tag }) {
    if (!this.active) throw new Error("no active worker");
    window.shown.push([title, tag]);
  };
"""

COUNT_TONES = """
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function () { window.tones += 1; return start.call(this); };
"""

UNANSWERED = UnansweredWords(1, NOW, NOW, 7)


def test_offers_and_unanswered_messages_are_alerts() -> None:
    offered = make_handoff("王秀英", state="assigned", assigned_at=NOW)
    assert alert_of_talk(offered, UNANSWERED, NOW) == Alert(
        f"id-of-王秀英:{NOW}", "王秀英等您接待：客户找人工", "/talks/id-of-王秀英"
    )
    given = alert_of_talk(offered, UNANSWERED, NOW, "赵丽留言：老客户")
    assert given
    assert given.text == "王秀英等您接待：客户找人工。赵丽留言：老客户"
    active = make_handoff("王秀英", state="active", accepted_at=NOW - timedelta(seconds=1))
    assert alert_of_talk(active, UNANSWERED, NOW) == Alert("id-of-王秀英:7", "王秀英发来新消息", "/talks/id-of-王秀英")
    assert alert_of_talk(active, None, NOW) is None
    just_accepted = make_handoff("王秀英", state="active", accepted_at=NOW)
    assert alert_of_talk(just_accepted, UNANSWERED, NOW) is None
    later = make_handoff("王秀英", state="active", snoozed_until=NOW)
    assert alert_of_talk(later, None, NOW - timedelta(seconds=1)) is None
    assert alert_of_talk(later, None, NOW) == Alert(
        f"id-of-王秀英:{NOW}", "王秀英：您说好现在再看", "/talks/id-of-王秀英"
    )


def test_many_notifications_are_one_alert() -> None:
    unread = [NotificationView(n, f"第{n}条\n细节", f"/talks/{n}", NOW, False) for n in (4, 3, 2, 1)]
    counted = tuple(f"notification:{n}" for n in (4, 3, 2, 1))
    assert alert_of_notifications(unread, NOW) == [Alert("unread:4", "您有4条未读通知", "/notifications", counted)]
    assert alert_of_notifications(unread[:2], NOW) == [
        Alert("notification:3", "第3条：细节", "/talks/3"),
        Alert("notification:4", "第4条：细节", "/talks/4"),
    ]


def test_old_notifications_are_counted_once_a_day_beside_new_ones() -> None:
    old = [NotificationView(n, f"第{n}条", "/", NOW - timedelta(hours=9), False) for n in (2, 1)]
    both = "notification:2", "notification:1"
    counted = Alert("unread on 2026-07-01", "您有2条未读通知", "/notifications", both)
    assert alert_of_notifications(old, NOW) == [counted]
    assert alert_of_notifications(old, NOW + timedelta(hours=1)) == [counted]
    new = NotificationView(3, "第3条", "/talks/3", NOW, False)
    assert alert_of_notifications([new, *old], NOW)[1:] == [Alert("notification:3", "第3条", "/talks/3")]
    long = NotificationView(4, "长" * 80 + "\n细节", "", NOW, False)
    assert [alert.text for alert in alert_of_notifications([long], NOW)] == ["长" * 60 + "…"]


async def offer(office: Office, **details: str) -> tuple[StaffView, HandoffView]:
    """Somebody new, to whom a customer was offered."""
    login = f"a{uuid.uuid4().hex[:8]}"
    agent = await seat(office, login)
    handoff = await office.ask(f"of-{login}", slots={"name": "王秀英"})
    await office.handoffs.assign(handoff.id, agent.id)
    return agent, handoff


async def expect_uncovered(page: Page) -> None:
    """No toast lies over the shown talk, and the page does not scroll."""
    assert await page.evaluate(
        """() => {
          const toasts = document.querySelector(".toasts").getBoundingClientRect();
          const talk = document.querySelector(".talk.shown").getBoundingClientRect();
          const isBeside = talk.top >= toasts.bottom - 1 || talk.left >= toasts.right - 1;
          return isBeside && talk.bottom <= innerHeight + 1;
        }"""
    )


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_toast_comes_once_and_covers_nothing(
    site_office: Office, site: Stack, open_page: OpenPage, size: dict[str, int]
) -> None:
    agent, handoff = await offer(site_office)
    await site_office.talks.accept(agent, handoff.id)
    other = await site_office.ask(f"other-{agent.login}", slots={"name": "李大山"})
    await site_office.talks.take(agent, other.id)
    page = await open_page(agent.login, f"/talks/{other.id}", size)
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()
    await expect(page.locator(".toast")).to_have_count(0)
    site_office.clock.move(seconds=1)
    await say(site_office.inbox, handoff.conversation_id, "在吗")
    await expect(page.locator(".toast")).to_contain_text("王秀英发来新消息")
    if size is PHONE:
        await page.wait_for_function("document.querySelector('.top').offsetHeight > 60")
    await expect_uncovered(page)
    await page.reload()
    await expect(page).to_have_title("(1) 李大山 · 小禾工作台")
    await expect(page.locator(".toast")).to_have_count(0)
    await say(site_office.inbox, handoff.conversation_id, "还在吗")
    await page.locator(".toast").get_by_text("王秀英发来新消息").click()
    await page.wait_for_url(f"**/talks/{handoff.id}")


@in_browser
async def test_new_words_ring_unless_that_is_switched_off(site_office: Office, open_page: OpenPage) -> None:
    agent, first, second = await take_two(site_office, f"a{uuid.uuid4().hex[:8]}")
    page = await open_page(agent.login, "/password")
    await page.add_init_script(COUNT_TONES)
    await page.goto(page.url.replace("/password", f"/talks/{first.id}"))
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()

    async def write(talk: HandoffView) -> None:
        site_office.clock.move(seconds=1)
        await say(site_office.inbox, talk.conversation_id, f"在吗{uuid.uuid4().hex}")

    await page.locator(".talk.shown").get_by_label("回复客户").click()
    await write(second)
    await page.wait_for_function("window.tones === 1")
    await write(first)
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("在吗")
    assert await page.evaluate("window.tones") == 1, "what one looks at is quiet"
    await page.get_by_role("button", name="我的账号").click()
    await page.get_by_role("button", name="提示音：开").click()
    await expect(page.get_by_role("button", name="提示音：关")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.locator(".toast")).to_have_count(0)
    await page.locator(".talk.shown").get_by_label("回复客户").click()
    await write(second)
    await expect(page.locator(".toast")).to_have_count(1)
    assert await page.evaluate("window.tones") == 0


@in_browser
async def test_the_first_desktop_notification_is_shown(site_office: Office, open_page: OpenPage) -> None:
    agent, handoff = await offer(site_office)
    page = await open_page(agent.login, "/password")
    await page.add_init_script(HIDE)
    await page.goto(page.url.replace("/password", "/"))
    await page.wait_for_function("window.shown.length")
    assert await page.evaluate("window.shown") == [["王秀英等您接待：客户找人工", f"/talks/{handoff.id}"]]


@in_browser
async def test_who_was_away_finds_what_they_missed(site_office: Office, open_page: OpenPage) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    async with site_office.database.transaction() as session:
        for number in range(5):
            text = f"有回电快到时间了\n客户{number}，应在10:30前"
            await notifier.add(session, manager.id, f"{login}:{number}", text, "/customers", now=read_clock())
    page = await open_page(login)
    await expect(page.locator(".toast")).to_have_text("您有5条未读通知知道了")
    await page.get_by_role("link", name="通知", exact=True).click()
    await expect(page.locator(".notification")).to_have_count(5)
    await expect(page.get_by_text("未读", exact=True)).to_have_count(5)
    await page.reload()
    await expect(page.locator(".notification")).to_have_count(5)
    await expect(page.get_by_text("未读", exact=True)).to_have_count(0)
    await expect(page.locator(".bell .count")).to_be_hidden()


@in_browser
async def test_what_was_shown_is_not_counted_again_later(site_office: Office, open_page: OpenPage) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    async with site_office.database.transaction() as session:
        await notifier.add(session, manager.id, login, "有回电快到时间了", "/customers", now=read_clock())
    page = await open_page(login)
    await expect(page.locator(".toast")).to_have_text("有回电快到时间了知道了")
    await page.get_by_role("button", name="知道了").click()
    async with site_office.database.transaction() as session:
        theirs = Notification.staff_id == manager.id
        earlier = read_clock() - timedelta(hours=1)
        await session.execute(update(Notification).where(theirs).values(created_at=earlier))
    await page.reload()
    await expect(page.locator(".bell .count")).to_have_text("1")
    await expect(page.locator(".toast")).to_have_count(0)


@in_browser
async def test_a_supervisor_sees_which_notifications_failed(site_office: Office, open_page: OpenPage) -> None:
    login = f"s{uuid.uuid4().hex[:8]}"
    await site_office.hire(login, "supervisor", is_online=False)
    missing = await site_office.hire(f"x{login}", is_online=False)
    async with site_office.database.transaction() as session:
        await notifier.add(session, missing.id, f"x{login}", f"给{login}的", now=read_clock())
    await notifier.Notifier(site_office.database, [], "https://desk.bank.example").send_due()
    page = await open_page(login, "/undelivered")
    card = page.locator(".card", has_text=f"给{login}的")
    await expect(card).to_contain_text("没有通知到")
    await expect(card).to_contain_text("没有可用的通知方式")
    await expect(page.get_by_text("都通知到了")).to_have_count(0)
    agent = await open_page(missing.login, "/undelivered")
    await expect(agent.get_by_text("给客户的消息")).to_be_visible()
    await expect(agent.get_by_text("给同事的通知")).to_have_count(0)
