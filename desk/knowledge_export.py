"""The report on the knowledge as a spreadsheet."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from analytics.report import KnowledgeReport, ReportedEntry
from analytics.rot import RotReason
from analytics.schemas import QuestionMetrics
from desk.knowledge_reports import KnowledgeReports
from desk.schemas import StaffView
from imports.cells import DATE, PERCENT, TEXT, WHOLE
from imports.columns import Column, list_columns
from imports.writing import XLSX
from kit.errors import RequestError
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
    """GET /export/knowledge.xlsx: the report of the last `days`.

    RequestError 403 without permission for the knowledge, 422 for another number of days.
    """
    router = APIRouter(prefix="/export", tags=["export"])

    @router.get("/knowledge.xlsx")
    async def export_knowledge(request: Request, days: str = "") -> Response:
        """Three sheets: days, entries, unanswered questions."""
        staff: StaffView = request.state.staff  # set by the guard
        if days not in map(str, PERIODS):
            raise RequestError(422, "unknown_period", "请选择近7天、近30天或近90天")
        report = await reports.export(staff, int(days))
        name = f"knowledge_{report.first}_{report.last}.xlsx"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(await asyncio.to_thread(write_report, report), media_type=XLSX, headers=headers)

    return router


def write_report(report: KnowledgeReport) -> bytes:
    """The file."""
    from imports.xlsx_files import write_sheets  # its library is slow to load

    dead = {entry.entry_id for entry in report.dead}
    listed = {entry.entry_id: entry for entry in (*report.entries, *report.rotting, *report.dead)}
    sheets: Mapping[str, tuple[type[BaseModel], Iterable[BaseModel]]] = {
        "每天": (DayRow, (_build_day(day, total) for day, total in sorted(report.days.items()))),
        "知识": (EntryRow, (_build_entry(each, is_dead=key in dead) for key, each in listed.items())),
        "没答上的": (ClusterRow, map(_build_cluster, report.clusters)),
    }
    return write_sheets({title: (list_columns(model), list(rows)) for title, (model, rows) in sheets.items()})


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
