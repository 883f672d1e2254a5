"""A supervisor reads how the lending goes, on a phone and at a desk."""

from datetime import date

import pytest
from playwright.async_api import ViewportSize, expect

from desk.lending_metrics import FunnelStep, LendingDay
from desk.pages.lending_report import draw_funnel, draw_submitted
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, measure_overflow
from tests.desk.village import Village


def test_each_step_beside_the_one_before() -> None:
    funnel = [FunnelStep(name=name, count=count) for name, count in (("打开申请", 0), ("提交", 8), ("批准", 2))]
    drawn = draw_funnel("漏斗", funnel)
    assert drawn["yAxis"]["data"] == ["打开申请", "提交", "批准（25%）"]
    assert drawn["series"][0]["data"] == [0, 8, 2]


def test_each_day() -> None:
    drawn = draw_submitted("每天", [LendingDay(day=date(2026, 7, 1), submitted=3, approved=1)])
    assert {each["name"]: each["data"] for each in drawn["series"]} == {"提交": [3], "其中已批准": [1]}


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_supervisor_reads_it_and_takes_it_out(
    site_office: Office, open_page: OpenPage, size: ViewportSize
) -> None:
    login = f"wu.{size['width']}"
    await site_office.hire(login, "supervisor", is_online=False)
    village = Village(site_office.database, site_office.accounts, site_office.clock)
    for customer in range(3):
        await village.apply(f"{login}{customer}", region="青山镇<b>石桥村</b>")
    page = await open_page(login, "/lending-report", size)
    await expect(page.locator(".tile", has_text="提交").first).to_contain_text("3")
    table = page.locator(".panel", has=page.get_by_role("heading", name="村镇", exact=True))
    await expect(table.get_by_role("row", name="青山镇<b>石桥村</b>")).to_contain_text("30万元")
    stages = page.locator(".panel", has=page.get_by_role("heading", name="各阶段", exact=True))
    await expect(stages.get_by_role("row", name="已提交")).to_contain_text("3")
    assert await measure_overflow(page) == 0
    async with page.expect_download() as download:
        await page.get_by_role("link", name="导出xlsx").click()
    assert (await download.value).suggested_filename.startswith("lending_")
