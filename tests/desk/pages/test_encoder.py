"""The page of the encoder: how a tuning goes, what it made better, and a second person who puts it in force."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from desk.encoder_drafts import CONFIGURED, EncoderDrafts, describe_tuned
from desk.pages.encoder import list_facts, name_version, write_value
from dev.stack import Stack
from kit.clock import read_clock
from knowledge.tuned_encoders import TunedEncoders
from knowledge.tuning import runs
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser
from tests.desk.test_tuning import AFTER, BEFORE, FIRST


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hit_at_1", [0.612, 0.64], "61.2% → 64.0%"),
        ("hit_at_1", None, "无"),
        ("questions", 3000, "3000"),
        ("fingerprint", FIRST, "优化过的模型aaaaaa"),
        ("fingerprint", None, "自带的模型"),
    ],
)
def test_a_value_is_written_in_words(field: str, value: object, words: str) -> None:
    assert write_value(field, value) == words


def test_what_is_shown_of_a_version() -> None:
    content = describe_tuned(FIRST, 3000, BEFORE, AFTER)
    assert (name_version(content), name_version(CONFIGURED)) == ("优化过的模型aaaaaa", "自带的模型")
    assert ("第一个就对", "60.0% → 70.0%") in list_facts(content)


def find_current(page: Page) -> Locator:
    return page.locator("article").first


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.exhaustive
@in_browser
async def test_from_the_tuning_to_what_is_in_force_and_back(
    site: Stack, site_office: Office, open_page: OpenPage
) -> None:
    tuned = TunedEncoders(Path(site.environment["XIAOHE_TUNED_ENCODERS"]))
    (tuned.folder / FIRST).mkdir(parents=True, exist_ok=True)
    mei = await site_office.hire("tuning-mei", "editor", is_online=False)
    await site_office.hire("tuning-jie", "approver", is_online=False)
    editor = await open_page("tuning-mei", "/encoder", PHONE)
    await expect(find_current(editor)).to_contain_text("自带的模型")
    await expect(editor.get_by_role("button", name="开始优化")).to_be_enabled()

    # Whoever tunes tells of it, every page shows it.
    now = read_clock()
    async with site_office.database.transaction() as session:
        run = await runs.begin(session, mei.id, now - timedelta(minutes=2))
        await runs.tell(session, run, "学习", 0.25, now + timedelta(minutes=5))
    await expect(editor.get_by_role("status").filter(has_text="学习")).to_have_text(
        re.compile("正在优化：学习（25%），还要约[67]分钟")
    )
    await expect(editor.get_by_role("button", name="开始优化")).to_be_disabled()
    assert await fits(editor)

    drafts = EncoderDrafts(tuned, site_office.database)
    await drafts.draft_version(mei, describe_tuned(FIRST, 3000, BEFORE, AFTER))
    async with site_office.database.transaction() as session:
        await runs.end(session, run, "drafted", 3000, now, (BEFORE, AFTER))
    await expect(editor.get_by_text("草稿等审核")).to_be_visible()
    await expect(editor.get_by_text("60.0% → 70.0%").first).to_be_visible()
    await expect(editor.get_by_role("button", name="通过")).to_have_count(0)
    await expect(editor.get_by_role("button", name="改草稿")).to_have_count(0)
    await expect(editor.get_by_text("变好了，已起草")).to_be_visible()
    assert await fits(editor)

    approver = await open_page("tuning-jie", "/encoder", DESKTOP)
    await expect(approver.get_by_role("button", name="开始优化")).to_have_count(0)
    await approver.get_by_role("button", name="通过").click()
    dialog = approver.get_by_role("dialog")
    await expect(dialog).to_contain_text("客户的问题由它来读懂")
    await dialog.get_by_role("button", name="通过").click()
    await expect(find_current(approver).get_by_role("heading")).to_have_text("优化过的模型aaaaaa")
    await expect(approver.get_by_text("草稿等审核")).to_have_count(0)

    await editor.get_by_role("button", name="换回自带的").click()
    await editor.get_by_role("dialog").get_by_role("button", name="起草").click()
    await expect(editor.get_by_text("草稿等审核")).to_be_visible()
    await approver.get_by_role("button", name="通过").click()
    await approver.get_by_role("dialog").get_by_role("button", name="通过").click()
    await expect(find_current(approver).get_by_role("heading")).to_have_text("自带的模型")
    await approver.get_by_role("button", name="历史").click()
    await expect(approver.get_by_role("dialog").get_by_text("已通过")).to_have_count(1)


@in_browser
async def test_what_cannot_begin_is_said(site: Stack, site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("tuning-wen", "editor", is_online=False)
    page = await open_page("tuning-wen", "/encoder", DESKTOP)
    await page.get_by_role("button", name="开始优化").click()
    await page.get_by_role("dialog").get_by_role("button", name="开始").click()
    # The site of these tests has no knowledge to learn from.
    await expect(page.get_by_text("问法不到")).to_be_visible()
    await expect(page.get_by_text("没有完成")).to_be_visible()
