"""The page of how the lending goes: funnel, stages, groups of applications, and where customers leave the form."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from nicegui import ui

from applications.stages import STAGE_NAMES
from desk.lending_export import PERIODS
from desk.lending_metrics import FunnelStep, GroupMetrics, LendingDay, LendingMetrics
from desk.pages.charts import Options, draw_counts, draw_days, make_bars
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import Chart, PeriodBar, add_folded_table, add_report_style, add_table, render_metrics
from kit.clock import CHINA
from kit.masking import mask_personal_data
from kit.money import format_yuan

POLL_SECONDS = 60.0
SHOWN = 20
LABEL_PIXELS = 132
GROUPS: Mapping[str, Callable[[LendingMetrics], Sequence[GroupMetrics]]] = {
    "产品": lambda report: report.products,
    "村镇": lambda report: report.places,
    "客户经理": lambda report: report.managers,
    "活动": lambda report: report.campaigns,
    "续贷、用款和年审": lambda report: report.existing,
}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_report_style()
    report = _Report(page)
    await report.refresh()
    ui.timer(POLL_SECONDS, report.refresh, immediate=False)


class _Report:
    """The period and everything it controls."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._bar = PeriodBar(PERIODS, self.refresh)
        self._tiles = ui.html(sanitize=False).classes("numbers")
        with ui.element("div").classes("panels"):
            self._funnel = Chart("从打开申请到放款")
            self._stopped = Chart("填到哪一步不填了（前10）")
            self._submitted = Chart("每天提交的申请", "wide")
            self._stages = add_table("各阶段")
            self._groups = {name: add_table(name) for name in GROUPS}
            self._questions = add_folded_table("申请表每个问题")

    async def refresh(self) -> None:
        """Reads and shows the report of the period."""
        await self._page.attempt(self._show)

    async def _show(self) -> None:
        days = self._bar.days
        report = await self._page.desk.lending_reports.read(self._page.staff, days)
        if days != self._bar.days:
            return  # another period was chosen since and is being read
        self._bar.show("/export/lending.xlsx", f"{self._page.desk.clock().astimezone(CHINA):%H:%M:%S} 更新")
        self._tiles.set_content(_render("tiles", report=report, period=PERIODS[days], funnel=list_counts(report)))
        self._show_charts(report)
        self._stages.set_content(_render("stages", stages=report.stages))
        for name, read in GROUPS.items():
            groups = read(report)
            self._groups[name].set_content(
                _render("groups", title=name, shown=groups[:SHOWN], total=len(groups), mask=mask_personal_data)
            )
        self._questions.set_content(_render("questions", questions=report.questions))

    def _show_charts(self, report: LendingMetrics) -> None:
        stopped = sorted(report.questions, key=lambda each: -each.stopped)[:10]
        stopped_at = {each.label: each.stopped for each in stopped if each.stopped}
        for chart, options, is_empty in (
            (self._funnel, draw_funnel(self._funnel.title, report.funnel), not any(list_counts(report).values())),
            (self._stopped, draw_counts(self._stopped.title, stopped_at, LABEL_PIXELS), not stopped_at),
            (self._submitted, draw_submitted(self._submitted.title, report.days), not list_counts(report)["提交"]),
        ):
            chart.show(options, is_empty=is_empty)


def list_counts(report: LendingMetrics) -> Mapping[str, int]:
    """The funnel's counts by name."""
    return {step.name: step.count for step in report.funnel}


def draw_funnel(title: str, funnel: Sequence[FunnelStep]) -> Options:
    """Bars, each beside its share of the one before: 提交 12（60%）."""
    shares = ["", *(_write_share(step.count, before.count) for before, step in pairwise(funnel))]
    return draw_counts(title, {f"{step.name}{share}": step.count for step, share in zip(funnel, shares, strict=True)})


def draw_submitted(title: str, days: Sequence[LendingDay]) -> Options:
    """Applications by the day on which they were handed in, and how many of them were approved."""
    series = [
        make_bars("提交", [each.submitted for each in days], "var(--chart-pale)"),
        make_bars("其中已批准", [each.approved for each in days], "var(--chart-main)"),
    ]
    totals = f"共{sum(each.submitted for each in days)}笔，批准{sum(each.approved for each in days)}笔"
    return draw_days(f"{title}：{totals}", [each.day for each in days], series, {"minInterval": 1})


def _write_share(count: int, before: int) -> str:
    return f"（{count / before:.0%}）" if before else ""


def _render(name: str, **context: object) -> str:
    return render_metrics(f"lending_report_{name}.html", names=STAGE_NAMES, yuan=format_yuan, **context)
