"""Labels, putting a talk aside, macros, mentions and the drafted summary, as an agent finds them in the page."""

import uuid

from playwright.async_api import expect

from conversations.full_text import SETTLED, FullTextSearch
from desk.macros import MacroValues
from kit.clock import read_clock
from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, OpenPage, choose_act, in_browser, shoot, take_two


@in_browser
async def test_a_talk_is_labelled_put_aside_and_done_with_in_one(site_office: Office, open_page: OpenPage) -> None:
    agent, first, second = await take_two(site_office, "tooled", name="王秀英")
    boss = await site_office.hire(f"boss{uuid.uuid4().hex[:8]}", "supervisor", is_online=False)
    await site_office.labels.add(boss, "要材料")
    reply = "{姓}先生您好，请补一张营业执照"
    macro = MacroValues(title="补执照", reply=reply, disposition="follow_up", summary="等补执照")
    await site_office.macros.save(boss, macro)
    page = await open_page("tooled", f"/talks/{first.id}", DESKTOP)
    row, log = page.locator(f".row.mine[href='/talks/{first.id}']"), page.locator(".talk.shown").get_by_role("log")
    await page.locator(".talk.shown").get_by_label("标签").click()
    await page.get_by_role("option", name="要材料").click()
    await page.keyboard.press("Escape")
    await expect(row).to_contain_text("要材料")
    await page.reload()
    narrow = page.get_by_role("group", name="只看").get_by_role("button", name="要材料")
    await narrow.click()
    await expect(page.locator(f".row.mine[href='/talks/{second.id}']")).to_be_hidden()
    await page.get_by_role("group", name="只看").get_by_role("button", name="全部").click()
    await choose_act(page, "稍后再看")
    await shoot(page, "snooze")
    await page.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(row).to_contain_text("再看")
    await expect(page.locator(".row.mine").last).to_have_attribute("href", f"/talks/{first.id}")
    site_office.clock.now = read_clock()  # it stood still while the talk was put aside
    await say(site_office.inbox, first.conversation_id, "在吗")
    await expect(row).not_to_contain_text("再看")
    await choose_act(page, "快捷处理")
    await expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(
        "客户会收到：王先生您好，请补一张营业执照"
    )
    await shoot(page, "macro")
    await page.get_by_role("dialog").get_by_role("button", name="执行").dblclick()
    await expect(
        page.get_by_role("region", name="今天结束的").locator(f".row[href='/talks/{first.id}']")
    ).to_be_visible()
    await expect(log).not_to_contain_text("请补一张营业执照")  # the next talk is shown
    assert (await site_office.read_words(first)).count("王先生您好，请补一张营业执照") == 1
    ended = await site_office.handoffs.get(first.id)
    assert (ended.state, ended.labels, ended.agent_id) == ("closed", ("要材料",), agent.id)


@in_browser
async def test_the_summary_is_drafted_and_a_colleague_is_told_by_name(site_office: Office, open_page: OpenPage) -> None:
    agent, first, _ = await take_two(site_office, "drafter")
    await say(site_office.inbox, first.conversation_id, "提前还款怎么弄")
    await site_office.talks.say(agent, first.id, "明天上午给您打电话说清楚", "draft-1")
    stranger = await site_office.hire(f"stranger{uuid.uuid4().hex[:8]}", is_online=False)
    page = await open_page("drafter", f"/talks/{first.id}", DESKTOP)
    note = page.locator(".talk.shown").get_by_label("内部备注")
    await note.fill(f"@{stranger.name} 你看看")
    await note.press("Enter")
    await expect(page.locator(".toast")).to_contain_text(f"{stranger.name}看不到这个会话")
    boss = await site_office.hire(f"boss{uuid.uuid4().hex[:8]}", "supervisor", is_online=False)
    await site_office.talks.add_note(boss, first.id, "别答应利率，电话13800001234")
    log = page.locator(".talk.shown").get_by_role("log")
    await expect(log.locator(".private").last).to_contain_text("别答应利率，电话138****1234")
    await shoot(page, "whispered")
    await page.get_by_role("button", name="结束").click()
    summary = page.get_by_role("dialog").get_by_label("小结")
    await expect(summary).to_have_value("客户问：提前还款怎么弄。答应了：明天上午给您打电话说清楚。")
    await shoot(page, "drafted")


@in_browser
async def test_what_was_said_is_found_from_anywhere(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "seeker")
    word = "砖窑厂房抵押"
    await say(site_office.inbox, first.conversation_id, f"我那个{word}行不行，电话13800001234")
    later = FullTextSearch(site_office.database, lambda: site_office.clock() + SETTLED * 2)
    await later.catch_up()
    page = await open_page("seeker", f"/talks/{second.id}", DESKTOP)
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("转人工")
    await page.keyboard.press("Control+k")
    finder = page.get_by_role("dialog")
    await finder.get_by_label("找会话").fill("窑厂房")
    found = finder.locator("a.row")
    await expect(found).to_contain_text("我那个砖窑厂房抵押行不行，电话138****1234")
    await expect(found.locator("mark")).to_have_text("窑厂房")
    await shoot(page, "finder")
    await page.keyboard.press("ArrowDown")
    await expect(found).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(finder.get_by_label("找会话")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(finder).to_have_count(0)
    await page.keyboard.press("Control+k")
    await finder.get_by_label("找会话").fill("窑厂房")
    await expect(found).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/talks/{first.id}")
    await finder.wait_for(state="hidden")
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()
