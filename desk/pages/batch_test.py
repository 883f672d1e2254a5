"""The page of batch tests: questions from a file or the golden ones, and a report with charts."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from desk.batch_tests import BatchReport, BatchRow, ReportRow
from desk.pages.charts import draw_counts
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import Chart, add_report_style
from desk.pages.table_files import TABLE, add_upload, send_template, send_xlsx
from desk.pages.widgets import add_button, add_style, show_all, show_fact, show_heading
from desk.schemas import StaffView

SHOWN_MAX = 100
PROBLEMS_MAX = 20
WITH_DRAFTS = "连同等审核的草稿一起试"
SHOWS = {"bad": "没答对的", "changed": "草稿改变的", "all": "全部"}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    add_report_style()
    _BatchTest(page)


class _BatchTest:
    """Where questions come from, and the report."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._tests = page.desk.batch_tests
        self._report: BatchReport | None = None
        with ui.row().classes("bar"):
            show_heading("批量试")
            add_button("下载模板", partial(send_template, BatchRow, "批量试"))
        ui.label("一次问许多问题，文件里一行一个；看小禾会怎么答，不发给任何人，也不保存。").classes("soft advice")
        self._with_drafts = ui.checkbox(WITH_DRAFTS).props(f'aria-label="{WITH_DRAFTS}"')
        add_upload(TABLE, self._take)
        self._golden = add_button("试必测题", partial(self._run, self._test_golden))
        self._busy = ui.row().classes("bar")
        with self._busy:
            ui.spinner()
            ui.label("正在试，请稍等").props("role=status")
        self._busy.set_visibility(False)
        self._results = ui.element("div").classes("whole")
        self._results.set_visibility(False)
        with self._results:
            self._draw_results()

    def _draw_results(self) -> None:
        with ui.row().classes("bar"):
            show_heading("结果", 2)
            add_button("下载结果", partial(self._page.attempt, self._send_report))
        self._summary = ui.label().props("role=status")
        self._problems = ui.element("div")
        self._charts = ui.element("div").classes("panels")
        with ui.row().classes("bar"):
            self._choice = ui.toggle(SHOWS, value="bad", on_change=self._show_rows).props("unelevated no-caps")
        self._rows = ui.element("div").classes("cards")
        self._left = ui.label().classes("soft")

    async def _take(self, content: bytes) -> None:
        await self._run(partial(self._tests.test_file, content=content))

    async def _test_golden(self, staff: StaffView, *, with_drafts: bool) -> BatchReport:
        return await self._tests.test_golden(staff, with_drafts=with_drafts)

    async def _run(self, test: Callable[..., Awaitable[BatchReport]]) -> None:
        async def run() -> None:
            self._report = await test(self._page.staff, with_drafts=self._with_drafts.value)
            self._show(self._report)

        self._golden.set_enabled(False)
        self._busy.set_visibility(True)
        try:
            await self._page.attempt(run)
        finally:
            self._golden.set_enabled(True)
            self._busy.set_visibility(False)

    def _show(self, report: BatchReport) -> None:
        self._results.set_visibility(True)
        self._summary.set_text(_summarise(report))
        self._problems.clear()
        with self._problems:
            for problem in report.problems[:PROBLEMS_MAX]:
                ui.label(problem).classes("problem")
        charts = {"现在": report.counts, "发布草稿后": report.drafted_counts, "现在有多大把握": report.certainties}
        self._charts.clear()
        with self._charts:
            for title, counts in charts.items():
                if counts:
                    Chart(title, "low").show(draw_counts(title, counts), is_empty=False)
        self._show_rows()

    def _show_rows(self) -> None:
        rows = [row for row in self._report.rows if self._is_shown(row)] if self._report else []
        show_all(self._rows, rows[:SHOWN_MAX], _draw_row, "没有这样的问题")
        self._left.set_text(f"还有{len(rows) - SHOWN_MAX}个，请下载结果查看" if len(rows) > SHOWN_MAX else "")

    def _is_shown(self, row: ReportRow) -> bool:
        if self._choice.value == "bad":
            return row.expected is not None and not (row.is_good_drafted if row.drafted_verdict else row.is_good)
        return self._choice.value == "all" or row.is_changed

    async def _send_report(self) -> None:
        if self._report:
            await send_xlsx(ReportRow, self._report.rows, "批量试结果")


def _summarise(report: BatchReport) -> str:
    expected = sum(row.expected is not None for row in report.rows)
    if not expected:
        return f"试了{len(report.rows)}个问题。"
    told = f"试了{len(report.rows)}个问题，{expected}个说了该怎么答：答对{sum(row.is_good for row in report.rows)}个"
    if not report.drafted_counts:
        return f"{told}。"
    return f"{told}，发布草稿后答对{sum(row.is_good_drafted for row in report.rows)}个。"


def _draw_row(row: ReportRow) -> None:
    with ui.element("section").classes("card"):
        with ui.row().classes("card-head"):
            show_heading(row.text, 3)
            ui.label(row.verdict).classes("chip" if row.is_good else "chip urgent")
        if row.expected is not None:
            show_fact("该答", row.expected)
        show_fact("找到", f"{row.found or '没有'}（{row.score}）")
        if row.is_changed:
            show_fact("发布草稿后", f"{row.drafted_verdict}：{row.drafted_found or '没有'}")
