"""The pages of the second factor, as a browser uses them, and what half a sign-in opens: nothing."""

import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi.responses import PlainTextResponse

from desk import sign_in
from desk.accounts import Accounts
from desk.entrance import CHALLENGE_COOKIE, COOKIE
from desk.guard import StaffOnly
from desk.schemas import StaffView
from desk.second_factor.pages import build_router
from desk.second_factor.service import SecondFactors
from kit.database import Database
from kit.web import create_web_app
from tests.desk.office import PASSWORD
from tests.desk.second_factor.conftest import Phone, enrol
from tests.fakes import FixedClock

NEW = "青石乡的山-2026"
OURS = {"Origin": "http://desk"}
MUST = frozenset({"agent"})
POSTS = [f"/second-factor/{act}" for act in ("confirm", "recovery-codes", "remove", "reset")]
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def browser(
    database: Database, clock: FixedClock, factors: SecondFactors, zhang: StaffView
) -> AsyncIterator[httpx.AsyncClient]:
    accounts = Accounts(database, clock, second_factor_roles=MUST)
    app = create_web_app("desk", checks={}, has_docs=False)
    app.include_router(sign_in.build_router(accounts, is_secure=True))
    app.include_router(build_router(database, accounts, factors, is_secure=True, must_have=MUST))
    app.add_middleware(StaffOnly, accounts=accounts)

    @app.get("/talks")
    async def show_talks() -> PlainTextResponse:
        return PlainTextResponse("会话")

    await accounts.change_password(zhang.id, PASSWORD, NEW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk", headers=OURS) as client:
        yield client


async def give_password(browser: httpx.AsyncClient, login: str = "zhang", password: str = NEW) -> httpx.Response:
    return await browser.post("/sign-in", data={"login": login, "password": password, "next": "/talks"})


def read_secret(page: httpx.Response) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert found
    return found[1].replace(" ", "")


async def test_from_enrolment_to_the_next_sign_in(browser: httpx.AsyncClient, clock: FixedClock) -> None:
    await give_password(browser)
    page = await browser.get("/second-factor")
    assert "<svg" in page.text
    phone = Phone(read_secret(page), clock)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    wrong = await browser.post("/second-factor/confirm", data={"code": phone.read_wrong()})
    assert (wrong.status_code, "验证码不对" in wrong.text, read_secret(wrong)) == (422, True, phone.secret)
    done = await browser.post("/second-factor/confirm", data={"code": phone.read()})
    codes = re.findall(r"<li>([0-9a-z-]{19})</li>", done.text)
    assert (done.status_code, len(codes)) == (200, 10)
    shown_later = (await browser.get("/second-factor")).text
    assert "恢复码还剩10个" in shown_later
    assert not any(code in shown_later for code in (*codes, phone.secret))

    await browser.post("/sign-out")
    answer = await give_password(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code")
    assert COOKIE not in browser.cookies
    clock.move(seconds=30)
    answer = await browser.post("/sign-in/code", data={"code": phone.read()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/talks")
    assert (await browser.get("/talks")).text == "会话"
    assert CHALLENGE_COOKIE not in browser.cookies


async def test_half_a_sign_in_opens_nothing(
    browser: httpx.AsyncClient, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    answer = await give_password(browser)
    cookie = SimpleCookie(answer.headers["Set-Cookie"])[CHALLENGE_COOKIE]
    flags = (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"], cookie["max-age"])
    assert flags == (True, "lax", "/sign-in", True, "300")
    half = {"Cookie": f"{COOKIE}={cookie.value}; {CHALLENGE_COOKIE}={cookie.value}"}
    for path in ("/talks", "/password", "/sessions", "/second-factor", "/export/handoffs.csv"):
        page = await browser.get(path, headers=half)
        assert (page.status_code, page.headers["Location"]) == (303, f"/sign-in?next={path}")
    for path in (
        "/password",
        "/sessions/end",
        "/second-factor/confirm",
        "/second-factor/remove",
        "/second-factor/reset",
    ):
        assert (await browser.post(path, headers=half)).status_code == 401
    assert (await browser.get("/sign-in/code")).status_code == 200
    browser.cookies.clear()  # another browser, which knows the code but not the password
    assert (await browser.get("/sign-in/code")).headers["Location"] == "/sign-in"
    assert (await browser.post("/sign-in/code", data={"code": phone.read()})).status_code == 410


async def test_what_was_wrong_is_said(
    browser: httpx.AsyncClient, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    await give_password(browser)
    for n in range(6):
        page = await browser.post("/sign-in/code", data={"code": phone.read_wrong()})
        status, reason = (422, "验证码不对或已经用过") if n < 5 else (429, "试错太多，请30秒后再试")
        assert (page.status_code, reason in page.text) == (status, True)
    clock.move(seconds=30)
    page = await browser.post("/sign-in/code", data={"code": "abcd-efgh", "recovery": "true"})
    assert ("恢复码不对" in page.text, "用验证码" in page.text) == (True, True)
    clock.move(minutes=5)
    page = await browser.post("/sign-in/code", data={"code": phone.read()})
    assert (page.status_code, "登录超时了" in page.text, 'name="code"' in page.text) == (410, True, False)


@pytest.mark.parametrize(
    "path", ["/sign-in/code", "/second-factor/confirm", "/second-factor/remove", "/second-factor/reset"]
)
@pytest.mark.parametrize("origin", [None, "null", "https://evil"])
async def test_other_sites_send_nothing(path: str, origin: str | None, browser: httpx.AsyncClient) -> None:
    await give_password(browser)
    del browser.headers["Origin"]
    refused = await browser.post(path, data={"code": "123456"}, headers={"Origin": origin} if origin else {})
    assert refused.status_code == 403


async def test_with_few_recovery_codes_left_new_ones_are_made(
    browser: httpx.AsyncClient, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, codes = await enrol(factors, zhang, clock)
    for left, code in zip(range(9, 2, -1), codes, strict=False):
        await give_password(browser)
        answer = await browser.post("/sign-in/code", data={"code": code, "recovery": "true"})
        assert answer.headers["Location"] == "/second-factor"
        page = await browser.get("/second-factor")
        assert f"恢复码还剩{left}个" in page.text
        assert ("请尽快重新生成" in page.text) is (left <= 3)
    made = await browser.post("/second-factor/recovery-codes", data={"code": phone.read()})
    assert "以前的恢复码都不能用了" in made.text
    assert len(re.findall(r"<li>[0-9a-z-]{19}</li>", made.text)) == 10
    assert "恢复码还剩10个" in (await browser.get("/second-factor")).text


async def test_who_must_have_one_gets_no_further(
    browser: httpx.AsyncClient, accounts: Accounts, clock: FixedClock
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    await accounts.change_password(li.id, PASSWORD, NEW)
    await give_password(browser, "li")
    for path in ("/talks", "/sessions", "/password"):
        page = await browser.get(path)
        assert (page.status_code, page.headers["Location"]) == (303, "/second-factor")
    refused = await browser.post("/sessions/end")
    assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "请先启用二次验证")
    page = await browser.get("/second-factor")
    assert "请先设好，再开始工作" in page.text
    phone = Phone(read_secret(page), clock)
    await browser.post("/second-factor/confirm", data={"code": phone.read()})
    assert (await browser.get("/talks")).text == "会话"
    clock.move(seconds=30)
    assert "换一部手机" in (await browser.get("/second-factor")).text
    assert (await browser.post("/second-factor/remove", data={"code": phone.read()})).status_code == 303
    assert (await browser.get("/talks")).headers["Location"] == "/second-factor"


async def test_a_supervisor_resets_a_colleagues(
    browser: httpx.AsyncClient, accounts: Accounts, factors: SecondFactors, clock: FixedClock
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    await enrol(factors, li, clock)
    await give_password(browser)
    assert "同事的手机丢了" in (await browser.get("/second-factor")).text
    for login, status, words in (
        ("nobody", 404, "没有这个账号"),
        ("zhang", 403, "另一位"),
        ("Li", 200, "重设李强（li）的二次验证？"),
    ):
        page = await browser.post("/second-factor/reset", data={"login": login})
        assert (page.status_code, words in page.text) == (status, True)
    assert (await factors.read(li.id)).since  # asked back first
    asked = dict(re.findall(r'name="(\w+)" value="(\w+)"', page.text))
    page = await browser.post("/second-factor/reset", data=asked)
    assert (page.status_code, "已重设李强" in page.text) == (200, True)
    assert (await factors.read(li.id)).since is None


async def test_an_editor_resets_nobodys(
    browser: httpx.AsyncClient, accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    sun = await accounts.add_staff("sun", "孙梅", "editor", PASSWORD)
    await accounts.change_password(sun.id, PASSWORD, NEW)
    await enrol(factors, zhang, clock)
    await give_password(browser, "sun")
    assert "同事的手机丢了" not in (await browser.get("/second-factor")).text
    assert (await browser.post("/second-factor/reset", data={"login": "zhang"})).status_code == 403
    assert (await factors.read(zhang.id)).since
