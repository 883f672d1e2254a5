"""Signing in with a real browser: what it sends with our forms is what we ask for, and it all fits on a phone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.async_api import Page, async_playwright, expect

import desk
from desk.accounts import Accounts
from desk.guard import StaffOnly
from desk.sign_in import build_router
from dev.browser import find_browser
from tests.connectors.conftest import serve

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 8_000
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture
async def site(accounts: Accounts) -> AsyncIterator[str]:
    app = FastAPI()
    app.include_router(build_router(accounts, is_secure=False))
    app.mount("/static", StaticFiles(directory=Path(desk.__file__).parent / "static"))
    app.add_middleware(StaffOnly, accounts=accounts)

    @app.get("/{path:path}")
    async def show(request: Request) -> HTMLResponse:
        leave = '<form method="post" action="/sign-out"><button>退出</button></form>'
        return HTMLResponse(f"<h1>您好，{request.state.staff.name}</h1>{leave}")

    async with serve(app) as url:
        yield url


@pytest.fixture(params=[(360, 740), (1280, 800)], ids=["phone", "desktop"])
async def page(request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    width, height = request.param
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        opened = await browser.new_page(viewport={"width": width, "height": height})
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
        await browser.close()


async def fill(page: Page, button: str, **fields: str) -> None:
    for name, value in fields.items():
        await page.fill(f"[name={name}]", value)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name=button).click()


async def test_first_day(page: Page, site: str, accounts: Accounts) -> None:
    await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    await page.goto(f"{site}/talks?tab=mine")
    await fill(page, "登录", login="zhang", password="wrong")
    await expect(page.get_by_role("alert")).to_have_text("账号或密码不对")
    await expect(page.get_by_label("密码")).to_be_focused()
    await fill(page, "登录", password=PASSWORD)
    await expect(page.get_by_role("heading")).to_have_text("修改密码")
    await fill(page, "保存", old=PASSWORD, new=NEW, again=NEW)
    await expect(page.get_by_role("heading")).to_have_text("您好，张敏")
    await page.get_by_role("button", name="退出").click()
    await page.wait_for_url(f"{site}/sign-in")
    await page.goto(f"{site}/talks?tab=mine")
    await fill(page, "登录", login="Zhang", password=NEW)
    await expect(page.get_by_role("heading")).to_have_text("您好，张敏")
    assert page.url == f"{site}/talks?tab=mine"
