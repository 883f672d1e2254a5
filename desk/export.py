"""The CSV export of handoffs for supervisors: masked, safe to open in Excel, and audited."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import STATE_NAMES
from conversations.handoff.statistics import HandoffStatistics
from desk.accounts import Accounts
from desk.audit import record
from desk.roles import may
from desk.schemas import StaffView
from desk.talks import DISPOSITIONS
from desk.wording import CHANNELS, describe_reason, describe_source, name_value
from imports.csv_files import BOM, write_csv
from kit.clock import CHINA, Clock
from kit.database import Database
from kit.errors import RequestError
from kit.masking import mask_personal_data

DAYS_MAX = 366
HEADINGS = (
    *("编号", "请求时间", "开始接待时间", "首次回复时间", "结束时间", "渠道", "地区", "来源", "产品", "转人工原因"),
    *("状态", "接待人", "等待秒数", "处理秒数", "处理结果", "小结", "评分", "评价"),
)


def build_router(database: Database, accounts: Accounts, clock: Clock, *, batch: int = 500) -> APIRouter:
    """GET /export/handoffs.csv: requests of the days `from` to `to` in China, on a `channel` or all.

    RequestError 403 without permission for the dashboard, 422 for invalid days or channel.
    """
    router = APIRouter(prefix="/export", tags=["export"])

    @router.get("/handoffs.csv")
    async def export_handoffs(
        request: Request,
        first: Annotated[str, Query(alias="from")] = "",
        last: Annotated[str, Query(alias="to")] = "",
        channel: str = "",
    ) -> StreamingResponse:
        """One line a handoff, by the time of its request."""
        staff: StaffView = request.state.staff  # set by the guard
        if not may(staff.role, "dashboard"):
            raise RequestError(403, "not_allowed", "您的角色不能导出数据")
        since, until = read_period(first, last)
        if channel and channel not in CHANNELS:
            raise RequestError(422, "unknown_channel", "没有这个渠道")
        statistics = HandoffStatistics(database)
        names = {member.id: member.name for member in await accounts.list_staff()}
        # Audited before the first line is sent: an aborted download has shown something too.
        rows = await statistics.count_handoffs(since, until, channel or None)
        details = {"from": first, "to": last, "channel": channel, "rows": rows}
        async with database.transaction() as session:
            await record(session, clock(), staff.id, "exported", "handoffs", **details)
        headers = {
            "Content-Disposition": f'attachment; filename="handoffs_{first}_{last}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        lines = _write_lines(statistics, since, until, channel or None, names, batch)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def read_period(first: str, last: str) -> tuple[datetime, datetime]:
    """From the start of one day in China to the end of another; RequestError 422."""
    try:
        first_day, last_day = date.fromisoformat(first), date.fromisoformat(last)
        since = datetime.combine(first_day, time.min, CHINA).astimezone(UTC)
        until = datetime.combine(last_day + timedelta(days=1), time.min, CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RequestError(422, "invalid_dates", "请写明起止日期，例如 2026-11-01") from None
    if first_day > last_day:
        raise RequestError(422, "invalid_dates", "开始日期不能晚于结束日期")
    if (until - since).days > DAYS_MAX:
        raise RequestError(422, "invalid_dates", f"一次最多导出{DAYS_MAX}天")
    return since, until


async def _write_lines(
    statistics: HandoffStatistics,
    since: datetime,
    until: datetime,
    channel: str | None,
    names: Mapping[str, str],
    batch: int,
) -> AsyncIterator[str]:
    yield BOM + write_csv([HEADINGS])
    # In batches, so that no transaction stays open for a slow reader.
    last: HandoffView | None = None
    while True:
        handoffs = await statistics.list_page(since, until, channel, last, batch)
        yield write_csv([_describe(handoff, names) for handoff in handoffs])
        if len(handoffs) < batch:
            return
        last = handoffs[-1]


def _describe(handoff: HandoffView, names: Mapping[str, str]) -> list[str]:
    accepted = handoff.accepted_at
    # A callback's end is not the end of a talk.
    ended = None if handoff.callback_booked_at else handoff.ended_at
    return [
        handoff.id,
        *map(_write_time, (handoff.requested_at, accepted, handoff.answered_at, handoff.ended_at)),
        CHANNELS.get(handoff.channel, handoff.channel),
        mask_personal_data(handoff.region or ""),
        describe_source(handoff.source) if handoff.source else "",
        name_value(handoff.product) if handoff.product else "",
        describe_reason(handoff.reason, handoff.topic),
        STATE_NAMES[handoff.state],
        names.get(handoff.agent_id, "未知") if handoff.agent_id else "",
        _count_seconds(handoff.requested_at, handoff.answered_at),
        _count_seconds(accepted, ended),
        DISPOSITIONS.get(handoff.disposition, handoff.disposition) if handoff.disposition else "",
        mask_personal_data(handoff.summary or ""),
        "" if handoff.rating is None else str(handoff.rating),
        mask_personal_data(handoff.comment or ""),
    ]


def _write_time(moment: datetime | None) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if moment else ""


def _count_seconds(since: datetime | None, until: datetime | None) -> str:
    return str(round((until - since).total_seconds())) if since and until else ""
