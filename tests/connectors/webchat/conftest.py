"""A real browser for the chat page and the widget."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from dev.browser import ARGUMENTS, find_browser
from tests.connectors.webchat.served_page import ServedPage, serve_page
from tests.waiting import PATIENCE_MS

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPage]:
    # In a thread of its own: Playwright's synchronous side keeps this one's event loop.
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serve_page(tmp_path_factory.mktemp("page"))) as opened,
    ):
        yield opened


@pytest.fixture(params=[PHONE], ids=["phone"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    is_phone = request.param is not DESKTOP
    # Not China's time zone: the office's hours are.
    opened = browser.new_context(
        viewport=request.param, is_mobile=is_phone, has_touch=is_phone, locale="zh-CN", timezone_id="Europe/Berlin"
    )
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()
