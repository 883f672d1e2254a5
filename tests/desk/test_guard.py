"""Before the pages: who gets past, on every way in."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from desk.accounts import Accounts
from desk.entrance import COOKIE
from desk.guard import StaffOnly
from kit.database import Database
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
OURS = {"Origin": "http://desk"}
SOCKET = "/_nicegui_ws/socket.io/"
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def show(request: Request) -> Response:
    """A page that greets its visitor."""
    if request.url.path.endswith(".csv"):
        return PlainTextResponse("a,b")
    headers = {"Content-Security-Policy": "default-src 'none'"} if request.url.path == "/strict" else {}
    return HTMLResponse(f"您好，{request.state.staff.name if hasattr(request.state, 'staff') else ''}", headers=headers)


async def talk(socket: WebSocket) -> None:
    """Repeats what it is told by whom."""
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(f"{socket.state.staff.name}：{text}")


@pytest.fixture
def app(accounts: Accounts) -> StaffOnly:
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
    routes = [WebSocketRoute(SOCKET, talk), Route("/{path:path}", show, methods=methods)]
    return StaffOnly(Starlette(routes=routes), accounts)


@pytest.fixture
async def browser(app: StaffOnly) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        yield client


@pytest.fixture
async def token(accounts: Accounts) -> str:
    """A session of 张敏, who chose her password."""
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    await accounts.change_password(staff.id, PASSWORD, NEW)
    return await accounts.sign_in("zhang", NEW)


async def open_socket(app: StaffOnly, headers: dict[str, str], *said: str) -> list[Message]:
    """All that the server sends over a socket on which the browser says this, then leaves."""
    incoming: list[Message] = [{"type": "websocket.connect"}]
    incoming += [{"type": "websocket.receive", "text": text} for text in said]
    incoming.append({"type": "websocket.disconnect", "code": 1000})
    sent: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in ({"Host": "desk"} | headers).items()]
    scope: dict[str, Any] = {"type": "websocket", "path": SOCKET, "query_string": b"", "headers": raw}
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("method", "path", "status", "location"),
    [
        ("GET", "/", 303, "/sign-in?next=/"),
        ("GET", "/talks/7?tab=notes&x=1", 303, "/sign-in?next=/talks/7%3Ftab%3Dnotes%26x%3D1"),
        ("GET", "/customers/柳河镇", 303, "/sign-in?next=/customers/%25E6%259F%25B3%25E6%25B2%25B3%25E9%2595%2587"),
        ("GET", "/docs", 303, "/sign-in?next=/docs"),
        ("GET", "/password", 303, "/sign-in?next=/password"),
        ("GET", "/second-factor", 303, "/sign-in?next=/second-factor"),
        ("POST", "/second-factor/reset", 401, None),
        ("GET", "/sign-in/oidc/answer/more", 303, None),
        ("GET", "/sign-in/../talks", 303, None),
        ("GET", "/static", 303, "/sign-in?next=/static"),
        ("POST", "/talks/7", 401, None),
        ("GET", "/_nicegui/auto/static/x/export.csv", 401, None),
        ("GET", "/_nicegui/3.18.0/dynamic_resources/x", 401, None),
        ("POST", "/_nicegui/client/x/upload/1", 401, None),
        ("GET", SOCKET, 403, None),
        ("POST", SOCKET, 403, None),
        ("GET", "/sign-in", 200, None),
        ("POST", "/sign-in", 200, None),
        ("GET", "/sign-in/code", 200, None),
        ("GET", "/sign-in/oidc", 200, None),
        ("GET", "/sign-in/oidc/answer", 200, None),
        ("POST", "/sign-out", 200, None),
        ("GET", "/healthz", 200, None),
        ("GET", "/favicon.ico", 200, None),
        ("GET", "/static/desk.css", 200, None),
        ("POST", "/v1/applications", 200, None),
        ("POST", "/v1/quota-checks", 200, None),
        ("GET", "/_nicegui/3.18.0/static/nicegui.js", 200, None),
        ("GET", "/_nicegui/3.18.0/components/abc/table.js", 200, None),
    ],
)
async def test_strangers(method: str, path: str, status: int, location: str | None, browser: httpx.AsyncClient) -> None:
    answer = await browser.request(method, path, headers=OURS | {"Cookie": f"{COOKIE}=made-up"})
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"error": {"code": "signed_out", "reason": "请先登录"}}
    if location:
        assert answer.headers["Location"] == location


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_staff_get_in_and_are_known(method: str, browser: httpx.AsyncClient, token: str) -> None:
    browser.cookies.set(COOKIE, token)
    assert (await browser.request(method, "/talks", headers=OURS)).text == "您好，张敏"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/talks", {"Referer": "https://mail.example/inbox"}, 200),  # a link in a mail
        ("GET", "/talks", {"Origin": "http://evil"}, 403),
        ("POST", "/talks", {}, 403),
        ("POST", "/talks", {"Origin": "null"}, 403),
        ("DELETE", "/talks", {"Origin": "http://evil"}, 403),
        ("POST", "/talks", {"Referer": "http://desk/talks"}, 200),
        ("GET", SOCKET, {}, 403),  # a poll could name somebody else's connection
        ("GET", SOCKET, {"Origin": "http://evil"}, 403),
        ("POST", SOCKET, {"Origin": "http://evil"}, 403),
        ("POST", "/v1/applications", {}, 200),
    ],
)
async def test_other_sites_do_not_act_for_staff(
    method: str, path: str, headers: dict[str, str], status: int, browser: httpx.AsyncClient, token: str
) -> None:
    browser.cookies.set(COOKIE, token)
    assert (await browser.request(method, path, headers=headers)).status_code == status


async def test_a_first_password_is_to_be_changed_before_anything_else(
    accounts: Accounts, app: StaffOnly, browser: httpx.AsyncClient
) -> None:
    await accounts.add_staff("li", "李强", "agent", PASSWORD)
    cookie = {"Cookie": f"{COOKIE}={await accounts.sign_in('li', PASSWORD)}"}
    page = await browser.get("/talks", headers=cookie)
    assert (page.status_code, page.headers["Location"]) == (303, "/password")
    assert (await browser.get("/password", headers=cookie)).status_code == 200
    assert (await browser.post("/password", headers=cookie | OURS)).status_code == 200
    refused = await browser.post("/talks", headers=cookie | OURS)
    assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "请先修改密码")
    assert await open_socket(app, cookie | OURS, "在吗") == [{"type": "websocket.close", "code": 1008}]


async def test_who_must_have_a_second_factor_adds_it_before_anything_else(
    database: Database, clock: FixedClock, app: StaffOnly, browser: httpx.AsyncClient, token: str
) -> None:
    app.accounts = Accounts(database, clock, second_factor_roles={"agent"})
    cookie = {"Cookie": f"{COOKIE}={token}"}
    for path in ("/talks", "/password", "/second-factor/remove"):
        page = await browser.get(path, headers=cookie)
        assert (page.status_code, page.headers["Location"]) == (303, "/second-factor")
        refused = await browser.post(path, headers=cookie | OURS)
        assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "请先启用二次验证")
    assert (await browser.get("/second-factor", headers=cookie)).status_code == 200
    assert (await browser.post("/second-factor/confirm", headers=cookie | OURS)).status_code == 200
    assert await open_socket(app, cookie | OURS, "在吗") == [{"type": "websocket.close", "code": 1008}]


async def test_a_socket_opens_for_staff_on_our_pages_only(app: StaffOnly, token: str) -> None:
    cookie = {"Cookie": f"{COOKIE}={token}"}
    accepted, answer = await open_socket(app, cookie | OURS, "在吗")
    assert (accepted["type"], answer["text"]) == ("websocket.accept", "张敏：在吗")
    for headers in ({}, OURS, cookie, cookie | {"Origin": "http://evil"}, cookie | {"Origin": "null"}):
        assert await open_socket(app, headers, "在吗") == [{"type": "websocket.close", "code": 1008}]


async def test_an_open_socket_ends_with_its_session(
    app: StaffOnly, accounts: Accounts, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.watch_seconds = 0
    headers = {"Cookie": f"{COOKIE}={token}"} | OURS
    assert [m.get("text") for m in await open_socket(app, headers, "一", "二")] == [None, "张敏：一", "张敏：二"]

    looks = 0
    find_session = accounts.sessions.find

    async def sign_out_meanwhile(given: str, *, is_input: bool = False) -> Any:
        nonlocal looks
        looks += 1
        if looks == 4:  # the handshake, its connect message, the first words; then she signs out elsewhere
            await accounts.sessions.end(token)
        return await find_session(given, is_input=is_input)

    monkeypatch.setattr(accounts.sessions, "find", sign_out_meanwhile)
    assert [m.get("text") for m in await open_socket(app, headers, "一", "二")] == [None, "张敏：一"]


async def test_pages_carry_safe_headers_and_keep_their_own(browser: httpx.AsyncClient, token: str) -> None:
    browser.cookies.set(COOKIE, token)
    page = (await browser.get("/talks")).headers
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert (await browser.get("/strict")).headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Content-Security-Policy" not in (await browser.get("/export.csv")).headers
