"""Handoffs for Excel: who may have them, which, how they look, and what is written down of it."""

import csv
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from conversations.tables import Conversation, Customer, Handoff
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.entrance import COOKIE
from desk.export import build_router, read_period
from desk.guard import StaffOnly
from desk.roles import Role
from desk.services import DeskServices
from desk.settings import DeskSettings
from kit.clock import CHINA
from kit.database import Database
from kit.errors import RequestError
from kit.web import create_web_app
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
JULY_1 = datetime(2026, 7, 1, 9, 30, tzinfo=CHINA)
PERIOD = {"from": "2026-07-01", "to": "2026-07-02"}


@pytest.fixture
async def app(database_url: str, accounts: Accounts, clock: FixedClock) -> AsyncIterator[FastAPI]:
    desk = DeskServices(DeskSettings(database_url=database_url), clock)
    app = create_web_app("desk", checks={})
    app.add_middleware(StaffOnly, accounts=accounts)
    app.include_router(build_router(desk.database, desk.accounts, clock, batch=4))
    yield app
    await desk.close()


async def sign_in(app: FastAPI, accounts: Accounts, role: Role) -> httpx.AsyncClient:
    staff = await accounts.add_staff(role.replace("_", "."), f"员工{role}", role, PASSWORD)
    await accounts.change_password(staff.id, PASSWORD, f"{PASSWORD}-新")
    token = await accounts.sign_in(staff.login, f"{PASSWORD}-新")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk", cookies={COOKIE: token})


@pytest.fixture
async def supervisor(app: FastAPI, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    async with await sign_in(app, accounts, "supervisor") as client:
        yield client


async def add_handoffs(database: Database, *handoffs: dict[str, Any], channel: str = "web") -> None:
    async with database.transaction() as session:
        customer = Customer(
            id=channel, channel=channel, channel_user_id="1", source="village:青石乡", created_at=JULY_1
        )
        session.add(customer)
        await session.flush()
        session.add(Conversation(id=channel, customer_id=channel, holder="bot", created_at=JULY_1))
        await session.flush()
        for number, values in enumerate(handoffs):
            fields = {"id": f"{channel}-{number:03}", "reason": "complaint", "state": "closed", "requested_at": JULY_1}
            session.add(Handoff(**fields | values, conversation_id=channel, slots={}))


async def fetch(client: httpx.AsyncClient, **params: str) -> list[dict[str, str]]:
    response = await client.get("/export/handoffs.csv", params=PERIOD | params)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))


async def test_a_line_says_it_all(supervisor: httpx.AsyncClient, database: Database, accounts: Accounts) -> None:
    agent = await accounts.add_staff("an", "安然", "agent", PASSWORD)
    minute = timedelta(minutes=1)
    handoff = {
        "reason": "sensitive",
        "topic": "scam",
        "product": "farmer_loan",
        "region": "柳河镇",
        "agent_id": agent.id,
        "accepted_at": JULY_1 + minute,
        "answered_at": JULY_1 + 1.5 * minute,
        "ended_at": JULY_1 + 11 * minute,
        "disposition": "solved",
        "summary": "客户电话13812345678，\n已报警",
        "rating": 5,
    }
    await add_handoffs(database, handoff, {"requested_at": JULY_1 + minute, "state": "queued"})
    first, second = await fetch(supervisor)
    assert first == {
        "编号": "web-000",
        "请求时间": "2026-07-01 09:30:00",
        "开始接待时间": "2026-07-01 09:31:00",
        "首次回复时间": "2026-07-01 09:31:30",
        "结束时间": "2026-07-01 09:41:00",
        "渠道": "网页",
        "地区": "柳河镇",
        "来源": "来自村镇：青石乡",
        "产品": "农户贷",
        "转人工原因": "敏感话题·诈骗",
        "状态": "已结束",
        "接待人": "安然",
        "等待秒数": "90",
        "处理秒数": "600",
        "处理结果": "已解决",
        "小结": "客户电话138****5678，\n已报警",
        "评分": "5",
        "评价": "",
    }
    assert {name for name, cell in second.items() if cell} == {"编号", "请求时间", "渠道", "来源", "转人工原因", "状态"}


async def test_excel_reads_it_as_it_is(supervisor: httpx.AsyncClient, database: Database) -> None:
    await add_handoffs(database, {"region": "=HYPERLINK(1)", "summary": "@张敏"}, {"region": "-柳河", "summary": "1=1"})
    response = await supervisor.get("/export/handoffs.csv", params=PERIOD)
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="handoffs_2026-07-01_2026-07-02.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    lines = await fetch(supervisor)
    assert [(x["地区"], x["小结"]) for x in lines] == [("'=HYPERLINK(1)", "'@张敏"), ("'-柳河", "1=1")]


