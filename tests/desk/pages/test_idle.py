"""What keeps somebody signed in: what they do, not a page that is open."""

from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat


@in_browser
async def test_what_somebody_does_on_an_open_page_is_told_once_a_minute(
    open_page: OpenPage, site_office: Office
) -> None:
    await seat(site_office, "busy", "supervisor")
    page = await open_page("busy", "/dashboard")
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url) if request.url.endswith("/seen") else None)
    await page.wait_for_function("window.did_handshake")
    await page.mouse.click(5, 400)
    assert told == []  # opening the page was the last that they did
    await page.evaluate("inputTold = Date.now() - 61_000")
    async with page.expect_response("**/seen") as answered:
        await page.keyboard.press("Shift")
    assert (await answered.value).status == 204
    await page.mouse.click(5, 400)
    assert len(told) == 1
