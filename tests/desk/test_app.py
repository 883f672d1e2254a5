"""The staff page: behind its password, showing who waits, with nothing of theirs shown raw."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from conversations.client import Conversations
from conversations.inbox import Inbox
from conversations.schemas import HandoffRequest, InboundMessage, Reply, TurnOutcome
from desk.app import create_app
from kit.database import Database
from kit.settings import Settings
from tests.fakes import FixedClock

PASSWORD = "open-sesame-密"
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def sign(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


STAFF = {"Authorization": sign("staff", PASSWORD)}


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[FastAPI]:
    settings = Settings(
        database_url=database_url, staff_password=SecretStr(PASSWORD), service_token=SecretStr("token-of-the-actions")
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def desk(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        yield client


async def hand_over(database: Database, handoff: HandoffRequest, *said: str, user: str = "zhang") -> None:
    """A customer says something, the bot answers each time, and hands over at the end."""
    clock = FixedClock(datetime(2026, 6, 30, 23, 5, tzinfo=UTC))
    inbox = Inbox(database, clock)
    conversation = await Conversations(database, clock).open_conversation("web", user)
    for text in said:
        inbound = InboundMessage(message_id=f"message-{text}"[:64], text=text)
        recorded = await inbox.record(conversation.id, inbound, worker="worker-1")
        outcome = TurnOutcome(replies=[Reply(text=f"听到：{text}")], handoff=handoff if text == said[-1] else None)
        await inbox.record_outcome(conversation.id, recorded.message.id, outcome, worker="worker-1")


class Page(HTMLParser):
    """What a reader sees, and the elements that carry it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


@sqlite_only
async def test_only_staff_get_in(desk: httpx.AsyncClient, database: Database) -> None:
    await hand_over(database, HandoffRequest(reason="customer_request"), "转人工")
    wrong = (
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic \u00e9\u00ff",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Bearer " + PASSWORD.split("-密")[0],
        sign("staff", "wrong"),
        sign("staff", ""),
        sign("staff", PASSWORD + " "),
        sign("admin", PASSWORD),
        sign("", PASSWORD),
        sign("staff:", PASSWORD),
    )
    responses = [await desk.get("/", headers=httpx.Headers({"Authorization": w}, encoding="latin-1")) for w in wrong]
    for header, response in zip(wrong, [*responses], strict=True):
        assert response.status_code == 401, header
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")  # the browser asks for the password
        assert "转人工" not in response.text
    assert (await desk.get("/")).status_code == 401
    assert (await desk.get("/", headers=STAFF)).status_code == 200


@sqlite_only
async def test_a_desk_without_a_password_lets_nobody_in(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://desk") as desk,
    ):
        assert (await desk.get("/", headers={"Authorization": sign("staff", "")})).status_code == 401


async def test_it_shows_who_waits_and_what_was_said(desk: httpx.AsyncClient, database: Database) -> None:
    slots = {"product": "农户贷", "amount": 200_000, "phone": "13812345678", "name": "张建国", "has_overdue": False}
    await hand_over(database, HandoffRequest(reason="complaint", slots=slots), "我的电话13812345678", "转人工")
    response = await desk.get("/", headers=STAFF)
    assert response.status_code == 200
    page = Page(response.text)
    start = page.words.index("投诉")
    assert page.words[start:] == [
        *("投诉", "网页客户", "7月1日 07:05 起等待"),
        "填写的信息",
        *("产品", "农户贷", "想借金额", "200,000元", "电话", "138****5678", "姓名", "张建国", "有逾期", "否"),
        "对话记录",
        *("客户", "7月1日 07:05", "我的电话138****5678"),
        *("小禾", "7月1日 07:05", "听到：我的电话138****5678"),
        *("客户", "7月1日 07:05", "转人工"),
        *("小禾", "7月1日 07:05", "听到：转人工"),
    ]
    assert "1 位，等得最久的在前" in page.words
    assert "13812345678" not in response.text


@sqlite_only
async def test_what_customers_write_is_text_and_never_markup(desk: httpx.AsyncClient, database: Database) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    slots = {"purpose": attack, attack: attack}
    await hand_over(database, HandoffRequest(reason="<b>x</b>", slots=slots), attack)
    response = await desk.get("/", headers=STAFF)
    page = Page(response.text)
    assert page.words.count(attack) == 4  # the purpose, both sides of the odd slot, the message
    assert "<b>x</b>" in page.words
    assert not {"script", "img", "b"} & page.tags
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


@sqlite_only
async def test_nobody_waits(desk: httpx.AsyncClient) -> None:
    assert "现在没有客户在等人工。" in Page((await desk.get("/", headers=STAFF)).text).words


@sqlite_only
async def test_the_page_finds_its_styles_and_nothing_else_is_sent(desk: httpx.AsyncClient) -> None:
    assert 'href="/static/desk.css"' in (await desk.get("/", headers=STAFF)).text
    styles = await desk.get("/static/desk.css")
    assert styles.status_code == 200
    assert styles.headers["Content-Type"].startswith("text/css")
    assert styles.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/static/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/static/"):
        assert (await desk.get(path, headers=STAFF)).status_code == 404, path
        assert "create_app" not in (await desk.get(path, headers=STAFF)).text


@sqlite_only
async def test_it_holds_the_applications_service_behind_its_own_token(desk: httpx.AsyncClient) -> None:
    path, params = "/v1/applications", {"conversation_id": "conversation-1"}
    assert (await desk.get(path, params=params, headers=STAFF)).status_code == 401
    let_in = await desk.get(path, params=params, headers={"Authorization": "Bearer token-of-the-actions"})
    assert let_in.json() == {"applications": []}


@sqlite_only
async def test_health_tells_of_the_database(desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/healthz")).json() == {"status": "ok", "parts": {"database": "ok"}}