async def test_whole_days_in_china_and_one_channel(supervisor: httpx.AsyncClient, database: Database) -> None:
    midnight, day, tick = datetime(2026, 7, 1, tzinfo=CHINA), timedelta(days=1), timedelta(microseconds=1)
    moments = (midnight - tick, midnight, midnight + 2 * day - tick, midnight + 2 * day)
    await add_handoffs(database, *({"requested_at": at} for at in moments))
    await add_handoffs(database, {}, channel="wechat")
    assert [line["编号"] for line in await fetch(supervisor)] == ["web-001", "wechat-000", "web-002"]
    assert [line["编号"] for line in await fetch(supervisor, channel="wechat")] == ["wechat-000"]


async def test_many_come_each_once_in_their_order(supervisor: httpx.AsyncClient, database: Database) -> None:
    for total in (8, 9):  # batches that end even, and one with a rest; some of the same moment
        channel = f"channel-{total}"
        rows = [{"requested_at": JULY_1 + timedelta(minutes=number // 3)} for number in range(total)]
        await add_handoffs(database, *rows, channel=channel)
        lines = [line["编号"] for line in await fetch(supervisor) if line["编号"].startswith(channel)]
        assert lines == [f"{channel}-{number:03}" for number in range(total)]


async def test_it_is_written_down(supervisor: httpx.AsyncClient, database: Database) -> None:
    await add_handoffs(database, {}, {})
    await fetch(supervisor, channel="web")
    written = (await AuditLog(database).list_records(1))[0]
    assert (written.action, written.subject) == ("exported", "handoffs")
    asked = {"from": "2026-07-01", "to": "2026-07-02", "channel": "web", "rows": 2}
    assert written.details == {"address": "127.0.0.1", **asked}
    assert written.staff_id is not None


@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver", "admin"])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_only_supervisors_get_it(app: FastAPI, accounts: Accounts, database: Database, role: Role) -> None:
    async with await sign_in(app, accounts, role) as client:
        response = await client.get("/export/handoffs.csv", params=PERIOD)
    assert response.status_code == 403
    assert response.json()["error"] == {"code": "not_allowed", "reason": "您的角色不能导出数据"}
    assert "exported" not in {r.action for r in await AuditLog(database).list_records(10)}


@pytest.mark.parametrize(
    ("params", "code", "reason"),
    [
        ({"from": ""}, "invalid_dates", "请写明起止日期，例如 2026-11-01"),
        ({"from": "2026-02-30"}, "invalid_dates", "请写明起止日期，例如 2026-11-01"),
        ({"to": "明天"}, "invalid_dates", "请写明起止日期，例如 2026-11-01"),
        ({"from": "2026-07-03"}, "invalid_dates", "开始日期不能晚于结束日期"),
        ({"from": "2025-06-30"}, "invalid_dates", "一次最多导出366天"),
        ({"channel": "fax"}, "unknown_channel", "没有这个渠道"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_will_not_do(supervisor: httpx.AsyncClient, params: dict[str, str], code: str, reason: str) -> None:
    response = await supervisor.get("/export/handoffs.csv", params=PERIOD | params)
    assert response.status_code == 422
    assert response.json()["error"] == {"code": code, "reason": reason}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0001-01-01", "0001-01-02"),
        ("9999-12-30", "9999-12-31"),
        ("", "2026-07-01"),
        ("2026-07-01T00:00", "2026-07-02"),
    ],
)
def test_days_beyond_the_calendar(first: str, last: str) -> None:
    with pytest.raises(RequestError, match="422 invalid_dates"):
        read_period(first, last)


def test_a_leap_year_is_not_too_long() -> None:
    since, until = read_period("2028-01-01", "2028-12-31")
    assert until - since == timedelta(days=366)


async def test_handling_is_written_though_the_customer_had_asked_for_a_call_first(
    supervisor: httpx.AsyncClient, database: Database
) -> None:
    minute = timedelta(minutes=1)
    served = {"accepted_at": JULY_1, "ended_at": JULY_1 + 10 * minute, "callback_phone": "13812345678"}
    await add_handoffs(database, served, {**served, "callback_booked_at": JULY_1 + 5 * minute})
    assert [line["处理秒数"] for line in await fetch(supervisor)] == ["600", ""]
