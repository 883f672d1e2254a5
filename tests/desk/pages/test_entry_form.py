"""The form of an entry: what was typed outlives the page and the process, and two editors at once lose nothing."""

import asyncio
import os
import re
import signal
from datetime import date
from pathlib import Path
from typing import Any

from playwright.async_api import FilePayload, Locator, Page, ViewportSize, expect

from dev.stack import Stack
from knowledge.record import entry_revisions
from revisions.rules import find_draft
from revisions.schemas import Content
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, OpenPage, in_browser
from tests.documents.pictures import draw, encode

DAY = date(2026, 5, 1)
SMALL: ViewportSize = {"width": 360, "height": 780}
CONTENT: Content = {
    "category": "service",
    "question": "几点开门？",
    "similar_questions": ["早上几点开门", "开门时间"],
    "answer": "早上八点半开门。",
    "question_english": None,
    "answer_english": None,
    "source": None,
    "expires_at": None,
    "is_internal": False,
    "is_retired": False,
}
SHOTS = os.environ.get("XIAOHE_TEST_SHOTS")  # a folder, to look at the pages
KEPT = "没提交的内容已自动保存"


async def publish(office: Office, key: str, **changes: Any) -> str:
    """An entry that is in force; gives its question."""
    async with office.database.transaction() as session:
        await entry_revisions.seed(session, key, [(DAY, CONTENT | changes)], office.clock())
    return str((CONTENT | changes)["question"])


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


def find_card(page: Page, question: str) -> Locator:
    return page.locator("article", has=page.get_by_role("heading", name=question))


async def open_form(page: Page, question: str) -> Locator:
    await page.get_by_label("搜索问题、问法和答案").fill(question)
    await find_card(page, question).get_by_role("button", name="修改").click()
    return page.get_by_role("dialog", name="修改知识")


@in_browser
async def test_what_was_typed_is_there_again_after_the_page_and_the_process_are_gone(
    site: Stack, site_office: Office, open_page: OpenPage
) -> None:
    await site_office.hire("luyao", "editor", is_online=False)
    question = await publish(site_office, "edit-kept", question="周末开门吗？")
    page = await open_page("luyao", "/entries")
    form = await open_form(page, question)
    await form.get_by_label("答案（数字").fill("周六上午开门，周日休息。")
    await form.get_by_label("相似问法").fill("早上几点开门\n周六开门吗")
    await expect(form.get_by_text(KEPT)).to_be_visible()

    site.stop("desk", signal.SIGKILL)
    await page.close()
    site.start("desk")
    await asyncio.to_thread(site.wait_until_healthy, "desk")

    again = await open_page("luyao", "/entries", SMALL)
    await expect(again.get_by_text(f"没提交的编辑：{question}")).to_be_visible()
    form = again.get_by_role("dialog", name="修改知识")
    await shoot(again, "left")
    await again.get_by_label("搜索问题、问法和答案").fill(question)
    await find_card(again, question).get_by_role("button", name="修改").click()
    await again.get_by_role("dialog", name="有一份没提交的编辑").get_by_role("button", name="继续上次的编辑").click()
    await expect(form.get_by_label("答案（数字")).to_have_value("周六上午开门，周日休息。")
    await expect(form.get_by_label("相似问法")).to_have_value("早上几点开门\n周六开门吗")
    await shoot(again, "form_on_phone")
    assert await again.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await form.get_by_role("button", name="提交审核").click()
    await expect(find_card(again, question).get_by_text("草稿等审核")).to_be_visible()
    await expect(again.get_by_text("没提交的编辑：")).to_have_count(0)


