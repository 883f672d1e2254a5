"""The published process says what the code goes by."""

from datetime import date

import httpx

from applications.stages import load_process
from connectors.process_page import build_router, render_process
from kit.web import create_web_app
from tests.fakes import FixedClock


async def test_it_is_a_page_without_scripts() -> None:
    app = create_web_app("gateway", checks={})
    app.include_router(build_router(FixedClock()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as browser:
        page = await browser.get("/process")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_every_stage_says_who_and_how_long() -> None:
    page = render_process(date(2026, 7, 1))
    for stage in load_process().stages.values():
        assert stage.name in page
        assert stage.do in page
    assert "<li>谁办：信贷审批部</li>\n      <li>做什么：审核申请和材料</li>\n      <li>最迟：3个工作日</li>" in page
    for reason in load_process().reasons.values():
        assert "declined" not in reason.stages or reason.told in page
