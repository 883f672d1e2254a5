"""Products downloaded as a table, changed and imported: shown row by row, then drafted; a mistake imports nothing."""

import asyncio
import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from products.catalogue import replace_catalogue
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOTS = os.environ.get("XIAOHE_TEST_SHOTS")  # a folder, to look at the pages


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def download(page: Page, item: str) -> bytes:
    await page.get_by_role("button", name="表格").click()
    async with page.expect_download() as downloading:
        await page.get_by_text(item, exact=True).click()
    await expect(page.get_by_role("menu")).to_have_count(0)  # an item of a menu that is closing does nothing
    return await asyncio.to_thread(Path(await (await downloading.value).path()).read_bytes)


async def upload(page: Page, name: str, content: bytes) -> None:
    files = page.locator("input[type=file]")
    await files.set_input_files({"name": name, "mimeType": XLSX, "buffer": content})


def change(content: bytes, column: str, name: str, value: object) -> bytes:
    """The workbook with a cell of a product changed."""
    book = load_workbook(BytesIO(content))
    sheet = book.active
    place = [cell.value for cell in sheet[1]].index(column) + 1
    row = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[1].value == name)
    sheet.cell(row, place, value).number_format = "@"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


@in_browser
async def test_exported_changed_and_imported_as_drafts(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("qianfang", "editor", is_online=False)
    page = await open_page("qianfang", "/products")
    template = load_workbook(BytesIO(await download(page, "下载模板")))
    assert template.sheetnames == ["产品", "说明"]
    assert (await download(page, "导出现有（CSV）")).decode("utf-8-sig").startswith("产品编号,名称,客户类型")
    exported = await download(page, "导出现有（Excel）")

    await page.get_by_role("button", name="表格").click()
    await page.get_by_text("导入表格…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="导入")).to_be_disabled()
    await upload(page, "产品.xlsx", exported)
    await expect(dialog.get_by_text("和现有内容一样")).to_be_visible()
    await upload(page, "产品.xlsx", change(exported, "年利率最高（%）", "商户贷", "5,2%"))
    await expect(dialog.get_by_text("年利率最高（%）：“5,2%”不是数字")).to_be_visible()
    await expect(dialog.get_by_role("button", name="导入")).to_be_disabled()
    await shoot(page, "wrong-desktop")
    await upload(page, "产品.png", b"\x89PNG\r\n\x1a\n\0\0")
    await expect(page.get_by_text("请选一个xlsx或csv文件")).to_be_visible()
    await upload(page, "产品.csv", b"\x89PNG\r\n\x1a\n\0\0")
    await expect(page.get_by_text("看不懂这个文件")).to_be_visible()
    await upload(page, "产品.xlsx", change(exported, "所需材料", "商户贷", "身份证、营业执照"))
    await expect(dialog.locator(".diff")).to_have_text(re.compile("所需材料.*营业执照或摊位合同.*身份证、营业执照"))
    await shoot(page, "changed-desktop")
    await dialog.get_by_role("button", name="导入1行").click()
    card = page.locator("article", has=page.get_by_role("heading", name="商户贷"))
    await expect(card.get_by_text("草稿等审核")).to_be_visible()
    await expect(dialog).to_have_count(0)
    await card.get_by_role("button", name="撤回").click()
    await page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    await expect(card.get_by_text("草稿等审核")).to_have_count(0)


@pytest.mark.exhaustive
@in_browser
async def test_a_large_file_shows_how_far_it_is_and_is_given_up(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("hejun", "editor", is_online=False)
    page = await open_page("hejun", "/products")
    exported = (await download(page, "导出现有（CSV）")).decode("utf-8-sig").splitlines()
    many = [exported[1].replace("loan", f"loan_{number}").replace("贷,", f"{number},", 1) for number in range(15_000)]
    await page.get_by_role("button", name="表格").click()
    await page.get_by_text("导入表格…").click()
    dialog = page.get_by_role("dialog")
    await upload(page, "产品.csv", "\n".join([exported[0], *many]).encode())
    await expect(dialog.get_by_text(re.compile("[0-9]+ / 15000 行"))).to_be_visible()
    await shoot(page, "progress-desktop")
    await dialog.get_by_role("button", name="取消").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("系统出了点问题")).to_have_count(0)


@in_browser
async def test_on_a_phone(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("sunmei", "editor", is_online=False)
    page = await open_page("sunmei", "/products", PHONE)
    exported = await download(page, "导出现有（Excel）")
    await shoot(page, "products-phone")
    await page.get_by_role("button", name="表格").click()
    await page.get_by_text("导入表格…").click()
    await upload(page, "产品.xlsx", change(exported, "适合谁", "农户贷", "种地的农户"))
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".diff")).to_have_text(re.compile("适合谁.*种地的农户"))
    await shoot(page, "changed-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await dialog.get_by_role("button", name="取消").click()
    await expect(dialog).to_have_count(0)


@in_browser
async def test_who_only_approves_exports_and_does_not_import(site_office: Office, open_page: OpenPage) -> None:
    await site_office.hire("zhoujie", "approver", is_online=False)
    page = await open_page("zhoujie", "/products")
    await expect(page.get_by_role("heading", name="农户贷")).to_be_visible()
    await expect(page.get_by_role("button", name="添加产品")).to_have_count(0)
    assert await download(page, "导出现有（CSV）")
    await page.get_by_role("button", name="表格").click()
    await expect(page.get_by_text("导出现有（Excel）")).to_be_visible()
    await expect(page.get_by_text("导入表格")).to_have_count(0)
