"""The report on the knowledge as a spreadsheet."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from analytics.report import KnowledgeReport, ReportedEntry
from analytics.rot import RotReason
from analytics.schemas import QuestionMetrics
from desk.knowledge_reports import KnowledgeReports
from desk.report_files import Sheets, build_report_router, write_sheets_of
from imports.cells import DATE, PERCENT, TEXT, WHOLE
from imports.columns import Column
from unanswered.costs import CostlyCluster
from unanswered.schemas import STATE_NAMES

PERIODS = {7: "近7天", 30: "近30天", 90: "近90天"}
ROT: dict[RotReason, str] = {
    "expires": "快到期",
    "right_falls": "答对的少了",
    "down_rises": "没帮上的多了",
    "old": "一年没审过",
}


class DayRow(BaseModel):
    """A day."""

    day: Annotated[date, Column("日期", DATE, "")]
    asked: Annotated[int, Column("提问", WHOLE, "")]
    answered: Annotated[int, Column("答上", WHOLE, "")]
    right: Annotated[int, Column("一次答对", WHOLE, "")]
    offered: Annotated[int, Column("给出选项", WHOLE, "")]
    taken: Annotated[int, Column("选了选项", WHOLE, "")]
    up: Annotated[int, Column("有用", WHOLE, "")]
    down: Annotated[int, Column("没帮上", WHOLE, "")]
    talks: Annotated[int, Column("会话", WHOLE, "")]
    contained: Annotated[int, Column("没转人工的会话", WHOLE, "")]


class EntryRow(BaseModel):
    """An entry that answered, is dead or rots."""

    entry_id: Annotated[str, Column("编号", TEXT, "")]
    question: Annotated[str, Column("问题", TEXT, "")]
    answers: Annotated[int, Column("回答次数", WHOLE, "")]
    before: Annotated[int, Column("上一期次数", WHOLE, "")]
    right: Annotated[int, Column("答对", WHOLE, "")]
    right_rate: Annotated[Decimal | None, Column("答对占比", PERCENT, "")]
    up: Annotated[int, Column("有用", WHOLE, "")]
    down: Annotated[int, Column("没帮上", WHOLE, "")]
    talks: Annotated[int, Column("会话", WHOLE, "")]
    contained: Annotated[int, Column("没转人工的会话", WHOLE, "")]
    remarks: Annotated[str, Column("要留意", TEXT, "")]


class ClusterRow(BaseModel):
    """A cluster of unanswered questions."""

    title: Annotated[str, Column("没答上的问题", TEXT, "")]
    state: Annotated[str, Column("处理", TEXT, "")]
    asked: Annotated[int, Column("问了几次", WHOLE, "")]
    handoffs: Annotated[int, Column("转人工", WHOLE, "")]
    minutes: Annotated[int, Column("人工分钟", WHOLE, "")]


def build_router(reports: KnowledgeReports) -> APIRouter:
    """GET /export/knowledge.xlsx; RequestError 403 without permission for the knowledge."""
    return build_report_router(
        "knowledge", reports.export, write_report, PERIODS, lambda report: (report.first, report.last)
    )


def write_report(report: KnowledgeReport) -> bytes:
    """The file."""
    dead = {entry.entry_id for entry in report.dead}
    listed = {entry.entry_id: entry for entry in (*report.entries, *report.rotting, *report.dead)}
    sheets: Sheets = {
        "每天": (DayRow, (_build_day(day, total) for day, total in sorted(report.days.items()))),
        "知识": (EntryRow, (_build_entry(each, is_dead=key in dead) for key, each in listed.items())),
        "没答上的": (ClusterRow, map(_build_cluster, report.clusters)),
    }
    return write_sheets_of(sheets)


def list_remarks(entry: ReportedEntry, *, is_dead: bool = False) -> Sequence[str]:
    """Why it has to be looked at, in words."""
    return [*(ROT[reason] for reason in entry.rot), *(["90天没人问到"] if is_dead else [])]


def _build_day(day: date, total: QuestionMetrics) -> DayRow:
    return DayRow(day=day, **total.model_dump())


def _build_entry(entry: ReportedEntry, *, is_dead: bool) -> EntryRow:
    share = entry.metrics.right_rate
    values: dict[str, Any] = entry.metrics.model_dump()
    return EntryRow(
        entry_id=entry.entry_id,
        question=entry.question,
        before=entry.before.answers,
        right_rate=None if share is None else Decimal(f"{100 * share:.1f}"),
        remarks="；".join(list_remarks(entry, is_dead=is_dead)),
        **values,
    )


def _build_cluster(cluster: CostlyCluster) -> ClusterRow:
    values = {name: getattr(cluster, name) for name in ("title", "asked", "handoffs")}
    return ClusterRow(state=STATE_NAMES[cluster.state], minutes=round(cluster.seconds / 60), **values)
