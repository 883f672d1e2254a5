"""The supervisor's dashboard: the current state and a period's metrics; it updates itself."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from nicegui import ui

from conversations.handoff.states import STATE_NAMES
from desk.metrics import CurrentMetrics, DashboardMetrics, find_period
from desk.pages.charts import draw_containment, draw_counts, draw_hours, draw_requests, draw_satisfaction
from desk.pages.days_off import warn_of_year
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import (
    Chart,
    add_folded_table,
    add_report_style,
    add_table,
    choose_period,
    render_metrics,
)
from desk.talks import DISPOSITIONS
from desk.wording import CHANNELS, describe_wait, name_reasons
from kit.clock import CHINA
from kit.masking import mask_personal_data

POLL_SECONDS = 30.0
RANGES = {1: "今天", 7: "近7天", 30: "近30天", 90: "近90天"}
ALL_CHANNELS = {"": "全部渠道", **CHANNELS}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_report_style()
    board = Board(page)
    await board.refresh()
    ui.timer(POLL_SECONDS, board.refresh, immediate=False)


class Board:
    """The filters and everything they control."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._metrics = page.desk.metrics
        with ui.element("div").classes("choices"):
            self._days = choose_period(RANGES, 7, self.refresh)
            self._channel = ui.select(ALL_CHANNELS, value="", on_change=self.refresh).props(
                'outlined dense options-dense aria-label="渠道"'
            )
            self._export = ui.link("导出CSV").classes("export").props("download")
            self._looked_at = ui.label().classes("soft")
        self._unknown_year = ui.label().classes("problem")
        self._tiles = ui.html(sanitize=False).classes("numbers")
        with ui.element("div").classes("panels"):
            self._requests = Chart("每天的转人工", "wide")
            self._hours = Chart("一天里的转人工", "wide")
            self._reasons = Chart("转人工原因")
            self._places = Chart("村镇（前10）")
            self._channels = Chart("渠道", "low")
            self._dispositions = Chart("处理结果", "low")
            self._satisfaction = Chart("满意度（5分制）", "low")
            self._containment = Chart("小禾独立解决率", "low")
            self._agents = add_table("每位同事")
            self._table = add_folded_table("每日数据")
            self._hours_table = add_folded_table("每小时数据")

    async def refresh(self) -> None:
        """Reads and shows the metrics of the selection."""
        await self._page.attempt(self._show)

    async def _show(self) -> None:
        days, channel, now = self._days.value, self._channel.value, self._page.desk.clock()
        since, until = find_period(now, days)
        metrics = await self._metrics.read(since, until, channel=channel or None)
        if (days, channel) != (self._days.value, self._channel.value):
            return  # another selection was made since and is being read
        year = await self._page.desk.calendar.find_unknown_year()
        self._unknown_year.set_text(warn_of_year(year) if year else "")
        self._show_charts(metrics)
        period = RANGES[days] if not channel else f"{RANGES[days]} · {CHANNELS[channel]}"
        waiting = describe_waiting(metrics.now, now)
        self._tiles.set_content(render_metrics("dashboard_tiles.html", metrics=metrics, period=period, waiting=waiting))
        self._agents.set_content(render_metrics("dashboard_agents.html", agents=metrics.agents))
        self._table.set_content(render_metrics("dashboard_days.html", days=metrics.days))
        self._hours_table.set_content(render_metrics("dashboard_hours.html", hours=metrics.hours))
        self._looked_at.set_text(f"{now.astimezone(CHINA):%H:%M:%S} 更新")
        self._export.props["href"] = link_export(since.date(), (until - timedelta(days=1)).date(), channel)

    def _show_charts(self, metrics: DashboardMetrics) -> None:
        days = metrics.days
        for chart, counts in (
            (self._reasons, _translate(metrics.reasons, name_reasons())),
            (self._places, {mask_personal_data(name): count for name, count in metrics.places.items()}),
            (self._channels, _translate(metrics.channels, CHANNELS)),
            (self._dispositions, _translate(metrics.dispositions, DISPOSITIONS)),
        ):
            chart.show(draw_counts(chart.title, counts), is_empty=not counts)
        for chart, draw, is_empty in (
            (self._requests, draw_requests, not metrics.requested),
            (self._satisfaction, draw_satisfaction, not metrics.satisfaction.ratings),
            (self._containment, draw_containment, not metrics.talks.talks),
        ):
            chart.show(draw(chart.title, days), is_empty=is_empty)
        self._hours.show(draw_hours(self._hours.title, metrics.hours), is_empty=not metrics.requested)


def link_export(first: date, last: date, channel: str) -> str:
    """The URL of the export of these days."""
    return "/export/handoffs.csv?" + urlencode({"from": first, "to": last, "channel": channel})


def describe_waiting(current: CurrentMetrics, now: datetime) -> str:
    """Waiting customers by state, and the longest wait: 排队中 2 · 待接待 1，最久 12分钟."""
    if current.waiting_since is None:
        return "没有客户在等"
    states = " · ".join(f"{STATE_NAMES[state]} {count}" for state, count in current.waiting.items())
    return f"{states}；最久 {describe_wait(current.waiting_since, now)}"


def _translate(counts: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    return {names.get(code, code): count for code, count in counts.items()}
