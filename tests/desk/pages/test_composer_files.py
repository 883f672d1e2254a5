"""Pictures and files that an agent chooses, drops or pastes are looked at before the customer gets them."""

import base64

import pytest
from playwright.async_api import FilePayload, Route, expect

from tests.desk.pages.own_talk import Talk
from tests.documents.pictures import take_photograph
from tests.documents.samples import PDF

DROP_AS = """([content, name, type]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type }));
  const box = document.querySelector(".talk.shown .reply-box");
  box.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""
DROP = f"(content) => ({DROP_AS})([content, 'photo.jpg', 'image/jpeg'])"
# Whether the page takes what is pasted: a picture, with texts of these kinds beside it.
PASTE = """(kinds) => {
  const pasted = new DataTransfer();
  pasted.items.add(new File(["cells"], "image.png", { type: "image/png" }));
  for (const kind of kinds) pasted.setData(kind, "1,000");
  const box = document.querySelector(".talk.shown .reply-box textarea");
  return !box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true }));
}"""
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_a_picture_is_looked_at_before_the_customer_gets_it(talk: Talk) -> None:
    page, dialog = talk.page, talk.page.get_by_role("dialog")
    await talk.box.fill("您看这张图")
    async with page.expect_file_chooser() as chosen:
        await page.get_by_label("发图片或文件").click()
    file = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=take_photograph())
    await (await chosen.value).set_files([file])
    await expect(dialog.get_by_role("img")).to_be_visible()
    await dialog.get_by_role("button", name="取消").click()
    await expect(dialog).to_have_count(0)
    assert await talk.office.read_words(talk.handoff) == [await page.locator(".bubble.agent .text").first.inner_text()]
    await page.evaluate(DROP, base64.b64encode(take_photograph()).decode())
    await dialog.get_by_label("再说一句").fill("这是样张")
    await dialog.get_by_role("button", name="发送").dblclick()
    await expect(page.locator(".bubble.agent .document img")).to_have_count(1)
    await expect(dialog).to_have_count(0)
    await expect(talk.box).to_have_value("您看这张图")
    await talk.box.press("Enter")
    await expect(page.locator(".bubble.agent .text").last).to_have_text("您看这张图")
    await expect(page.get_by_text("[图片]")).to_have_count(0)  # it is seen
    assert (await talk.office.read_words(talk.handoff))[1:] == ["[图片]", "这是样张", "您看这张图"]


async def test_of_several_at_once_none_is_lost(talk: Talk) -> None:
    dialog = talk.page.get_by_role("dialog")

    async def send_late(route: Route) -> None:
        if "慢.pdf".encode() in (route.request.post_data_buffer or b""):
            await expect(dialog).to_have_count(2)
        await route.continue_()

    await talk.page.route("**/_nicegui/client/**", send_late)
    async with talk.page.expect_file_chooser() as chosen:
        await talk.page.get_by_label("发图片或文件").click()
    names = ("一.pdf", "慢.pdf", "三.pdf")
    files = [FilePayload(name=name, mimeType="application/pdf", buffer=PDF) for name in names]
    await (await chosen.value).set_files(files)
    await expect(dialog).to_have_count(3)
    for left in (2, 1, 0):
        await dialog.last.get_by_role("button", name="发送").click()
        await expect(dialog).to_have_count(left)
    for name in names:
        await expect(talk.page.locator(".bubble.agent").get_by_role("link", name=name)).to_have_count(1)


async def test_text_of_a_spreadsheet_is_pasted_as_text(talk: Talk) -> None:
    is_taken = await talk.page.evaluate(PASTE, ["text/plain"])
    assert not is_taken, "the browser pastes it"
    await expect(talk.page.get_by_role("dialog")).to_have_count(0)
    assert await talk.page.evaluate(PASTE, [])
    await expect(talk.page.locator(".toast", has_text="不是照片")).to_be_visible()


async def test_what_is_neither_a_picture_nor_a_file_is_refused_with_a_reason(talk: Talk) -> None:
    refused = {
        ("tool.exe", "application/x-msdownload"): "只能发图片和PDF",
        ("paper.pdf", "application/pdf"): "没有传完整",
        ("photo.jpg", "image/jpeg"): "不是照片",
    }
    for (name, kind), reason in refused.items():
        await talk.page.evaluate(DROP_AS, [base64.b64encode(b"%PDF-1.7").decode(), name, kind])
        await expect(talk.page.locator(".toast", has_text=reason)).to_be_visible()
    await expect(talk.page.get_by_role("dialog")).to_have_count(0)


async def test_a_file_is_named_before_the_customer_gets_it(talk: Talk) -> None:
    dialog = talk.page.get_by_role("dialog")
    await talk.page.evaluate(DROP_AS, [base64.b64encode(PDF).decode(), "还款计划.pdf", "application/pdf"])
    await expect(dialog).to_contain_text("还款计划.pdf（1KB）")
    await dialog.get_by_role("button", name="发送").click()
    async with talk.page.expect_download() as saved:
        await talk.page.locator(".bubble.agent").get_by_role("link", name="还款计划.pdf").click()
    assert (await saved.value).suggested_filename == "还款计划.pdf"