@in_browser
async def test_what_is_given_up_is_gone(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("caiyun", "editor", is_online=False)
    page = await open_page("caiyun", "/entries")
    await page.get_by_role("button", name="写新答案").click()
    form = page.get_by_role("dialog", name="写新答案")
    await form.get_by_label("问题", exact=True).fill("停车要钱吗？")
    await expect(form.get_by_text(KEPT)).to_be_visible()
    await page.reload()
    left = page.get_by_text("没提交的编辑：停车要钱吗？")
    await page.get_by_role("button", name="继续上次的编辑").click()
    await expect(form.get_by_label("问题", exact=True)).to_have_value("停车要钱吗？")
    await form.get_by_role("button", name="取消").click()
    await expect(left).to_be_visible()
    await page.get_by_role("button", name="放弃").click()
    await page.get_by_role("dialog").get_by_role("button", name="放弃").click()
    await expect(left).to_have_count(0)


@in_browser
async def test_two_editors_are_told_of_each_other_and_lose_nothing(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("heping", "editor", is_online=False)
    await site_office.hire("donghai", "editor", is_online=False)
    question = await publish(site_office, "edit-together", question="午休吗？")
    one, other = await open_page("heping", "/entries"), await open_page("donghai", "/entries")
    mine, theirs = await open_form(one, question), await open_form(other, question)
    await expect(mine.get_by_text("donghai也在改这条知识")).to_be_visible()
    await expect(theirs.get_by_text("heping也在改这条知识")).to_be_visible()

    await theirs.get_by_label("答案（数字").fill("中午不休息，随时来。")
    await theirs.get_by_label("相似问法").fill("早上几点开门\n开门时间\n中午有人吗")
    await theirs.get_by_role("button", name="提交审核").click()
    await expect(find_card(other, question).get_by_text("草稿等审核")).to_be_visible()
    await expect(mine.get_by_text("也在改这条知识")).to_have_count(0)

    await mine.get_by_label("答案（数字").fill("中午照常，取号就行。")
    await mine.get_by_label("相似问法").fill("早上几点开门\n中午取号吗")
    await mine.get_by_role("button", name="提交审核").click()
    await expect(mine.get_by_text("donghai刚刚改过这条知识")).to_be_visible()
    # Both texts are shown, and nothing that was typed is lost.
    await expect(mine.locator(".diff .new", has_text="中午不休息")).to_be_visible()
    await expect(mine.get_by_label("答案（数字")).to_have_value("中午照常，取号就行。")
    await expect(mine.get_by_label("相似问法")).to_have_value("早上几点开门\n中午有人吗\n中午取号吗")
    await shoot(one, "merged")
    await mine.get_by_role("button", name="答案用donghai的").click()
    await expect(mine.get_by_label("答案（数字")).to_have_value("中午不休息，随时来。")
    await mine.get_by_role("button", name="答案用我的").click()
    await mine.get_by_role("button", name="提交审核").click()
    await expect(find_card(one, question).locator(".diff .new", has_text="中午照常")).to_be_visible()
    async with site_office.database.reading() as session:
        draft = find_draft(await entry_revisions.list_all(session, "edit-together"))
    assert draft
    assert draft.content["similar_questions"] == ["早上几点开门", "中午有人吗", "中午取号吗"]
    assert len(draft.writers) == 2


@in_browser
async def test_a_link_is_shown_as_customers_see_it_and_must_lead_to_the_bank(
    site_office: Office, open_page: OpenPage
) -> None:
    await site_office.hire("shulan", "editor", is_online=False)
    question = await publish(site_office, "edit-link", question="办卡要带什么？")
    page = await open_page("shulan", "/entries", SMALL)
    form = await open_form(page, question)
    await form.get_by_label("答案（数字").fill("请看[办卡<指南>](https://thief.example/card)。")
    link = form.get_by_label("客户看到的样子").get_by_role("link", name="办卡<指南>")
    await expect(link).to_have_attribute("href", "https://thief.example/card")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await form.get_by_role("button", name="提交审核").click()
    await expect(form.get_by_text("链接只能指向www.bank.example")).to_be_visible()
    await form.get_by_label("答案（数字").fill("请看[办卡指南](https://www.bank.example/card)。")
    await shoot(page, "link_on_phone")
    await form.get_by_role("button", name="提交审核").click()
    await expect(find_card(page, question).get_by_text("草稿等审核")).to_be_visible()


@in_browser
async def test_each_channel_may_have_a_wording_of_its_own(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("xiuying", "editor", is_online=False)
    question = await publish(site_office, "edit-channels", question="网点在哪？")
    for size, name in ((SMALL, "phone"), (DESKTOP, "desktop")):
        page = await open_page("xiuying", "/entries", size)
        form = await open_form(page, question)
        preview = form.get_by_label("客户看到的样子")
        await expect(preview).to_have_text("早上八点半开门。")
        await form.get_by_role("button", name="微信", exact=True).click()
        await expect(preview).to_have_text("早上八点半开门。")
        await expect(form.get_by_label("答案（数字")).to_be_hidden()
        await form.get_by_label("微信里的答案").fill("点下方菜单“找网点”，{rate:果园贷}")
        await expect(preview).to_have_text("产品目录里没有{rate:果园贷}")
        await form.get_by_role("button", name="通用").click()
        await expect(preview).to_have_text("早上八点半开门。")
        await form.get_by_role("button", name="提交审核").click()
        await expect(form.get_by_label("微信里的答案")).to_be_visible()
        await form.get_by_label("微信里的答案").fill("点下方菜单“找网点”。")
        await expect(preview).to_have_text("点下方菜单“找网点”。")
        await expect(form.get_by_text(KEPT)).to_be_visible()
        await shoot(page, f"wordings_on_{name}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if size == SMALL:
            await page.reload()
            await page.get_by_role("button", name="放弃").click()
            await page.get_by_role("dialog").get_by_role("button", name="放弃").click()
    await form.get_by_role("button", name="提交审核").click()
    await expect(find_card(page, question).locator(".diff .new", has_text="点下方菜单")).to_be_visible()
    async with site_office.database.reading() as session:
        draft = find_draft(await entry_revisions.list_all(session, "edit-channels"))
    assert draft
    assert (draft.content["answer"], draft.content["answer_web"]) == ("早上八点半开门。", None)
    assert draft.content["answer_wechat"] == "点下方菜单“找网点”。"


@in_browser
async def test_a_picture_is_added_with_what_it_shows(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("meihua", "editor", is_online=False)
    question = await publish(site_office, "edit-picture", question="菜单在哪里？")
    page = await open_page("meihua", "/entries", SMALL)
    form = await open_form(page, question)
    await form.get_by_role("button", name="微信", exact=True).click()
    await expect(form.get_by_role("button", name="选图片")).to_be_disabled()
    await form.get_by_label("给答案加图片").fill("菜单在屏幕下方")
    async with page.expect_file_chooser() as choosing:
        await form.get_by_role("button", name="选图片").click()
    picture = FilePayload(name="menu.png", mimeType="image/png", buffer=encode(draw(), "PNG"))
    await (await choosing.value).set_files([picture])
    shown = form.get_by_role("img", name="菜单在屏幕下方")
    await expect(shown).to_be_visible()
    await page.wait_for_function("() => document.querySelector('img.illustration').naturalWidth === 640")
    await expect(form.get_by_label("微信里的答案")).to_have_value(
        re.compile(r"^!\[菜单在屏幕下方\]\([0-9a-f]{32}\.jpg\)$")
    )
    await expect(form.get_by_text(KEPT)).to_be_visible()
    await shoot(page, "picture_on_phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await form.get_by_role("button", name="提交审核").click()
    await expect(find_card(page, question).get_by_text("草稿等审核")).to_be_visible()


@in_browser
async def test_a_draft_is_spoken_about(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("xuefei", "editor", is_online=False)
    await site_office.hire("guoqi", "approver", is_online=False)
    question = await publish(site_office, "edit-noted", question="存折丢了找谁？")
    page = await open_page("xuefei", "/entries")
    form = await open_form(page, question)
    await form.get_by_label("答案（数字").fill("先打电话挂失，再到网点补办。")
    await form.get_by_role("button", name="提交审核").click()
    await expect(find_card(page, question).get_by_text("草稿等审核")).to_be_visible()

    judge = await open_page("guoqi", "/entries", SMALL)
    await judge.get_by_label("搜索问题、问法和答案").fill(question)
    await find_card(judge, question).get_by_role("button", name="写备注").click()
    await judge.get_by_label("写给起草和审核的同事").fill("请写上挂失电话")
    await judge.get_by_role("dialog").get_by_role("button", name="记下").click()
    await expect(find_card(judge, question).get_by_text("请写上挂失电话")).to_be_visible()
    assert await judge.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shoot(judge, "note_on_phone")
    await expect(find_card(page, question).get_by_text("请写上挂失电话")).to_be_visible()
    await find_card(page, question).get_by_role("button", name="撤回").click()
    await page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    await expect(find_card(page, question).get_by_text("草稿等审核")).to_have_count(0)
    await find_card(page, question).get_by_role("button", name="历史").click()
    history = page.get_by_role("dialog")
    await expect(history.get_by_text("请写上挂失电话")).to_be_visible()
    await expect(history.get_by_text("guoqi")).to_be_visible()
    await shoot(page, "history_with_note")
