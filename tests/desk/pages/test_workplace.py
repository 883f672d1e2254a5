"""An agent has several talks in one page: switching loads nothing, and loses neither what was typed nor the place."""

import uuid

from playwright.async_api import Page, ViewportSize, expect

from conversations.handoff.schemas import HandoffView
from desk.notifications.service import Notifications
from desk.pages.workplace import KEPT_MAX
from desk.talks import WORDS_MAX
from tests.desk.office import Office
from tests.desk.pages.conftest import (
    DESKTOP,
    PHONE,
    WIDE,
    OpenPage,
    in_browser,
    measure_overflow,
    seat,
    shoot,
    take_two,
)

SMALL: ViewportSize = {"width": 1024, "height": 768}

# In each frame, how many talks are painted.
COUNT_SHOWN = """
window.mostShown = 0;
(function look() {
  window.mostShown = Math.max(window.mostShown, document.querySelectorAll(".talk.shown").length);
  requestAnimationFrame(look);
})();
"""

CLICK_FAST = """
async (ids) => {
  for (let number = 0; number < 60; number++) {
    document.querySelector(`.row[href="/talks/${ids[number % ids.length]}"]`).click();
    await new Promise((done) => setTimeout(done, 5 + (number * 7) % 60));
  }
}
"""


async def open_row(page: Page, talk: HandoffView) -> None:
    await page.locator(f".row[href='/talks/{talk.id}']").click()
    await expect(page.locator(f".talk.shown[data-talk='{talk.id}']")).to_be_visible()


@in_browser
async def test_drafts_and_places_are_kept_and_nothing_is_loaded_again(site_office: Office, open_page: OpenPage) -> None:
    agent, first, second = await take_two(site_office, "switcher")
    for number in range(30):
        await site_office.talks.say(agent, first.id, f"第{number}句", f"switch-{number}")
    page = await open_page("switcher", "/", WIDE)
    await page.evaluate("window.isSame = true")
    await open_row(page, first)
    shown = page.locator(".talk.shown")
    await expect(shown.get_by_role("log")).to_contain_text("第29句")
    await expect(shown.get_by_label("回复客户")).to_be_focused()
    await shown.get_by_role("log").evaluate("log => { log.scrollTop = 40 }")
    await shown.get_by_label("回复客户").fill("写到一半")
    await open_row(page, second)
    await expect(page.locator(f".row.drafted[href='/talks/{first.id}']")).to_be_visible()
    await expect(shown.get_by_label("回复客户")).to_have_value("")
    await shown.get_by_label("回复客户").fill("另一位")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(shown.get_by_label("回复客户")).to_have_value("写到一半")
    assert await shown.get_by_role("log").evaluate("log => log.scrollTop") == 40
    assert page.url.endswith(f"/talks/{first.id}")
    await page.go_back()
    await expect(shown.get_by_label("回复客户")).to_have_value("另一位")
    assert await page.evaluate("window.isSame")
    await page.reload()
    await expect(shown.get_by_label("回复客户")).to_have_value("另一位")
    await expect(page.locator(f".row[href='/talks/{second.id}']")).to_have_attribute("aria-current", "true")
    await shown.get_by_label("回复客户").press("Enter")
    await expect(shown.get_by_role("log")).to_contain_text("另一位")
    assert (await site_office.read_words(second))[-1] == "另一位"


@in_browser
async def test_whoever_was_clicked_last_is_shown(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "hasty")
    page = await open_page("hasty", "/", DESKTOP)
    await expect(page.locator(".row.mine")).to_have_count(2)
    await page.evaluate(COUNT_SHOWN)
    await page.evaluate(
        "ids => { for (const id of ids) document.querySelector(`.row[href='/talks/${id}']`).click(); }",
        [first.id, second.id, first.id, second.id, first.id],
    )
    shown = page.locator(".talk.shown")
    await expect(shown.get_by_label("回复客户")).to_be_visible()
    await shown.get_by_label("回复客户").fill("给第一位")
    await shown.get_by_label("回复客户").press("Enter")
    await expect(shown.get_by_role("log")).to_contain_text("给第一位")
    await page.evaluate(CLICK_FAST, [first.id, second.id])  # both are in the page now; the server follows
    assert await page.evaluate("window.mostShown") == 1, "two talks were shown at once"
    assert (await site_office.read_words(first))[-1] == "给第一位"


