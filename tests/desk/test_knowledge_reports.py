"""The report on the knowledge: its numbers beside those of the period before, who may have it, and as a spreadsheet."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from analytics import repository
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.worker import PAUSE, STALLED_AFTER
from desk.audit import AuditLog
from desk.entrance import COOKIE
from desk.guard import StaffOnly
from desk.knowledge_export import build_router
from desk.knowledge_reports import KnowledgeReports
from desk.roles import Role
from kit.database import Database
from kit.errors import RequestError
from kit.web import create_web_app
from knowledge.record import entry_revisions
from tests.desk.office import PASSWORD, Office
from tests.fakes import FixedClock

DAY = timedelta(days=1)
TEXTS = {"category": "card", "similar_questions": [], "answer": "请看公告。"}


@pytest.fixture
def reports(office: Office) -> KnowledgeReports:
    return KnowledgeReports(office.database, office.clock)


async def publish(database: Database, clock: FixedClock, key: str, question: str, **content: Any) -> None:
    async with database.transaction() as session:
        published = [(clock.now.date() - 400 * DAY, {**TEXTS, "question": question, **content})]
        await entry_revisions.seed(session, key, published, clock.now)


async def keep(office: Office, day: date, total: QuestionMetrics, entries: Mapping[str, EntryMetrics]) -> None:
    async with office.database.transaction() as session:
        assert await repository.claim_day(session, day, office.clock.now, PAUSE, STALLED_AFTER)
        await repository.keep_day(session, day, total, entries, office.clock.now)


def answers(count: int, right: int, down: int = 0) -> EntryMetrics:
    return EntryMetrics(answers=count, right=right, down=down, talks=count, contained=right)


@pytest.fixture
async def today(office: Office) -> date:
    """Rates are asked more often than in the week before, and answered worse; cards as they were."""
    day = office.clock.now.date()
    await publish(office.database, office.clock, "rate", "=利息多少？")
    await publish(office.database, office.clock, "card", "卡丢了怎么办？")
    await publish(
        office.database, office.clock, "history", "行史在哪里看？", expires_at=(office.clock.now + DAY).isoformat()
    )
    await keep(office, day - 100 * DAY, QuestionMetrics(), {})
    before = {"rate": answers(20, 18), "card": answers(4, 3)}
    await keep(office, day - 7 * DAY, QuestionMetrics(asked=30, answered=24, right=21), before)
    now = {"rate": answers(30, 15, down=4), "card": answers(3, 3), "gone": answers(1, 1)}
    await keep(office, day - 6 * DAY, QuestionMetrics(asked=20, answered=18, right=10, offered=4, taken=1), now)
    await keep(office, day, QuestionMetrics(asked=20, answered=18, right=9, talks=10, contained=8), {})
    return day


async def test_a_period_beside_the_one_before(office: Office, reports: KnowledgeReports, today: date) -> None:
    report = await reports.read(await office.hire("sun", "editor"), 7)
    assert (report.first, report.last, list(report.days)) == (today - 6 * DAY, today, [today - 6 * DAY, today])
    assert (report.total.asked, report.before.asked) == (40, 30)
    assert (report.total.answer_rate, report.total.right_rate, report.before.answer_rate) == (0.9, 0.475, 0.8)
    assert (report.total.taken_rate, report.total.containment, report.counted_at) == (0.25, 0.8, office.clock.now)
    entries = [(each.question, each.metrics.answers, each.before.answers) for each in report.entries]
    assert entries == [("=利息多少？", 30, 20), ("卡丢了怎么办？", 3, 4), ("gone", 1, 0)]
    rotting = {each.entry_id: each.rot for each in report.rotting}
    assert rotting == {"history": ("expires",), "rate": ("right_falls", "down_rises")}
    assert [each.entry_id for each in report.dead] == ["history"]
    assert await reports.list_dead(await office.hire("lu", "approver")) == {"history"}


@pytest.mark.parametrize("role", ["agent", "account_manager", "admin"])
async def test_it_is_for_the_knowledge_team(office: Office, reports: KnowledgeReports, role: Role) -> None:
    with pytest.raises(RequestError) as refusal:
        await reports.read(await office.hire(role.replace("_", "."), role), 7)
    assert refusal.value.status == 403


@pytest.fixture
async def client(office: Office, reports: KnowledgeReports) -> AsyncIterator[httpx.AsyncClient]:
    staff = await office.hire("zhou", "approver")
    await office.accounts.change_password(staff.id, PASSWORD, f"{PASSWORD}-新")
    token = await office.accounts.sign_in("zhou", f"{PASSWORD}-新")
    app: FastAPI = create_web_app("desk", checks={})
    app.add_middleware(StaffOnly, accounts=office.accounts)
    app.include_router(build_router(reports))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", cookies={COOKIE: token}) as opened:
        yield opened


async def test_as_a_spreadsheet(office: Office, client: httpx.AsyncClient, today: date) -> None:
    response = await client.get("/export/knowledge.xlsx", params={"days": "7"})
    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"] == f'attachment; filename="knowledge_{today - 6 * DAY}_{today}.xlsx"'
    book = load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["每天", "知识", "没答上的"]
    days, entries, _ = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    assert [(day.date(), *more[:2]) for day, *more in days[1:]] == [(today - 6 * DAY, 20, 18), (today, 20, 18)]
    rate, card, gone, history = [dict(zip(entries[0], row, strict=True)) for row in entries[1:]]
    assert (rate["问题"], rate["回答次数"], rate["答对占比"]) == ("'=利息多少？", 30, 0.5)  # no formula
    assert (rate["要留意"], card["要留意"], gone["编号"]) == ("答对的少了；没帮上的多了", None, "gone")
    assert (history["回答次数"], history["要留意"]) == (0, "快到期；90天没人问到")
    written = (await AuditLog(office.database).list_records(1))[0]
    assert (written.action, written.subject, written.details["rows"]) == ("exported", "entries", 3)


async def test_a_period_that_is_not_offered(client: httpx.AsyncClient) -> None:
    for days in ("", "8", "7000", "x"):
        assert (await client.get("/export/knowledge.xlsx", params={"days": days})).status_code == 422
