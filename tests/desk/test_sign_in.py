"""The pages where staff sign in, as a browser uses them."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest

from desk.accounts import Accounts
from desk.entrance import COOKIE
from desk.guard import StaffOnly
from desk.schemas import StaffView
from desk.sign_in import build_router
from kit.web import create_web_app
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
OURS = {"Origin": "http://desk"}
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def zhang(accounts: Accounts) -> StaffView:
    return await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)


@pytest.fixture
async def browser(accounts: Accounts, zhang: StaffView) -> AsyncIterator[httpx.AsyncClient]:
    app = create_web_app("desk", checks={})
    app.add_middleware(StaffOnly, accounts=accounts)
    app.include_router(build_router(accounts, is_secure=False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk", headers=OURS) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await browser.post("/sign-in", data={"login": "zhang", "password": password} | form)


async def test_the_page_is_safe_and_names_no_secret(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/sign-in", params={"next": '/talks?a=1&b="><script>'})
    assert page.status_code == 200
    assert 'value="/talks?a=1&amp;b=&#34;&gt;&lt;script&gt;"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("is_secure", [False, True])
async def test_the_cookie_is_for_our_pages_only(accounts: Accounts, zhang: StaffView, is_secure: bool) -> None:
    app = create_web_app("desk", checks={})
    app.include_router(build_router(accounts, is_secure=is_secure))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk", headers=OURS) as browser:
        answer = await sign_in(browser)
    cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
    assert await accounts.sessions.find(cookie.value) == zhang
    flags = (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"], cookie["domain"])
    assert flags == (True, "lax", "/", is_secure or "", "")
    assert cookie["max-age"] == "43200"


@pytest.mark.parametrize(
    ("next_path", "location"),
    [("", "/"), ("/talks/7?tab=notes", "/talks/7?tab=notes"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/")],
)
async def test_one_goes_on_to_where_one_wanted(next_path: str, location: str, browser: httpx.AsyncClient) -> None:
    answer = await sign_in(browser, next=next_path)
    assert (answer.status_code, answer.headers["Location"]) == (303, location)
    again = await browser.get("/sign-in", params={"next": next_path})
    assert (again.status_code, again.headers["Location"]) == (303, location)


async def test_what_was_wrong_is_said_on_the_form(browser: httpx.AsyncClient, clock: FixedClock) -> None:
    for n in range(6):
        page = await sign_in(browser, f"wrong-{n}", next="/talks")
        status, reason = (401, "账号或密码不对") if n < 5 else (429, "试错太多，请30秒后再试")
        assert page.status_code == status
        assert reason in page.text
        assert 'value="zhang"' in page.text
        assert 'value="/talks"' in page.text
        assert f"wrong-{n}" not in page.text
        assert "Set-Cookie" not in page.headers
    clock.move(seconds=30)
    assert (await sign_in(browser)).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password"])
@pytest.mark.parametrize("origin", [None, "null", "http://evil", "http://desk.evil"])
async def test_other_sites_send_nothing(path: str, origin: str | None, browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    del browser.headers["Origin"]
    form = {"login": "zhang", "password": PASSWORD, "old": PASSWORD, "new": NEW, "again": NEW}
    refused = await browser.post(path, data=form, headers={"Origin": origin} if origin else {})
    assert (refused.status_code, refused.headers.get("Set-Cookie")) == (403, None)
    assert (await browser.get("/password")).status_code == 200  # still signed in
    assert (await sign_in_by_referer(browser)).status_code == 303


async def sign_in_by_referer(browser: httpx.AsyncClient) -> httpx.Response:
    form = {"login": "zhang", "password": PASSWORD}
    return await browser.post("/sign-in", data=form, headers={"Referer": "http://desk/sign-in"})


async def test_signing_out(browser: httpx.AsyncClient, accounts: Accounts) -> None:
    await sign_in(browser)
    token = browser.cookies[COOKIE]
    answer = await browser.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert COOKIE not in browser.cookies
    assert await accounts.sessions.find(token) is None
    assert (await browser.post("/sign-out")).status_code == 303


async def test_a_new_password_is_chosen(browser: httpx.AsyncClient, accounts: Accounts) -> None:
    await sign_in(browser)
    assert "请先设一个自己的密码" in (await browser.get("/password")).text
    for form, status, reason in (
        ({"old": PASSWORD, "new": NEW, "again": NEW + "!"}, 422, "两次输入的新密码不一样"),
        ({"old": PASSWORD, "new": "1234567890", "again": "1234567890"}, 422, "密码太容易猜到"),
        ({"old": "wrong", "new": NEW, "again": NEW}, 401, "原密码不对"),
    ):
        page = await browser.post("/password", data=form)
        assert (page.status_code, reason in page.text) == (status, True)
        assert not any(word in page.text for word in form.values())
    done = await browser.post("/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert "返回工作台" in (await browser.get("/password")).text  # the session stays, nothing is forced any more
    assert await accounts.sign_in("zhang", NEW)


async def test_a_stranger_has_no_password_to_change(browser: httpx.AsyncClient) -> None:
    page, change = await browser.get("/password"), await browser.post("/password", data={"old": PASSWORD})
    assert (page.status_code, page.headers["Location"]) == (303, "/sign-in?next=/password")
    assert (change.status_code, change.json()["error"]["code"]) == (401, "signed_out")


async def test_devices_are_shown_and_ended(browser: httpx.AsyncClient, accounts: Accounts) -> None:
    elsewhere = await accounts.sign_in("zhang", PASSWORD, "192.0.2.9", "安卓手机 微信")
    await accounts.change_password((await accounts.list_staff())[0].id, PASSWORD, NEW, token=elsewhere)
    await sign_in(browser, NEW)
    page = await browser.get("/sessions")
    assert all(words in page.text for words in ("安卓手机 微信", "来自192.0.2.9", "（当前）", "退出其他所有设备"))
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    ended = await browser.post("/sessions/end")
    assert (ended.status_code, ended.headers["Location"]) == (303, "/sessions")
    assert await accounts.sessions.find(elsewhere) is None
    assert "退出其他所有设备" not in (await browser.get("/sessions")).text
    assert (await browser.post("/seen")).status_code == 204


async def test_a_stranger_ends_nothing(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/sessions")).status_code == 303
    assert [(await browser.post(path)).status_code for path in ("/sessions/end", "/seen")] == [401, 401]