@in_browser
async def test_a_row_that_is_drawn_anew_under_the_finger_opens(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "presser")
    page = await open_page("presser", "/", DESKTOP)
    for talk in (first, second):
        row = page.locator(f".row[href='/talks/{talk.id}']")
        await row.hover()
        await page.mouse.down()
        await row.evaluate("row => { const list = row.parentElement; list.innerHTML = list.innerHTML; }")
        await page.mouse.up()
        await expect(page.locator(f".talk.shown[data-talk='{talk.id}']")).to_be_visible()


@in_browser
async def test_a_talk_that_a_colleague_takes_goes_and_the_page_stays(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "loser")
    boss = await seat(site_office, "loser.boss", "supervisor")
    page = await open_page("loser", f"/talks/{first.id}", DESKTOP)
    await page.locator(".talk.shown").get_by_label("回复客户").fill("利率是")
    await site_office.talks.take_over(boss, first.id)
    await expect(page.locator(".toast")).to_contain_text("这个会话已由loser.boss接管。您没发出的话：利率是")
    await expect(page.locator(".talk.shown")).to_have_count(0)
    await page.wait_for_url(lambda url: url.endswith("/"))
    await open_row(page, second)


@in_browser
async def test_new_words_below_are_told_and_gone_to(site_office: Office, open_page: OpenPage) -> None:
    agent, first, _ = await take_two(site_office, "scroller")
    for number in range(30):
        await site_office.talks.say(agent, first.id, f"第{number}句", f"scroll-{number}")
    page = await open_page("scroller", f"/talks/{first.id}", DESKTOP)
    shown = page.locator(".talk.shown")
    log, news = shown.get_by_role("log"), page.get_by_role("button", name="新消息")
    await expect(log).to_contain_text("第29句")
    await expect(shown.locator(".bubble.goes-on .said-by").first).to_be_hidden()  # who it is stands above the greeting
    await expect(shown.locator(".day-line")).to_have_count(1)
    await expect(news).to_be_hidden()
    await log.evaluate("log => { log.scrollTop = 0 }")
    await site_office.talks.say(agent, first.id, "还在吗", "scroll-last")
    await expect(news).to_be_visible()
    await shoot(page, "news")
    await news.click()
    await expect(page.get_by_text("还在吗")).to_be_in_viewport()
    await expect(news).to_be_hidden()


@in_browser
async def test_a_customer_is_found_by_name_with_keys_only(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "finding")
    talk = await site_office.ask("found-by-finding", slots={"name": "慕容采荷"})
    await site_office.talks.take(agent, talk.id)
    page = await open_page("finding", "/", DESKTOP)
    await expect(page.locator(".row.mine")).to_have_count(1)
    await page.keyboard.press("Control+k")
    words = page.get_by_label("找会话")
    await expect(words).to_be_focused()
    await words.fill("没有这个人")
    await expect(page.get_by_role("dialog")).to_contain_text("没有找到")
    await words.fill("慕容采荷")
    await expect(page.get_by_role("dialog").locator("a.row")).to_have_count(1)
    await shoot(page, "found")
    await words.press("Enter")
    await expect(words).to_be_hidden()
    await expect(page.locator(f".talk.shown[data-talk='{talk.id}']")).to_be_visible()


@in_browser
async def test_notes_have_lines(site_office: Office, open_page: OpenPage) -> None:
    _, first, _ = await take_two(site_office, "noter")
    page = await open_page("noter", f"/talks/{first.id}", WIDE)
    note = page.locator(".talk.shown").get_by_label("内部备注")
    await note.fill("第一行")
    await note.press("Shift+Enter")
    await note.press_sequentially("第二行")
    await note.press("Enter")
    await expect(page.locator(".note")).to_contain_text("第一行\n第二行")
    await expect(note).to_have_value("")
    await note.fill("只记一次")
    await note.dispatch_event("keydown", {"key": "Enter"})
    await note.dispatch_event("keydown", {"key": "Enter"})
    await expect(page.locator(".note", has_text="只记一次")).to_have_count(1)
    await expect(page.locator(".toast")).to_have_count(0)


