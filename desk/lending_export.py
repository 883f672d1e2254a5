"""The lending report as a spreadsheet."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from applications.stages import STAGE_NAMES
from desk.lending_metrics import GroupMetrics, LendingMetrics
from desk.lending_reports import LendingReports
from desk.report_files import Sheets, build_report_router, write_sheets_of
from imports.cells import TEXT, WHOLE
from imports.columns import Column

PERIODS = {30: "近30天", 90: "近90天", 365: "近一年"}
HOUR = 3600


class FunnelRow(BaseModel):
    """How many came as far as this."""

    name: Annotated[str, Column("环节", TEXT, "")]
    count: Annotated[int, Column("数量", WHOLE, "")]


class StageRow(BaseModel):
    """A stage; times in hours."""

    stage: Annotated[str, Column("阶段", TEXT, "")]
    here: Annotated[int, Column("现在", WHOLE, "")]
    late: Annotated[int, Column("超时", WHOLE, "")]
    left: Annotated[int, Column("已走完", WHOLE, "")]
    median: Annotated[int | None, Column("用时中位数（小时）", WHOLE, "")]
    p90: Annotated[int | None, Column("九成在（小时）", WHOLE, "")]


class GroupRow(BaseModel):
    """A product, place, account manager, campaign or kind."""

    name: Annotated[str, Column("名称", TEXT, "")]
    submitted: Annotated[int, Column("提交", WHOLE, "")]
    approved: Annotated[int, Column("批准", WHOLE, "")]
    declined: Annotated[int, Column("未通过", WHOLE, "")]
    drawn: Annotated[int, Column("放款（办结）", WHOLE, "")]
    late: Annotated[int, Column("超时", WHOLE, "")]
    amount: Annotated[int, Column("申请金额（元）", WHOLE, "")]
    decision: Annotated[int | None, Column("审批用时中位数（小时）", WHOLE, "")]


class QuestionRow(BaseModel):
    """A question of the form."""

    label: Annotated[str, Column("问题", TEXT, "")]
    asked: Annotated[int, Column("问到", WHOLE, "")]
    stopped: Annotated[int, Column("停在这里", WHOLE, "")]


def build_router(reports: LendingReports) -> APIRouter:
    """GET /export/lending.xlsx; RequestError 403 without permission for the dashboard."""
    return build_report_router(
        "lending", reports.export, write_report, PERIODS, lambda report: (report.days[0].day, report.days[-1].day)
    )


def write_report(report: LendingMetrics) -> bytes:
    """The file."""
    sheets: Sheets = {
        "漏斗": (FunnelRow, (FunnelRow(**each.model_dump()) for each in report.funnel)),
        "阶段": (StageRow, _build_stages(report)),
        "产品": (GroupRow, map(_build_group, report.products)),
        "村镇": (GroupRow, map(_build_group, report.places)),
        "客户经理": (GroupRow, map(_build_group, report.managers)),
        "活动": (GroupRow, map(_build_group, report.campaigns)),
        "续贷用款年审": (GroupRow, map(_build_group, report.existing)),
        "申请表": (QuestionRow, (QuestionRow(**each.model_dump()) for each in report.questions)),
    }
    return write_sheets_of(sheets)


def _build_stages(report: LendingMetrics) -> Iterable[StageRow]:
    for each in report.stages:
        counts = each.model_dump(include={"here", "late", "left"})
        times = {"median": _count_hours(each.time.median), "p90": _count_hours(each.time.p90)}
        yield StageRow(stage=STAGE_NAMES[each.stage], **counts, **times)


def _build_group(group: GroupMetrics) -> GroupRow:
    values = group.model_dump(exclude={"decision"})
    return GroupRow(**values, decision=_count_hours(group.decision.median))


def _count_hours(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / HOUR)
