"""The knowledge team reads how well it answers, on a phone and at a desk."""

from datetime import date, timedelta

import pytest
from playwright.async_api import ViewportSize, expect

from analytics import repository
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.worker import PAUSE, STALLED_AFTER
from desk.pages.knowledge_report import describe_change, draw_contained, draw_questions, draw_rates, link_entry
from desk.pages.knowledge_report import render_report as render
from kit.clock import CHINA
from knowledge.record import entry_revisions
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, measure_overflow

DAY = timedelta(days=1)
QUESTION = "社保卡丢了去哪里补办？"
TEXTS = {"category": "card", "similar_questions": [], "answer": "带上身份证到网点。"}
SIZES: list[ViewportSize] = [{"width": 360, "height": 740}, {"width": 1280, "height": 800}]


@pytest.mark.parametrize(
    ("count", "before", "words"),
    [(3, 0, "新"), (0, 0, "—"), (3, 3, "持平"), (3, 2, "+50%"), (0, 4, "-100%"), (45, 3, "15倍")],
)
def test_a_count_beside_the_one_before(count: int, before: int, words: str) -> None:
    assert describe_change(count, before) == words


def test_charts() -> None:
    first = date(2026, 7, 1)
    days = [first, first + DAY]
    counted = {first: QuestionMetrics(asked=8, answered=6, right=4, talks=3, contained=2)}
    shown = {each["name"]: each["data"] for each in draw_questions("每天的提问", days, counted)["series"]}
    assert shown == {"提问": [8, 0], "答上": [6, 0], "一次答对": [4, 0]}
    rates = {each["name"]: each["data"] for each in draw_rates("答得怎样", days, counted)["series"]}
    assert rates == {"答上": [75.0, None], "一次答对": [50.0, None]}
    assert draw_contained("不用人工的会话", days, counted)["series"][0]["data"] == [66.7, None]


def test_what_customers_asked_is_text() -> None:
    assert link_entry("a b&c") == "/entries?entry=a+b%26c"
    html = render("clusters", shown=[{"title": "<b>古董", "state": "open", "asked": 2, "handoffs": 1, "seconds": 90}])
    assert "&lt;b&gt;古董" in html
    assert "1分30秒" in html


async def keep_week(office: Office) -> None:
    """Six days before today: the running site counts today itself."""
    today = office.clock.now.astimezone(CHINA).date()
    async with office.database.transaction() as session:
        for key, question in (("report-card", QUESTION), ("report-other", "别的事怎么办？")):
            published = [(today - DAY, {**TEXTS, "question": question})]
            await entry_revisions.seed(session, key, published, office.clock.now)
        for days in range(1, 7):
            day = today - days * DAY
            total = QuestionMetrics(asked=100 + days, answered=80, right=60 + days, up=7, talks=50, contained=44)
            entries = {"report-card": EntryMetrics(answers=40, right=30, up=5, down=1, talks=40, contained=36)}
            # Counted already when it is run once more, or at the other width.
            if await repository.claim_day(session, day, office.clock.now, PAUSE, STALLED_AFTER):
                await repository.keep_day(session, day, total, entries, office.clock.now)


@in_browser
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
async def test_an_editor_reads_the_week_and_opens_an_entry(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    await keep_week(site_office)
    login = f"reporter.{size['width']}"
    await site_office.hire(login, "editor", is_online=False)
    page = await open_page(login, "/knowledge-report", size)
    await page.get_by_role("button", name="近7天").click()
    tile = page.locator(".tile", has_text="提问").first
    await expect(tile).to_contain_text("621")
    table = page.locator(".panel", has=page.get_by_role("heading", name="问得最多的知识", exact=True))
    row = table.get_by_role("row", name=QUESTION)
    await expect(row).to_contain_text("240")
    await expect(row).to_contain_text("75%")
    assert await measure_overflow(page) == 0
    async with page.expect_download() as download:
        await page.get_by_role("link", name="导出xlsx").click()
    assert (await download.value).suggested_filename.startswith("knowledge_")
    await row.get_by_role("link").click()
    await page.wait_for_url("**/entries?entry=report-card")
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.locator(".card")).to_contain_text(QUESTION)
    await page.get_by_label("搜索问题、问法和答案").fill("别的事")
    await expect(page.locator(".card")).to_contain_text("别的事怎么办？")
