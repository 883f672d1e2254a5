"""A supervisor draws talks, scores one and writes feedback; the agent objects; the supervisor settles and sees the
trend."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from conversations.handoff.schemas import HandoffView
from desk.quality.samples import Samples
from desk.quality.schemas import Sample
from desk.quality.service import QualityChecks
from desk.quality.sheets import load_sheets
from desk.schemas import StaffView
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, measure_overflow, seat, shoot

SHEET = next(reversed(load_sheets().values()))


async def serve(office: Office, agent: StaffView, customer: str) -> HandoffView:
    """A talk that ended, in which a number was said."""
    asked = await office.ask(customer, text="转人工，我电话13800138000", slots={"name": customer})
    await office.talks.take(agent, asked.id)
    await office.talks.say(agent, asked.id, "您好，农户贷年利率以审批为准，我先帮您看看。", f"{customer}-said")
    return await office.talks.close(agent, asked.id, "solved", "问农户贷利率，已答复")


async def mark_all(page: Page, title: str = "做到了") -> None:
    for criterion in SHEET.values():
        await page.get_by_role("group", name=criterion.name).get_by_role("button", name=title).click()


@in_browser
async def test_from_the_sample_to_the_settled_objection(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "quality.agent")
    await seat(site_office, "quality.boss", "supervisor")
    for customer in ("王芳", "李强", "赵敏"):
        await serve(site_office, agent, customer)
    boss = await open_page("quality.boss", "/quality")
    await expect(boss.get_by_text("没有要看的质检")).to_be_visible()
    await boss.get_by_role("button", name="抽查会话").click()
    form = boss.get_by_role("dialog")
    await form.get_by_label("抽几个").fill("2")
    await form.get_by_label("坐席", exact=True).fill("quality.agent")
    await boss.get_by_role("option", name="quality.agent").click()
    await shoot(boss, "quality-draw")
    await form.get_by_role("button", name="抽取").dblclick()
    cards = boss.locator("article.card")
    await expect(cards).to_have_count(2)
    await expect(boss.get_by_role("dialog")).to_have_count(0)
    await shoot(boss, "quality-list")

    await cards.first.get_by_role("link", name="去检查").click()
    await expect(boss.get_by_role("log")).to_contain_text("138****8000")
    await boss.get_by_role("button", name="发给坐席").click()
    await expect(boss.get_by_text("请选“态度礼貌”").first).to_be_visible()
    await expect(boss.get_by_text("请写几句反馈，好的也说").first).to_be_visible()
    await mark_all(boss)
    await boss.get_by_role("group", name="答得对").get_by_role("button", name="没做到").click()
    await boss.get_by_label("写给坐席的反馈").fill("利率要说清是年利率，别的都好。")
    await expect(boss.get_by_text(f"已存草稿：选了{len(SHEET)}项，反馈15字")).to_be_visible()
    await boss.reload()
    await expect(boss.get_by_label("写给坐席的反馈")).to_have_value("利率要说清是年利率，别的都好。")
    await shoot(boss, "quality-check")
    await boss.get_by_role("button", name="发给坐席").click()
    await expect(boss.get_by_text("等坐席看")).to_be_visible()
    await expect(boss.locator(".score")).to_contain_text("60")

    own = await open_page("quality.agent", "/my-quality")
    await expect(own.locator("article.card")).to_have_count(1)
    await shoot(own, "my-quality")
    await own.get_by_role("link", name="看反馈，答复").click()
    await expect(own.get_by_role("log")).to_contain_text("年利率以审批为准")
    await own.get_by_role("button", name="有异议").click()
    await own.get_by_role("dialog").get_by_label("哪里不同意").fill("我说了“年利率”，请再看一遍。")
    await own.get_by_role("dialog").get_by_role("button", name="提交").click()
    await expect(own.get_by_text("坐席有异议")).to_be_visible()
    await shoot(own, "my-quality-check")

    await expect(boss.get_by_text("坐席有异议")).to_be_visible()  # by itself
    await boss.get_by_role("button", name="处理异议").click()
    form = boss.get_by_role("dialog")
    await form.get_by_role("group", name="答得对").get_by_role("button", name="做到了").click()
    await form.get_by_label("答复：改不改").fill("您说得对，已改成满分。")
    await shoot(boss, "quality-settle")
    await form.get_by_role("button", name="答复").click()
    await expect(boss.locator(".score")).to_contain_text("100")
    await expect(own.locator(".score")).to_contain_text("100")
    await expect(own.get_by_text("您说得对，已改成满分。")).to_be_visible()

    await boss.get_by_role("link", name="回到列表").click()
    await boss.get_by_role("button", name="已反馈").click()
    await expect(cards).to_have_count(1)
    await expect(boss.locator(".panel table")).to_contain_text("quality.agent")
    async with boss.expect_download() as started:
        await boss.get_by_role("link", name="导出表格").click()
    assert (await started.value).suggested_filename.startswith("quality_")
    await shoot(boss, "quality-trend")
    for page in (boss, own):
        await expect(page.get_by_text("系统出了点问题")).to_have_count(0)


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_another_supervisor_is_told_and_may_take_over(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    login = f"q{size['width']}"
    agent = await seat(site_office, f"{login}.agent")
    one, other = [await seat(site_office, f"{login}.{who}", "supervisor") for who in ("one", "other")]
    await serve(site_office, agent, "王芳")
    checks = QualityChecks(site_office.database, site_office.clock)
    assert (
        await Samples(site_office.database, site_office.clock).draw(
            one, Sample(size=1, days=1, agent_id=agent.id), login
        )
        == 1
    )
    (drawn,) = [each for each in await checks.list_for_checkers(other) if each.check.agent_id == agent.id]
    first = await open_page(one.login, f"/quality/{drawn.check.id}", size)
    second = await open_page(other.login, f"/quality/{drawn.check.id}", size)
    await expect(second.get_by_text("正在质检这个会话")).to_be_visible()
    assert await measure_overflow(second) == 0
    await second.get_by_role("button", name="接过来").click()
    await second.get_by_role("dialog").get_by_role("button", name="接过来").click()
    await expect(second.get_by_role("button", name="发给坐席")).to_be_visible()
    await expect(first.get_by_text(f"{other.login}正在质检这个会话")).to_be_visible()
    assert await measure_overflow(second) == 0
    agents = await open_page(agent.login, f"/my-quality/{drawn.check.id}", size)
    await expect(agents.get_by_text("只能看自己的质检")).to_be_visible()
