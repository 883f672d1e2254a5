"""The lists beside the talks: in order, narrowed, with what ended and what was promised."""

import re

from playwright.async_api import expect

from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, OpenPage, in_browser, seat, shoot, take_two


@in_browser
async def test_what_ended_today_can_be_gone_on_with(site_office: Office, open_page: OpenPage) -> None:
    agent, first, _ = await take_two(site_office, "returner")
    await site_office.talks.close(agent, first.id, "follow_up", "等他寄合同")
    page = await open_page("returner", "/", DESKTOP)
    row = page.get_by_role("region", name="今天结束的").locator(f".row[href='/talks/{first.id}']")
    await expect(row).to_contain_text("需要跟进")
    await expect(row).to_contain_text("等他寄合同")
    await row.click()
    await page.get_by_role("button", name="再接待").click()
    await expect(page.locator(".talk.shown").get_by_label("回复客户")).to_be_visible()
    live = await site_office.handoffs.find_live(first.conversation_id)
    assert live
    await page.wait_for_url(f"**/talks/{live.id}")
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("接着由我为您服务")
    await shoot(page, "reopened")


@in_browser
async def test_who_waits_stands_with_what_they_said_and_keys_are_explained(
    site_office: Office, open_page: OpenPage
) -> None:
    await seat(site_office, "keyed")
    await site_office.ask("waiting-for-keyed", "我要找人问还款")
    page = await open_page("keyed", "/", DESKTOP)
    await expect(page.get_by_role("region", name="等待人工")).to_contain_text("我要找人问还款")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("下一位、上一位等您回复的客户")
    await page.get_by_role("button", name="知道了").click()
    await expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()


@in_browser
async def test_lists_are_narrowed_to_one_kind_and_stay_so(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "narrower")
    mine = await site_office.ask("mine-of-narrower", "在吗", channel="wechat")
    await site_office.talks.take(agent, mine.id)
    await site_office.talks.say(agent, mine.id, "在", "narrow-1")
    await say(site_office.inbox, mine.conversation_id, "怎么还款")
    await say(site_office.inbox, mine.conversation_id, "快点")
    danger = await site_office.ask("danger-of-narrower", "被骗了", reason="sensitive", topic="scam")
    page = await open_page("narrower", "/", DESKTOP)
    rows = {talk.id: page.locator(f".row[href='/talks/{talk.id}']") for talk in (mine, danger)}
    await expect(rows[mine.id].get_by_label("2条没回")).to_be_visible()
    narrow = page.get_by_role("group", name="只看")
    await narrow.get_by_role("button", name="危险").click()
    await expect(rows[danger.id]).to_be_visible()
    await expect(rows[mine.id]).to_be_hidden()
    await shoot(page, "narrowed")
    await page.reload()
    await expect(rows[mine.id]).to_be_hidden()
    await narrow.get_by_role("button", name="微信").click()
    await expect(rows[mine.id]).to_be_visible()
    await expect(rows[danger.id]).to_be_hidden()
    await narrow.get_by_role("button", name="全部").click()
    await expect(rows[danger.id]).to_be_visible()
    await expect(narrow.get_by_role("button", name="投诉")).to_be_hidden()  # nobody complains


@in_browser
async def test_an_offer_says_how_long_it_stands(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "offered")
    talk = await site_office.ask("offered-to-offered")
    await site_office.handoffs.assign(talk.id, agent.id)
    page = await open_page("offered", "/", DESKTOP)
    chip = page.locator(f".row[href='/talks/{talk.id}'] .state")
    await expect(chip).to_have_text(re.compile(r"待接待 \d+秒"))
    first = await chip.inner_text()
    await expect(chip).not_to_have_text(first)


@in_browser
async def test_a_call_that_is_not_answered_stays_in_ones_work(site_office: Office, open_page: OpenPage) -> None:
    _, first, _ = await take_two(site_office, "caller")
    page = await open_page("caller", f"/talks/{first.id}", DESKTOP)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_text("预约回电").click()
    await page.get_by_label("客户的手机号").fill("13800001234")
    await page.get_by_label("客户希望什么时候").fill("明天半夜")
    await page.get_by_role("button", name="登记").click()
    await expect(page.locator(".toast")).to_contain_text("没看懂时间")
    await page.get_by_label("客户希望什么时候").fill("")
    await page.get_by_role("button", name="登记").click()
    mine, row = page.get_by_role("region", name="我的会话"), page.locator(f".row[href='/talks/{first.id}']:visible")
    await expect(mine.locator(row)).to_contain_text("打138****1234")
    await expect(row).to_have_count(1)
    await page.get_by_role("button", name="没打通").click()
    await page.get_by_role("radio").nth(1).click()
    await shoot(page, "not-answered")
    await page.get_by_role("dialog").get_by_role("button", name="记下").click()
    await expect(mine.locator(row)).to_contain_text("1次没打通")
    await expect(page.get_by_role("log")).to_contain_text("刚才给您打电话没有打通")
    assert (await site_office.handoffs.get(first.id)).missed_calls == 1
