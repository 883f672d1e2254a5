"""Nothing keeps people with weak eyes or with keys only from using a page: axe finds nothing, in light and dark."""

from typing import Any
from urllib.parse import urljoin

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from conversations.handoff.schemas import HandoffView
from desk.snoozing import NEXT_MORNING
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, take_two

pytestmark = pytest.mark.exhaustive

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


async def list_violations(page: Page, part: str = "body") -> list[tuple[str, list[str]]]:
    """The rules that are broken, each with the elements that break it."""
    await page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")
    found: Any = await Axe().run(page, context={"include": [part], "exclude": [".q-loading-bar"]}, options=RULES)
    return [
        (violation["id"], [node["failureSummary"] + node["html"][:200] for node in violation["nodes"]])
        for violation in found.response["violations"]
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
@in_browser
async def test_an_agents_pages(site_office: Office, open_page: OpenPage, colours: Any) -> None:
    _, first, second = await take_two(site_office, f"seen-{colours}")
    boss = await site_office.hire(f"boss-{colours}", "supervisor", is_online=False)
    await site_office.labels.add(boss, "要材料")
    await site_office.labels.set(boss, first.id, "要材料", is_on=True)
    await site_office.talks.add_note(boss, first.id, "别答应利率")
    await site_office.ask(f"danger-{colours}", "被骗了", reason="sensitive", topic="scam")
    await site_office.snoozing.snooze(boss, second.id, NEXT_MORNING)
    page = await open_page(f"seen-{colours}", f"/talks/{first.id}", DESKTOP)
    await page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    await check_talk(page, first)
    await page.set_viewport_size(PHONE)
    await check_talk(page, first)
    for path in ("/", "/notifications", f"/people/{first.customer_id}"):
        await page.goto(urljoin(page.url, path))
        await expect(page.get_by_role("navigation", name="页面")).to_be_visible()
        assert await list_violations(page) == []


async def check_talk(page: Page, talk: HandoffView) -> None:
    await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text("别答应利率")
    assert await list_violations(page) == []
    await page.keyboard.press("Control+k")
    await expect(page.get_by_label("找会话")).to_be_focused()
    assert await list_violations(page, ".q-dialog") == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
@in_browser
async def test_a_supervisors_pages(site_office: Office, open_page: OpenPage, colours: Any) -> None:
    await site_office.hire(f"lead-{colours}", "supervisor")
    page = await open_page(f"lead-{colours}", "/", DESKTOP)
    await page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    for path in ("/dashboard", "/answers", "/undelivered", "/customers", "/office", "/entries"):
        await page.goto(urljoin(page.url, path))
        await expect(page.get_by_role("main")).not_to_be_empty()
        assert (path, await list_violations(page)) == (path, [])
