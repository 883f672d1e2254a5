"""The calculator's page in a real browser without JavaScript, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.connectors.webchat.conftest import DESKTOP
from tests.connectors.webchat.served_page import ServedPage
from tests.waiting import PATIENCE_MS

pytestmark = pytest.mark.slow
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture(params=[SMALL, PHONE, DESKTOP], ids=["small", "phone", "desk"])
def page(browser: Browser, served: ServedPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, whose styles must load under its own policy."""
    context = browser.new_context(viewport=request.param, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    opened, faults = context.new_page(), list[str]()
    # A 422 counts as an error of the console.
    opened.on(
        "console", lambda said: faults.append(said.text) if said.type == "error" and "422" not in said.text else None
    )
    opened.goto(f"{served.url}/calculator")
    yield opened
    assert faults == []
    context.close()


def test_a_loan_is_filled_in_and_calculated(page: Page) -> None:
    page.get_by_label("贷款", exact=True).select_option(label="商户贷（年化5.2%至6.9%）")
    page.get_by_label("金额（元）").fill("10万")
    page.get_by_label("期限（月）").fill("36")
    page.get_by_label("在第几期之后").fill("12")
    page.get_by_role("button", name="计算").click()
    result = page.get_by_label("结果")
    expect(result).to_be_in_viewport()
    expect(result).to_contain_text("3,083.14元")
    expect(page.get_by_text("再提前还68,932.01元")).to_be_visible()
    assert fits(page)
    assert read_size(page, "6.9%") > 2 * read_size(page, "3,083.14元")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载表格").click()
    assert download.value.suggested_filename == "还款计划.xlsx"


def test_what_is_to_be_mended_stands_beside_its_field(page: Page) -> None:
    page.get_by_label("金额（元）").fill("很多")
    page.get_by_label("期限（月）").fill("36")
    page.get_by_role("button", name="计算").click()
    expect(page.get_by_role("alert")).to_have_text("有1处要改，改好再算。")
    expect(page.get_by_label("金额（元）")).to_have_accessible_description("金额请填数字，例如100000或10万。")
    assert fits(page)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def read_size(page: Page, text: str) -> float:
    found = page.get_by_label("结果").get_by_text(text, exact=True)
    return float(found.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))