@in_browser
async def test_a_note_offers_colleagues_and_is_not_lost(site_office: Office, open_page: OpenPage) -> None:
    _, first, _ = await take_two(site_office, "mentioner")
    boss = await site_office.hire(f"boss{uuid.uuid4().hex[:8]}", "supervisor", is_online=False)
    page = await open_page("mentioner", f"/talks/{first.id}", WIDE)
    note = page.locator(".talk.shown").get_by_label("内部备注")
    await note.press_sequentially(f"请看@{boss.name[:-1]}")
    await expect(page.get_by_role("listbox", name="同事").get_by_role("option", name=boss.name)).to_be_visible()
    await note.press("Enter")
    await expect(note).to_have_value(f"请看@{boss.name} ")
    await page.reload()
    await expect(note).to_have_value(f"请看@{boss.name} ")
    await note.evaluate("box => box.removeAttribute('maxlength')")
    too_long = "长" * (WORDS_MAX + 1)
    await note.fill(too_long)
    await note.press("Enter")
    await expect(page.locator(".toast")).to_contain_text("备注最多2000字")
    await expect(note).to_have_value(too_long)
    await note.fill(f"请看@{boss.name} ")
    await note.press("Enter")
    await expect(page.locator(".note")).to_contain_text("请看")
    (told,) = await Notifications(site_office.database).list_recent(boss.id)
    assert "在备注里提到您" in told.text


@in_browser
async def test_beside_the_lists_or_instead_of_them(site_office: Office, open_page: OpenPage) -> None:
    _, first, _ = await take_two(site_office, "resizer")
    page = await open_page("resizer", "/", WIDE)
    await open_row(page, first)
    lists, side = page.locator(".queue"), page.get_by_role("complementary", name="客户资料")
    await expect(side).to_be_visible()
    await shoot(page, "workplace")
    await page.set_viewport_size(SMALL)
    await expect(lists).to_be_visible()
    await expect(side).to_be_hidden()
    await page.get_by_role("button", name="资料").click()
    await expect(side).to_be_visible()
    await side.get_by_role("button", name="关闭").click()
    await page.set_viewport_size(PHONE)
    await expect(lists).to_be_hidden()
    await page.get_by_role("link", name="返回会话列表").click()
    await expect(lists).to_be_visible()
    await expect(page.locator(".talk.shown")).to_have_count(0)
    await open_row(page, first)
    for size in (PHONE, SMALL, WIDE):
        await page.set_viewport_size(size)
        assert await measure_overflow(page) == 0


@in_browser
async def test_the_talks_opened_last_are_kept(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "busy")
    talks = [await site_office.ask(f"customer-{number}-of-busy") for number in range(KEPT_MAX + 2)]
    for talk in talks:
        await site_office.talks.take(agent, talk.id)
    page = await open_page("busy", "/", DESKTOP)
    for talk in talks:
        await open_row(page, talk)
    await expect(page.locator(".talk")).to_have_count(KEPT_MAX)
    await open_row(page, talks[0])
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()


@in_browser
async def test_a_first_click_finds_the_talk_in_the_page(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "prepared")
    page = await open_page("prepared", "/", DESKTOP)
    for talk in (first, second):
        made = page.locator(f".talk[data-talk='{talk.id}']")
        await expect(made.get_by_role("log", include_hidden=True)).to_contain_text("转人工")
        await expect(made).to_be_hidden()
    await page.locator(f".row[href='/talks/{first.id}']").click()
    await expect(page.locator(".talk.shown .reply-box textarea")).to_be_focused()
    boss = await seat(site_office, "prepared.boss", "supervisor")
    await site_office.talks.take_over(boss, second.id)
    await expect(page.locator(f".talk[data-talk='{second.id}']")).to_have_count(0)  # nothing of it stays in the browser
