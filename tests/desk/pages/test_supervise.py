"""A supervisor sees who waits and who is there, gives several customers away at once, and checks a talk rated low."""

from datetime import timedelta

from playwright.async_api import Locator, expect
from sqlalchemy import update

from conversations.tables import Handoff, Message
from desk.quality.samples import LOW_RATING
from kit.clock import read_clock
from tests.conversations.acts import PHONE
from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, measure_overflow, seat, shoot
from tests.desk.village import Village


@in_browser
async def test_a_supervisor_sees_and_gives_away(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "watched")
    other = await seat(site_office, "helper")
    await seat(site_office, "watcher", "supervisor")
    talks = [
        await site_office.ask(f"watch-{name}", slots={"name": name}, reason=reason)
        for name, reason in (("王芳", "complaint"), ("李强", "customer_request"), ("赵敏", "large_amount"))
    ]
    waiting, active, rated = talks
    for talk in (active, rated):
        await site_office.talks.take(agent, talk.id)
    await site_office.talks.close(agent, rated.id, "solved", "问额度，电话13800138000，已答复")
    call = await site_office.ask("watch-call", slots={"name": "周婷"})
    await site_office.talks.take(agent, call.id)
    await site_office.callbacks.book(agent, call.id, PHONE)
    await say(site_office.inbox, active.conversation_id, "您在吗？")
    await Village(site_office.database, site_office.accounts, site_office.clock).apply("watch-applicant")
    async with site_office.database.transaction() as session:
        past = read_clock() - timedelta(minutes=12, seconds=20)
        of_active = Message.conversation_id == active.conversation_id
        await session.execute(update(Message).where(of_active).values(at=past))
        begun = {"requested_at": past, "accepted_at": past}
        await session.execute(update(Handoff).where(Handoff.id == active.id).values(**begun))
        await session.execute(update(Handoff).where(Handoff.id == call.id).values(due_at=past))
        await session.execute(
            update(Handoff)
            .where(Handoff.id == rated.id)
            .values(rating=LOW_RATING, comment="等了半天，打13800138000也没人接")
        )
    page = await open_page("watcher", "/supervise")

    def section(title: str) -> Locator:
        return page.locator("section.panel").filter(has=page.get_by_role("heading", name=title))

    await expect(section("在等人工")).to_contain_text("王芳")
    await expect(section("等坐席回复")).to_contain_text("李强")
    await expect(section("等坐席回复")).to_contain_text("12分钟")
    await expect(section("回电")).to_contain_text("超时12分钟")
    for said in ("客户说：等了半天，打138****8000也没人接", "问额度，电话138****8000"):
        await expect(section("低分")).to_contain_text(said)
    await expect(section("申请")).to_contain_text("没有客户经理")
    await expect(section("同事")).to_contain_text("helper")
    for name in ("王芳", "李强", "周婷"):
        await page.get_by_role("checkbox", name=f"选{name}").click()
    await expect(page.get_by_text("选了3位客户")).to_be_visible()
    await shoot(page, "supervise")
    assert await measure_overflow(page) == 0

    # Nobody is there who could take them: all is told, nothing is lost.
    await site_office.accounts.set_status(other.id, "online")
    await site_office.accounts.mark_seen(other.id)
    await page.get_by_role("button", name="分给同事").click()
    await page.get_by_role("dialog").get_by_label("同事", exact=True).click()
    await page.get_by_role("option", name="helper").click()
    await site_office.talks.close(agent, active.id, "solved", "好了")  # a moment before
    await page.get_by_role("button", name="确定").click()
    await expect(page.get_by_text("2位客户已分给")).to_be_visible()
    sheet = page.get_by_role("dialog").filter(has_text="1位没有动")
    await expect(sheet).to_contain_text("这个会话现在是“已结束”")
    await shoot(page, "supervise-refused")
    await sheet.get_by_role("button", name="关闭").click()
    for talk in (waiting, call):
        assert (await site_office.handoffs.get(talk.id)).agent_id == other.id

    await site_office.ask("watch-new", slots={"name": "吴刚"})
    await expect(section("在等人工")).to_contain_text("吴刚")  # by itself
    await section("低分").get_by_role("button", name="质检").click()
    await expect(page.get_by_role("heading", name="评分表")).to_be_visible()
    await expect(page.get_by_text("系统出了点问题")).to_have_count(0)
