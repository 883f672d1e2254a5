"""The staff site as one process: who gets in, what else it serves, and what it does beside requests."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import SecretStr
from sqlalchemy import update

from applications import repository
from desk.accounts import Accounts
from desk.app import create_app
from desk.audit import AuditLog
from desk.services import DeskServices
from desk.settings import DeskSettings
from desk.tables import Staff
from kit.clock import Clock, read_clock
from kit.database import Database
from tests.conversations.talk import sqlite_only
from tests.desk.office import PASSWORD, Office
from tests.desk.village import Village
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

OURS = {"Origin": "http://desk"}
NEW = "青石乡的山-2026"
TOKEN = "token-of-the-actions"


def mount_page(app: FastAPI, desk: DeskServices) -> None:
    """Stands for all pages: greets its visitor."""

    @app.get("/")
    async def greet(request: Request) -> HTMLResponse:
        staff = await desk.accounts.get_staff(request.state.staff.id)
        return HTMLResponse(f"您好，{staff.name}")


@pytest.fixture
def settings(database_url: str, cheap_hashes: None) -> DeskSettings:
    return DeskSettings(
        database_url=database_url,
        service_token=SecretStr(TOKEN),
        office_hours="00:00-24:00",
        office_days="all",
    )


@asynccontextmanager
async def run(settings: DeskSettings, clock: Clock = read_clock) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the site, which runs within the block."""
    app = create_app(settings, mount=mount_page, dispatch_seconds=0.05, clock=clock)  # it ends no sooner
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://desk") as browser,
    ):
        yield browser


