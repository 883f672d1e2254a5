"""The page of how well the knowledge answers: numbers, charts, entries to look at, and what missing ones cost."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from nicegui import ui

from analytics.report import KnowledgeReport
from analytics.schemas import QuestionMetrics
from analytics.worker import SUBJECT
from desk.knowledge_export import PERIODS, list_remarks
from desk.pages.charts import PERCENT, Options, draw_counts, draw_days, make_bars, make_line
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import Chart, PeriodBar, add_folded_table, add_report_style, add_table, render_metrics
from desk.wording import format_time
from kit.pubsub import Signal
from unanswered.schemas import STATE_NAMES

POLL_SECONDS = 300.0
SHOWN = 20
CHARTED = 10
QUESTION_PIXELS = 132
MANY_TIMES = 10  # beyond which percents say nothing


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_report_style()
    report = _Report(page)
    await report.refresh()

    async def look(signals: list[Signal]) -> None:
        await report.refresh()

    page.follow([SUBJECT], look, POLL_SECONDS)


class _Report:
    """The period and everything it controls."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._bar = PeriodBar(PERIODS, self.refresh)
        self._tiles = ui.html(sanitize=False).classes("numbers")
        with ui.element("div").classes("panels"):
            self._questions = Chart("每天的提问", "wide")
            self._right = Chart("答得怎样", "low")
            self._containment = Chart("不用人工的会话", "low")
            self._top = Chart("问得最多的知识（前10）", "wide")
            self._entries = add_table("问得最多的知识")
            self._rotting = add_table("该复查的知识")
            self._dead = add_table("90天没人问到的知识")
            self._clusters = add_table("没答上的问题花了多少人工")
            self._table = add_folded_table("每日数据")

    async def refresh(self) -> None:
        """Reads and shows the report of the period."""
        await self._page.attempt(self._show)

    async def _show(self) -> None:
        days = self._bar.days
        report = await self._page.desk.knowledge_reports.read(self._page.staff, days)
        if days != self._bar.days:
            return  # another period was chosen since and is being read
        self._bar.show("/export/knowledge.xlsx", describe_counted(report, self._page))
        self._tiles.set_content(render_report("tiles", report=report, period=PERIODS[days], before=f"前{days}天"))
        self._show_charts(report)
        for place, name, shown in (
            (self._entries, "entries", report.entries),
            (self._rotting, "rotting", report.rotting),
            (self._dead, "dead", report.dead),
            (self._clusters, "clusters", report.clusters),
        ):
            place.set_content(render_report(name, shown=shown[:SHOWN], total=len(shown), report=report))
        self._table.set_content(render_report("days", days=report.days))

    def _show_charts(self, report: KnowledgeReport) -> None:
        days = [report.first + timedelta(days=place) for place in range((report.last - report.first).days + 1)]
        top = {each.question: each.metrics.answers for each in report.entries[:CHARTED]}
        for chart, options, is_empty in (
            (self._questions, draw_questions(self._questions.title, days, report.days), not report.total.asked),
            (self._right, draw_rates(self._right.title, days, report.days), not report.total.asked),
            (self._containment, draw_contained(self._containment.title, days, report.days), not report.total.talks),
            (self._top, draw_counts(self._top.title, top, QUESTION_PIXELS), not top),
        ):
            chart.show(options, is_empty=is_empty)


def describe_counted(report: KnowledgeReport, page: OpenPage) -> str:
    """As of when the numbers are known: 10:05 统计."""
    if report.counted_at is None:
        return "正在统计，请稍等"
    return f"{format_time(report.counted_at, page.desk.clock())} 统计，5分钟更新一次"


def draw_questions(title: str, days: Sequence[date], counted: Mapping[date, QuestionMetrics]) -> Options:
    """Questions by day: asked, answered, rightly at once."""
    each = [counted.get(day, QuestionMetrics()) for day in days]
    series = [
        make_bars("提问", [day.asked for day in each], "var(--chart-pale)"),
        make_bars("答上", [day.answered for day in each], "var(--chart-main)"),
        make_line("一次答对", [day.right for day in each], "var(--chart-warm)"),
    ]
    totals = f"共问{sum(day.asked for day in each)}次，答上{sum(day.answered for day in each)}次"
    return draw_days(f"{title}：{totals}，每天的数见“每日数据”", days, series, {"minInterval": 1})


def draw_rates(title: str, days: Sequence[date], counted: Mapping[date, QuestionMetrics]) -> Options:
    """The shares of questions that were answered, and rightly at once, by day, in percent."""
    each = [counted.get(day, QuestionMetrics()) for day in days]
    series = [
        make_line("答上", [_write_percent(day.answer_rate) for day in each], "var(--chart-main)"),
        make_line("一次答对", [_write_percent(day.right_rate) for day in each], "var(--chart-warm)"),
    ]
    return draw_days(f"{title}，每天的数见“每日数据”", days, series, PERCENT)


def draw_contained(title: str, days: Sequence[date], counted: Mapping[date, QuestionMetrics]) -> Options:
    """The share of talks that needed no human by day, in percent."""
    each = [counted.get(day, QuestionMetrics()) for day in days]
    series = [make_line("没转人工", [_write_percent(day.containment) for day in each], "var(--chart-main)")]
    return draw_days(f"{title}，每天的数见“每日数据”", days, series, PERCENT)


def link_entry(entry_id: str) -> str:
    """The page of the knowledge with one entry."""
    return f"/entries?{urlencode({'entry': entry_id})}"


def describe_change(count: int, before: int) -> str:
    """A count beside the period before: +12%, 15倍, 新, —."""
    if not before:
        return "新" if count else "—"
    if count >= MANY_TIMES * before:
        return f"{count / before:.0f}倍"
    change = round(100 * (count - before) / before)
    return f"{change:+d}%" if change else "持平"


def render_report(name: str, **context: object) -> str:
    """A part of the page."""
    return render_metrics(
        f"knowledge_report_{name}.html",
        link_entry=link_entry,
        change=describe_change,
        remarks=list_remarks,
        states=STATE_NAMES,
        **context,
    )


def _write_percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
