"""Signing in with a real browser: what it sends with our forms is what we ask for, and it all fits on a phone."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.async_api import Page, async_playwright, expect

import desk
from desk import sign_in
from desk.accounts import Accounts
from desk.guard import StaffOnly
from desk.oidc import pages as oidc
from desk.oidc.provider import Provider
from desk.oidc.settings import OidcSettings
from desk.second_factor import pages as second_factor
from desk.second_factor.service import SecondFactors
from dev.browser import ARGUMENTS, find_browser
from kit.database import Database
from tests.connectors.conftest import serve
from tests.desk.second_factor.conftest import Phone
from tests.fakes import FixedClock
from tests.platforms.oidc import OidcProvider
from tests.vaults import VAULT
from tests.waiting import PATIENCE_MS

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture
async def bank() -> AsyncIterator[OidcProvider]:
    """The bank's provider, listening."""
    provider = OidcProvider()
    async with serve(provider.app) as url:
        provider.issuer = url
        yield provider


@pytest.fixture
async def site(accounts: Accounts, database: Database, clock: FixedClock, bank: OidcProvider) -> AsyncIterator[str]:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=Path(desk.__file__).parent / "static"))
    app.add_middleware(StaffOnly, accounts=accounts)
    async with serve(app) as url:
        provider = Provider(OidcSettings.model_validate(bank.settings()), url)
        factors = SecondFactors(database, VAULT, clock)
        app.include_router(sign_in.build_router(accounts, is_secure=False, provider=provider))
        app.include_router(
            second_factor.build_router(database, accounts, factors, is_secure=False, must_have=frozenset())
        )
        app.include_router(
            oidc.build_router(database, accounts, provider, is_secure=False, has_passwords=True, clock=clock)
        )

        @app.get("/{path:path}")
        async def show(request: Request) -> HTMLResponse:
            leave = '<form method="post" action="/sign-out"><button>退出</button></form>'
            return HTMLResponse(f"<h1>您好，{request.state.staff.name}</h1>{leave}")

        yield url
        await provider.close()


SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


@pytest.fixture(params=SIZES)
async def page(request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    width, height = SIZES[request.param]
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


@pytest.mark.parametrize("page", ["phone"], indirect=True)
async def test_a_second_factor(page: Page, site: str, accounts: Accounts, clock: FixedClock) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    await accounts.change_password(staff.id, PASSWORD, NEW)
    await page.goto(f"{site}/sign-in?next=/second-factor")
    await fill(page, "登录", login="zhang", password=NEW)
    await expect(page.get_by_role("img", name="二维码")).to_be_visible()
    phone = Phone((await page.locator(".secret").inner_text()).replace(" ", ""), clock)
    await fill(page, "启用", code=phone.read())
    await expect(page.get_by_role("listitem")).to_have_count(10)
    codes = await page.get_by_role("listitem").all_inner_texts()

    for answer in ("code", "recovery code"):
        clock.move(minutes=1)
        await page.goto(f"{site}/talks")
        await page.get_by_role("button", name="退出").click()
        await page.goto(f"{site}/talks")
        await fill(page, "登录", login="zhang", password=NEW)
        if answer == "code":
            await fill(page, "登录", code=phone.read_wrong())
            await expect(page.get_by_role("alert")).to_contain_text("验证码不对")
            await fill(page, "登录", code=f"{phone.read()[:3]} {phone.read()[3:]}")
            await page.wait_for_url(f"{site}/talks")
        else:
            await page.get_by_role("link", name="用恢复码").click()
            await fill(page, "登录", code=codes[3])
            await expect(page.get_by_text("恢复码还剩9个")).to_be_visible()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
async def test_single_sign_on(page: Page, site: str, accounts: Accounts, bank: OidcProvider) -> None:
    await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    for login, words in (("li", "还没有在小禾开通"), ("zhang", "您好，张敏")):
        await page.goto(f"{site}/talks")
        await page.get_by_role("link", name="用行内统一账号登录").click()
        assert page.url.startswith(bank.issuer)
        await fill(page, "同意", login=login)
        await expect(page.get_by_text(words)).to_be_visible()
    assert page.url == f"{site}/talks"
    with_provider = re.compile(re.escape(f"{bank.issuer}/end?"))
    async with page.expect_request(with_provider):  # it ends its own session too
        await page.get_by_role("button", name="退出").click()
    await page.wait_for_url(f"{site}/sign-in")
