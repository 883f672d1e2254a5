"""`make pictures`: the pictures of docs/pictures, taken from the demo's day, on a desk's screen and on a phone."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from dev import train
from dev.browser import ARGUMENTS, find_browser
from dev.demo import house
from dev.demo.staff import PASSWORD
from dev.processes import PROCESSES
from dev.stack import Stack
from kit.settings import ROOT

FOLDER = ROOT / "docs" / "pictures"
SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
PATIENCE_MS = 30_000
SETTLE_MS = 1500  # until charts have been drawn and nothing slides any more
COLOURS = 160  # enough for flat pages, at a third of the size
# A quota check, as a farmer goes through it: what is written, or (in 「」) pressed.
QUOTA_CHECK = ("能贷多少", "「同意」", "种地的", "水稻15亩", "没有农机", "去年全家挣了七万多", "不欠钱", "没逾期过")


def main() -> None:
    """Starts the demo on free ports with a database of its own, and takes all pictures."""
    if house.is_production():
        sys.exit("make pictures fills a database with made-up customers: refused with XIAOHE_ENVIRONMENT=production")
    train.main()
    with open_house() as stack, sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for name, take in PICTURES.items():
            for width, size in SIZES.items():
                path = FOLDER / f"{name}-{width}.png"
                keep(take(browser, stack, size), path)
                print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB", flush=True)
        browser.close()


@contextmanager
def open_house() -> Iterator[Stack]:
    """All processes, with the day in their database before any of them begins."""
    with Stack((), **house.ALWAYS_STAFFED) as stack:
        stack.run_once([sys.executable, "-m", "dev.demo.fill"])
        for name in PROCESSES:
            stack.start(name)
        for name in PROCESSES:
            stack.wait_until_healthy(name)
        yield stack


def take_chat(browser: Browser, stack: Stack, size: ViewportSize) -> bytes:
    """A customer who asks how much they may borrow, up to the result."""
    page = open_page(browser, stack.urls["gateway"], size)
    for words in QUOTA_CHECK:
        heard = page.locator(".message:not(.from-customer)").count()
        if pressed := re.fullmatch("「(.+)」", words):
            page.get_by_role("button", name=pressed[1], exact=True).last.click()
        else:
            page.get_by_label("您的问题").fill(words)
            page.keyboard.press("Enter")
        expect(page.locator(".message:not(.from-customer)")).not_to_have_count(heard)
    return shoot(page)


def take_desk(browser: Browser, stack: Stack, size: ViewportSize) -> bytes:
    """An agent with a talk open, and others who wait."""
    page = sign_in(browser, stack, size, "liufang", "/")
    page.get_by_role("link").filter(has_text="王桂兰").first.click()
    expect(page.get_by_role("log").filter(has_text="那让小周上门吧")).to_be_visible()
    return shoot(page)


def take_customers(browser: Browser, stack: Stack, size: ViewportSize) -> bytes:
    """An account manager's list."""
    page = sign_in(browser, stack, size, "zhouqiang", "/customers")
    expect(page.get_by_text("陈桂香").first).to_be_visible()
    return shoot(page)


def take_dashboard(browser: Browser, stack: Stack, size: ViewportSize) -> bytes:
    """A month on the supervisor's dashboard."""
    page = sign_in(browser, stack, size, "helihua", "/dashboard")
    page.get_by_role("button", name="近30天").click()
    expect(page.get_by_text("每天的转人工")).to_be_visible()
    return shoot(page)


PICTURES: dict[str, Callable[[Browser, Stack, ViewportSize], bytes]] = {
    "chat": take_chat,
    "desk": take_desk,
    "customers": take_customers,
    "dashboard": take_dashboard,
}


def open_page(browser: Browser, url: str, size: ViewportSize) -> Page:
    """A page in a browser of its own."""
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    return page


def sign_in(browser: Browser, stack: Stack, size: ViewportSize, login: str, path: str) -> Page:
    """A page of the staff site, as somebody who works there sees it."""
    page = open_page(browser, stack.urls["desk"] + path, size)
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def shoot(page: Page) -> bytes:
    """The page as it stands, once it has come to rest; then it is closed, so that nobody sits there any more."""
    page.wait_for_timeout(SETTLE_MS)
    picture = page.screenshot()
    page.context.close()
    return picture


def keep(picture: bytes, path: Path) -> None:
    """Keeps a picture with few colours, which makes it small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
