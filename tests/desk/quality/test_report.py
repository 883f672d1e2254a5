"""The trend by agent and week, and its file: numbers and names, nothing that anybody wrote."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from desk.audit import AuditLog
from desk.metrics import list_days
from desk.quality.export import write_report
from desk.quality.report import QualityReports, compute_report, find_monday
from desk.quality.samples import Samples
from desk.quality.schemas import CheckView
from desk.quality.service import QualityChecks
from desk.quality.sheets import load_sheets
from desk.roles import Role
from kit.errors import RequestError
from tests.desk.office import Office

GOOD = dict.fromkeys(next(reversed(load_sheets().values())), "kept")
SUNDAY = datetime(2026, 11, 8, 15, 59, tzinfo=UTC)  # a minute before Monday in China
DAYS = list(list_days(SUNDAY - timedelta(days=6), SUNDAY + timedelta(days=7)))


def make_check(agent: str, score: int, delivered_at: datetime, *, is_failed: bool = False) -> CheckView:
    return CheckView(
        id=f"{agent}-{score}-{delivered_at:%d}",
        handoff_id="=1+1",
        agent_id=agent,
        checker_id="boss",
        state="acknowledged",
        sheet_day=next(reversed(load_sheets())),
        marks=GOOD,
        score=score,
        is_failed=is_failed,
        feedback="王芳的电话要打码",
        objection=None,
        settlement=None,
        talked_at=delivered_at,
        drawn_at=delivered_at,
        delivered_at=delivered_at,
        answered_at=None,
        settled_at=None,
    )


CHECKS = [
    make_check("an", 90, SUNDAY),
    make_check("an", 60, SUNDAY + timedelta(minutes=1)),
    make_check("bo", 0, SUNDAY, is_failed=True),
]


def test_by_agent_and_week() -> None:
    report = compute_report(CHECKS, DAYS, {"an": "安宁", "bo": "薄荷"})
    assert report.weeks == (date(2026, 11, 2), date(2026, 11, 9))
    assert [(each.name, each.total.mean, each.total.failed) for each in report.agents] == [
        ("薄荷", 0, 1),
        ("安宁", 75, 0),
    ]
    assert [each.mean for each in report.agents[1].weeks] == [90, 60]
    assert [(each.mean, each.checks) for each in report.everybody.weeks] == [(45, 2), (60, 1)]


def test_without_any() -> None:
    report = compute_report([], DAYS, {})
    assert (report.agents, report.everybody.total.mean, len(report.everybody.weeks)) == ((), None, 2)


@pytest.mark.parametrize(("day", "monday"), [(2, 2), (8, 2), (9, 9)])
def test_a_week_begins_on_monday(day: int, monday: int) -> None:
    assert find_monday(date(2026, 11, day)) == date(2026, 11, monday)


def test_the_file_has_no_words_and_no_formulas() -> None:
    book = load_workbook(BytesIO(write_report(compute_report(CHECKS, DAYS, {"an": "安宁", "boss": "主管"}))))
    assert book.sheetnames == ["每周", "质检"]
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not any("王芳" in str(cell) or str(cell).startswith("=") for cell in cells)
    assert {"安宁", "未知", "全部", "主管", "是"} <= {str(cell) for cell in cells}


async def test_taking_it_out_is_written_down(office: Office) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    asked = await office.ask()
    await office.talks.take(agent, asked.id)
    await office.talks.close(agent, asked.id, "solved", "好了")
    checks = QualityChecks(office.database, office.clock)
    check_id = await Samples(office.database, office.clock).begin(boss, asked.id)
    reports = QualityReports(office.database, office.clock)
    assert (await reports.export(boss, 28)).agents == (), "not before it is delivered"
    await checks.deliver(boss, check_id, GOOD, "好")
    assert [each.name for each in (await reports.export(boss, 28)).agents] == ["安宁"]
    written = (await AuditLog(office.database).list_records(1))[0]
    assert (written.action, written.subject, written.details["rows"]) == ("exported", "quality", 1)


@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver", "admin"])
async def test_it_is_for_supervisors(office: Office, role: Role) -> None:
    with pytest.raises(RequestError) as refusal:
        await QualityReports(office.database, office.clock).read(await office.hire("an", role), 28)
    assert refusal.value.status == 403
