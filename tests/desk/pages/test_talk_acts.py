"""What an agent does with a talk: with buttons, the menu and keys, and what comes after."""

import re

from playwright.async_api import expect

from desk.dispatcher import BUSY
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, WIDE, OpenPage, choose_act, in_browser, shoot, take_two


@in_browser
async def test_a_talk_is_worked_on_with_keys_only(site_office: Office, open_page: OpenPage) -> None:
    agent, first, second = await take_two(site_office, "typist")
    offered = await site_office.ask("offered-to-typist")
    await site_office.handoffs.assign(offered.id, agent.id)
    page = await open_page("typist", f"/talks/{offered.id}", WIDE)
    shown, dialog = page.locator(".talk.shown"), page.get_by_role("dialog")
    await expect(shown.get_by_role("button", name="接待")).to_be_visible()
    await page.keyboard.press("Alt+a")
    await expect(shown.get_by_label("回复客户")).to_be_visible()
    assert (await site_office.handoffs.get(offered.id)).state == "active"
    await page.keyboard.press("Alt+p")
    await expect(shown.get_by_label("内部备注")).to_be_focused()
    await page.keyboard.press("Alt+l")
    await expect(shown.get_by_label("回复客户")).to_be_focused()
    for key, title in (("m", "稍后再看"), ("t", "转接"), ("e", "结束会话")):
        await page.keyboard.press(f"Alt+{key}")
        await page.keyboard.press(f"Alt+{key}")
        await expect(dialog.get_by_text(title, exact=True).first).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
    await page.keyboard.press("Alt+e")
    await page.get_by_role("radio", name="已解决").press("Space")
    await page.get_by_label("小结").fill("问利率")
    await page.get_by_role("dialog").get_by_role("button", name="结束").press("Enter")
    await expect(dialog).to_have_count(0)
    assert (await site_office.handoffs.get(offered.id)).state == "closed"
    await expect(shown).to_have_attribute("data-talk", re.compile(f"{first.id}|{second.id}"))


@in_browser
async def test_what_was_not_sent_goes_along_into_the_talk_that_goes_on(
    site_office: Office, open_page: OpenPage
) -> None:
    agent, first, second = await take_two(site_office, "reopener")
    page = await open_page("reopener", f"/talks/{first.id}", DESKTOP)
    shown = page.locator(".talk.shown")
    await shown.get_by_label("回复客户").fill("利率是")
    await site_office.talks.close(agent, first.id, "solved", "问利率")
    await shown.get_by_role("button", name="再接待").click()
    await page.wait_for_url(lambda url: first.id not in url)
    assert second.id not in page.url
    await expect(shown.get_by_label("回复客户")).to_have_value("利率是")


@in_browser
async def test_with_nobody_there_a_customer_goes_back_into_the_queue_with_words(
    site_office: Office, open_page: OpenPage
) -> None:
    _, first, _ = await take_two(site_office, "giver")
    page = await open_page("giver", f"/talks/{first.id}", DESKTOP)
    await choose_act(page, "转接")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("转给").click()
    await page.get_by_role("option", name="放回排队，谁先有空谁接").click()
    await dialog.get_by_label("给同事留句话").fill("等他儿子回来再谈")
    await shoot(page, "transfer")
    await dialog.get_by_role("button", name="转接").click()
    await expect(dialog).to_have_count(0)
    put_back = await site_office.handoffs.get(first.id)
    assert (put_back.state, put_back.agent_id) == ("queued", None)
    await expect(page.locator(".talk.shown .handed-note")).to_have_text("giver留言：等他儿子回来再谈")
    await site_office.handoffs.return_to_bot(first.id)  # no other test's customer


@in_browser
async def test_after_the_end_of_one_talk_comes_the_next(site_office: Office, open_page: OpenPage) -> None:
    _, first, second = await take_two(site_office, "closer")
    page = await open_page("closer", f"/talks/{first.id}", DESKTOP)
    await page.get_by_role("button", name="结束").click()
    await page.get_by_role("radio", name="已解决").click()
    await page.get_by_label("小结").fill("问利率")
    await page.get_by_role("dialog").get_by_role("button", name="结束").click()
    await expect(page.locator(f".talk.shown[data-talk='{second.id}']")).to_be_visible()
    await expect(page.locator(f".row.mine[href='/talks/{first.id}']")).to_have_count(0)


@in_browser
async def test_what_is_still_typed_after_the_end_does_not_go_to_the_next_customer(
    site_office: Office, open_page: OpenPage
) -> None:
    _, first, second = await take_two(site_office, "racer")
    page = await open_page("racer", f"/talks/{first.id}", DESKTOP)
    await expect(page.locator(f".talk[data-talk='{second.id}'] .reply-box")).to_have_count(1)
    await page.evaluate("workplace.goOn()")
    box = page.locator(f".talk[data-talk='{second.id}'] .reply-box textarea")
    await expect(box).to_be_visible()
    await page.keyboard.type("再见", delay=200)
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()  # once nothing is typed for a second


@in_browser
async def test_an_offer_that_ran_out_under_ones_eyes_is_told(site_office: Office, open_page: OpenPage) -> None:
    agent, _, _ = await take_two(site_office, "dreamer")
    offered = await site_office.ask("offered-to-dreamer", slots={"name": "王秀英"})
    await site_office.handoffs.assign(offered.id, agent.id)
    page = await open_page("dreamer", f"/talks/{offered.id}", DESKTOP)
    await expect(page.locator(".talk.shown").get_by_role("button", name="接待")).to_be_visible()
    await site_office.handoffs.decline(offered.id, note=BUSY)
    await expect(page.locator(".toast", has_text="没有及时接待，王秀英回到了排队")).to_be_visible()
    await site_office.handoffs.return_to_bot(offered.id)  # no other test's customer


@in_browser
async def test_a_second_call_takes_the_place_of_the_first_its_number_stays_masked_and_it_can_be_moved(
    site_office: Office, open_page: OpenPage
) -> None:
    agent, first, _ = await take_two(site_office, "booker")
    await site_office.callbacks.book(agent, first.id, "13800001234")
    again = await site_office.talks.reopen(agent, first.id)
    page = await open_page("booker", f"/talks/{again.id}", DESKTOP)
    await choose_act(page, "预约回电")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("已经约过回电（打138****1234")
    await expect(dialog.get_by_label("客户的手机号")).to_have_value("")
    await shoot(page, "second-call")
    await dialog.get_by_role("button", name="登记").click()
    await expect(dialog).to_have_count(0)
    before, booked = await site_office.handoffs.get(first.id), await site_office.handoffs.get(again.id)
    assert (before.state, before.callback_phone) == ("returned", None)
    assert (booked.state, booked.callback_phone) == ("callback", "13800001234")
    await choose_act(page, "改时间")
    await dialog.get_by_label("客户希望什么时候").fill("后天下午")
    await dialog.get_by_role("button", name="改时间").click()
    await expect(dialog).to_have_count(0)
    assert "下午" in ((await site_office.handoffs.get(again.id)).callback_wish or "")
