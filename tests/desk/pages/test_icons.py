"""The desk's own font of icons has those that its pages show, and takes the place of NiceGUI's."""

from urllib.parse import urljoin

from fontTools.ttLib import TTFont
from playwright.async_api import expect

from dev.icons import FONT, find_icons, find_whole_font, list_used
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat

# An icon that the font lacks is written out as its name.
WRITTEN_OUT = "icons => icons.filter((icon) => icon.scrollWidth > icon.clientWidth).map((icon) => icon.textContent)"


def test_the_font_has_all_icons_that_are_used() -> None:
    """Also a new word of the code that happens to be an icon fails it: `python -m dev.icons` makes the font anew."""
    used = list_used(find_icons(TTFont(find_whole_font())))
    assert {"forum", "arrow_drop_down", "attach_file"} <= set(used) <= find_icons(TTFont(FONT)).keys()


@in_browser
async def test_pages_show_their_icons_and_fetch_no_other_font(site_office: Office, open_page: OpenPage) -> None:
    await seat(site_office, "icons", "admin")
    page = await open_page("icons", "/notifications")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if request.resource_type == "font" else None)
    for path in ("/customers", "/office", "/staff"):
        await page.goto(urljoin(page.url, path))
        await expect(page.get_by_role("main")).not_to_be_empty()
        await page.evaluate("document.fonts.ready")
        assert await page.locator(".q-icon").evaluate_all(WRITTEN_OUT) == []
    assert set(fetched) <= {urljoin(page.url, "/static/icons.woff2")}