@pytest.fixture
async def browser(settings: DeskSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with run(settings) as opened:
        yield opened


@sqlite_only
async def test_strangers_see_the_sign_in_page_only(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/talks/1", "/export/handoffs.csv", "/docs", "/openapi.json", "/password"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")
    page = await browser.get("/sign-in")
    assert (page.status_code, "密码" in page.text) == (200, True)
    assert (await browser.post("/talks/1", headers=OURS)).status_code == 401


async def test_the_first_admin_gets_in_and_chooses_a_password(
    settings: DeskSettings,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with run(settings):
        assert "python -m desk first-password" in caplog.text
    password = await Accounts(database).ensure_admin()
    assert password
    caplog.clear()
    async with run(settings) as browser:
        sign_in = {"login": "admin", "password": password}
        assert (await browser.post("/sign-in", data=sign_in, headers=OURS)).status_code == 303
        assert (await browser.get("/")).headers["Location"] == "/password"
        change = {"old": password, "new": NEW, "again": NEW}
        assert (await browser.post("/password", data=change, headers=OURS)).status_code == 303
        assert (await browser.get("/")).text == "您好，管理员"
        assert (await browser.post("/sign-out", headers=OURS)).status_code == 303
        assert (await browser.get("/")).status_code == 303
    assert capsys.readouterr().out == ""
    assert password not in caplog.text
    assert "first-password" not in caplog.text


@sqlite_only
@pytest.mark.parametrize(("year", "warnings"), [(2098, 1), (2025, 0)])
async def test_a_year_of_unknown_holidays_is_logged_at_the_start(
    settings: DeskSettings, caplog: pytest.LogCaptureFixture, year: int, warnings: int
) -> None:
    clock = FixedClock(datetime(year, 1, 5, 4, 0, tzinfo=UTC))
    async with run(settings.model_copy(update={"office_days": "working"}), clock):
        assert caplog.text.count(f"the holidays of {year} are unknown") == warnings


@sqlite_only
@pytest.mark.parametrize(("url", "is_secure"), [("https://desk.bank.example", True), ("", False)])
async def test_over_https_the_cookie_is_for_https_only(
    settings: DeskSettings, database: Database, url: str, is_secure: bool
) -> None:
    await Office(database, FixedClock(read_clock())).hire("an")
    async with run(settings.model_copy(update={"desk_public_url": url})) as browser:
        answer = await browser.post("/sign-in", data={"login": "an", "password": PASSWORD}, headers=OURS)
        assert ("Secure" in answer.headers["Set-Cookie"]) is is_secure


@sqlite_only
async def test_people_are_refused_by_a_page_and_scripts_by_json(browser: httpx.AsyncClient, database: Database) -> None:
    await Office(database, FixedClock(read_clock())).hire("an")
    async with database.transaction() as session:
        await session.execute(update(Staff).values(must_change_password=False))
    await browser.post("/sign-in", data={"login": "an", "password": PASSWORD}, headers=OURS)
    page = {"Accept": "text/html,application/xhtml+xml"}
    for method, path, reason in (
        ("GET", "/export/handoffs.csv", "您的角色不能导出数据"),
        ("POST", "/data-requests/1/copy", "您的角色不能处理客户的个人信息请求"),
    ):
        refused = await browser.request(method, path, headers=OURS | page)
        assert (refused.status_code, f"<h1>{reason}</h1>" in refused.text) == (403, True)
        refused = await browser.request(method, path, headers=OURS)
        assert (refused.status_code, refused.json()["error"]["reason"]) == (403, reason)
    codes = [each.details["code"] for each in await AuditLog(database).list_records(9) if each.action == "refused"]
    assert codes == ["forbidden", "not_allowed"]


@sqlite_only
@pytest.mark.parametrize(
    ("path", "answer"), [("/v1/applications", {"applications": []}), ("/v1/quota-checks", {"checks": []})]
)
async def test_it_holds_services_behind_their_own_token(
    path: str, answer: dict[str, Any], browser: httpx.AsyncClient, database: Database
) -> None:
    params = {"conversation_id": "conversation-1"}
    await Office(database, FixedClock(read_clock())).hire("an")
    await browser.post("/sign-in", data={"login": "an", "password": PASSWORD}, headers=OURS)
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}s"}):
        assert (await browser.get(path, params=params, headers=headers)).status_code == 401
    let_in = await browser.get(path, params=params, headers={"Authorization": f"Bearer {TOKEN}"})
    assert let_in.json() == answer


@sqlite_only
async def test_a_withdrawal_reaches_the_account_manager(browser: httpx.AsyncClient, database: Database) -> None:
    clock = FixedClock(read_clock())
    village = Village(database, Accounts(database, clock), clock)
    stored = await village.apply("wang")
    async with database.transaction() as session:
        await repository.set_manager(session, stored.id, "manager-zhang")
    answer = await browser.post(
        f"/v1/applications/{stored.number}/withdrawal",
        json={"conversation_id": stored.conversation_id},
        headers={"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "key-12345"},
    )
    assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn")
    told = ("manager-zhang", "客户撤回了申请\n王** 农户贷 10万元 柳河镇", "/customers")
    assert await village.list_notifications() == [told]


@sqlite_only
async def test_a_desk_without_a_service_token_lets_no_service_in(settings: DeskSettings) -> None:
    async with run(settings.model_copy(update={"service_token": SecretStr("")})) as browser:
        answer = await browser.get("/v1/applications", headers={"Authorization": "Bearer "})
        assert answer.status_code == 401


@sqlite_only
async def test_pages_find_their_styles_and_nothing_else_is_sent(browser: httpx.AsyncClient) -> None:
    styles = await browser.get("/static/desk.css")
    assert styles.status_code == 200
    assert styles.headers["Content-Type"].startswith("text/css")
    assert styles.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/static/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/static/"):
        answer = await browser.get(path)
        assert (answer.status_code, "create_app" in answer.text) == (404, False), path


async def test_health_tells_of_the_database(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).json() == {"status": "ok", "parts": {"database": "ok"}}


async def test_it_works_beside_requests_and_leaves_nothing_running(settings: DeskSettings, database: Database) -> None:
    office = Office(database, FixedClock(read_clock()))
    await office.hire("an")
    async with run(settings):
        handoff = await office.ask()
        async with asyncio.timeout(WAIT_SECONDS):
            while (await office.handoffs.get(handoff.id)).state != "assigned":  # noqa: ASYNC110 (a table is no event)
                await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
