"""The page of knowledge: found by state, topic, owner and words, and several entries changed at once."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, ViewportSize, expect

from analytics import repository
from analytics.days import find_day
from analytics.rot import DEAD_AFTER
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.worker import PAUSE, STALLED_AFTER
from kit.clock import CHINA, read_clock
from knowledge.record import entry_revisions
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser

DAY = date(2026, 5, 1)
SHOTS = os.environ.get("XIAOHE_TEST_SHOTS")  # a folder, to look at the pages
SMALL: ViewportSize = {"width": 360, "height": 780}


async def publish(office: Office, key: str, question: str, **changes: Any) -> None:
    content: dict[str, Any] = {
        "category": "elderly",
        "question": question,
        "similar_questions": [],
        "answer": f"{question}请到网点问。",
        "question_english": None,
        "answer_english": None,
        "source": None,
        "expires_at": None,
        "is_internal": False,
        "is_retired": False,
    }
    async with office.database.transaction() as session:
        await entry_revisions.seed(session, key, [(DAY, content | changes)], office.clock())


async def find_drafted(office: Office, key: str) -> RevisionView | None:
    async with office.database.reading() as session:
        return find_draft(await entry_revisions.list_all(session, key))


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_label(label, exact=True).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


@in_browser
async def test_entries_are_found_by_what_is_wanted_of_them(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("filterer", "editor", is_online=False)
    soon = read_clock().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=9)
    await publish(site_office, "walk-bus", "老年班车几点？", expires_at=soon.isoformat())
    await publish(site_office, "walk-door", "老年人上门要钱吗？")
    await publish(site_office, "walk-glasses", "老花镜哪里借？")
    first, now = find_day(site_office.clock()) - DEAD_AFTER, site_office.clock()
    async with site_office.database.transaction() as session:
        await repository.claim_day(session, first, now, PAUSE, STALLED_AFTER)
        await repository.keep_day(session, first, QuestionMetrics(), {"walk-bus": EntryMetrics(answers=1)}, now)

    page = await open_page("filterer", "/entries")
    found = page.locator("article h2, article [role=heading]")
    await choose(page, "主题", "老年人服务")
    await expect(found).to_have_text(["老年班车几点？", "老年人上门要钱吗？", "老花镜哪里借？"])
    await choose(page, "状态", "30天内到期")
    await expect(found).to_have_text(["老年班车几点？"])
    await expect(page.get_by_text("9天后到期")).to_be_visible()
    await choose(page, "状态", "90天没人问到")
    await expect(found).to_have_text(["老年人上门要钱吗？", "老花镜哪里借？"])
    await page.get_by_label("搜索问题、问法和答案").fill("上门")
    await expect(found).to_have_text(["老年人上门要钱吗？"])
    await shoot(page, "filters")


@in_browser
async def test_several_are_changed_at_once(site_office: Office, open_page: OpenPage) -> None:
    chooser = await site_office.hire("chooser", "editor", is_online=False)
    keys = [f"many-{number}" for number in range(3)]
    for number, key in enumerate(keys):
        await publish(site_office, key, f"第{number}种补贴怎么领？", category="village_services")

    page = await open_page("chooser", "/entries", SMALL)
    await page.get_by_label("搜索问题、问法和答案").fill("种补贴怎么领")
    await page.get_by_role("button", name="多选", exact=True).click()
    await page.get_by_role("button", name="选中列出的").click()
    await expect(page.get_by_text("已选3条")).to_be_visible()
    await page.get_by_label("选中第1种补贴怎么领？").click()
    await expect(page.get_by_text("已选2条")).to_be_visible()
    await shoot(page, "chosen")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="改主题").click()
    form = page.get_by_role("dialog", name="2条：改主题")
    await form.get_by_label("主题").click()
    await page.get_by_role("option", name="社保卡").click()
    await shoot(page, "change_topic")
    await form.get_by_role("button", name="提交审核").click()
    await expect(page.get_by_text("草稿等审核")).to_have_count(2)
    drafts = [await find_drafted(site_office, key) for key in keys]
    changed = [draft and (draft.content["category"], draft.writers) for draft in drafts]
    assert changed == [("social_security_card", [chooser.id]), None, ("social_security_card", [chooser.id])]

    # Those that wait cannot be chosen again.
    await page.get_by_role("button", name="多选", exact=True).click()
    await page.get_by_role("button", name="选中列出的").click()
    await expect(page.get_by_text("已选1条")).to_be_visible()
    await page.get_by_role("button", name="下架", exact=True).first.click()
    await page.get_by_role("dialog", name="1条：下架").get_by_role("button", name="提交审核").click()
    await expect(page.get_by_text("草稿等审核")).to_have_count(3)

    await choose(page, "谁起草的", "chooser")
    await expect(page.locator("article")).to_have_count(3)
    wide = await open_page("chooser", "/entries")
    await choose(wide, "谁起草的", "chooser")
    await expect(wide.locator("article")).to_have_count(3)
    await shoot(wide, "by_owner")
