"""Quality checks as a spreadsheet: the trend, and each check with its marks; nothing that anybody wrote."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from desk.quality.report import QualityReport, QualityReports
from desk.quality.schemas import STATE_NAMES
from desk.quality.sheets import MARK_NAMES
from desk.report_files import Sheets, build_report_router, write_sheets_of
from imports.cells import DATE, TEXT, WHOLE
from imports.columns import Column
from kit.clock import CHINA

PERIODS = {28: "近4周", 56: "近8周", 182: "近半年"}


class WeekRow(BaseModel):
    """An agent's week."""

    name: Annotated[str, Column("坐席", TEXT, "")]
    week: Annotated[date, Column("星期一", DATE, "")]
    checks: Annotated[int, Column("质检数", WHOLE, "")]
    mean: Annotated[int | None, Column("平均分", WHOLE, "")]
    failed: Annotated[int, Column("一票否决", WHOLE, "")]


class CheckRow(BaseModel):
    """One check."""

    day: Annotated[date | None, Column("反馈日期", DATE, "")]
    agent: Annotated[str, Column("坐席", TEXT, "")]
    checker: Annotated[str, Column("质检人", TEXT, "")]
    talk: Annotated[str, Column("会话编号", TEXT, "")]
    score: Annotated[int | None, Column("得分", WHOLE, "")]
    failed: Annotated[str, Column("一票否决", TEXT, "")]
    state: Annotated[str, Column("状态", TEXT, "")]
    marks: Annotated[str, Column("各项", TEXT, "")]


def build_router(reports: QualityReports) -> APIRouter:
    """GET /export/quality.xlsx; RequestError 403 but for supervisors."""
    return build_report_router(
        "quality", reports.export, write_report, PERIODS, lambda report: (report.first, report.last)
    )


def write_report(report: QualityReport) -> bytes:
    """The file."""
    sheets: Sheets = {"每周": (WeekRow, _build_weeks(report)), "质检": (CheckRow, _build_checks(report))}
    return write_sheets_of(sheets)


def _build_weeks(report: QualityReport) -> Iterable[WeekRow]:
    for agent in (*report.agents, report.everybody):
        for week, average in zip(report.weeks, agent.weeks, strict=True):
            mean = None if average.mean is None else round(average.mean)
            yield WeekRow(name=agent.name, week=week, checks=average.checks, mean=mean, failed=average.failed)


def _build_checks(report: QualityReport) -> Iterable[CheckRow]:
    for check in report.checks:
        marks = (f"{each.name}：{MARK_NAMES[check.marks[code]]}" for code, each in check.sheet.items())
        yield CheckRow(
            day=check.delivered_at.astimezone(CHINA).date() if check.delivered_at else None,
            agent=report.names.get(check.agent_id, "未知"),
            checker=report.names.get(check.checker_id, "未知"),
            talk=check.handoff_id,
            score=check.score,
            failed="是" if check.is_failed else "",
            state=STATE_NAMES[check.state],
            marks="；".join(marks),
        )
