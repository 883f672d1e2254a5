"""The page of quality checks: what is to be checked and settled, what was, and how the scores go."""

import uuid
from datetime import date
from functools import partial

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.charts import Options, draw_days, make_line
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import Chart, add_report_style, render_metrics
from desk.pages.widgets import add_style, open_form, show_fact, show_heading
from desk.quality.export import PERIODS
from desk.quality.report import QualityReport
from desk.quality.samples import SIZE_MAX
from desk.quality.schemas import STATE_NAMES, CheckedTalk, CheckState, Sample
from desk.quality.service import SUBJECT
from desk.roles import may
from desk.wording import CHANNELS, format_time, name_customer, name_reasons
from kit.errors import RequestError
from kit.pubsub import Signal

POLL_SECONDS = 60.0
DAYS = {1: "今天", 7: "近7天", 30: "近30天", 90: "近90天"}
KINDS: dict[str, tuple[CheckState, ...]] = {
    "要处理": ("open", "objected"),
    "已反馈": ("delivered", "acknowledged", "settled"),
}
AXIS = {"min": 0, "max": 100}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    add_report_style()
    ui.add_head_html('<link rel="stylesheet" href="/static/quality.css">')
    quality = _Quality(page)
    await quality.load()

    async def follow(signals: list[Signal]) -> None:
        await quality.load()

    page.follow([SUBJECT], follow, POLL_SECONDS)


class _Quality:
    """A card a check, and the trend below."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._checks = page.desk.quality_checks
        self._names: dict[str, str] = {}
        self._agents: dict[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("质检")
            ui.button("抽查会话", icon="shuffle", on_click=self._open).props("unelevated no-caps")
        with ui.element("div").classes("choices"):
            self._kind = ui.toggle(list(KINDS), value="要处理", on_change=self.load).props(
                'unelevated no-caps role="group" aria-label="哪些质检"'
            )
            self._count = ui.label().classes("soft")
        self._cards: CardList[tuple[CheckedTalk, str]] = CardList(self._draw, "没有要看的质检，可以抽查几个会话")
        with ui.element("div").classes("panels"):
            with ui.element("section").classes("panel wide"):
                with ui.row().classes("bar"):
                    show_heading("得分走势", 2)
                    self._days = ui.select(PERIODS, value=56, on_change=self.load)
                    self._days.props('outlined dense options-dense aria-label="时间范围"')
                    self._export = ui.link("导出表格").classes("export").props("download")
                self._trend = ui.html(sanitize=False).classes("scroll")
            self._chart = Chart("每周平均分", "wide low")

    async def load(self) -> None:
        """Reads everything anew."""
        await self._page.attempt(self._show)

    async def _show(self) -> None:
        kind, days = self._kind.value, self._days.value
        checks = await self._checks.list_for_checkers(self._page.staff)
        report = await self._page.desk.quality_reports.read(self._page.staff, days)
        staff = await self._page.desk.accounts.list_staff()
        if (kind, days) != (self._kind.value, self._days.value):
            return  # others were chosen since and are being read
        self._names = {member.id: member.name for member in staff}
        me = self._page.staff.id
        self._agents = {each.id: each.name for each in staff if may(each.role, "talk") and each.id != me}
        shown = [each for each in checks if each.check.state in KINDS[kind]]
        shown.sort(key=lambda each: (each.check.state != "objected", each.check.checker_id != me))
        self._count.set_text(f"{len(shown)}份")
        self._cards.show({each.check.id: (each, self._names.get(each.check.checker_id, "同事")) for each in shown})
        self._trend.set_content(render_metrics("quality_trend.html", report=report))
        self._chart.show(draw_trend(self._chart.title, report), is_empty=not report.checks)
        self._export.props["href"] = f"/export/quality.xlsx?days={days}"

    def _draw(self, shown: tuple[CheckedTalk, str]) -> None:
        (talk, checker), check = shown, shown[0].check
        with ui.row().classes("card-head"):
            show_heading(describe_talk(talk), 2)
            ui.label(STATE_NAMES[check.state]).classes("chip" + (" urgent" if check.state == "objected" else ""))
        show_fact("坐席", self._names.get(check.agent_id, "未知"))
        show_fact("会话", f"{format_time(check.talked_at)}结束")
        is_mine = check.checker_id == self._page.staff.id
        show_fact("质检", "我" if is_mine else checker)
        if check.score is not None:
            show_fact("得分", describe_score(check.score, is_failed=check.is_failed))
        with ui.row().classes("card-foot"):
            ui.link(_name_step(check.state, is_mine=is_mine), f"/quality/{check.id}").classes("go")

    def _open(self) -> None:
        sample_id = str(uuid.uuid4())  # of this dialog: clicking twice draws once

        def mark(error: RequestError | None) -> None:
            size.error = error.problems.get("size") if error else None

        async def save() -> bool:
            sample = Sample(
                size=int(size.value or 0),
                days=days.value,
                agent_id=agent.value,
                channel=channel.value,
                reason=reason.value,
                is_low_rated=low.value,
                has_checked=again.value,
            )
            draw = partial(self._page.desk.quality_samples.draw, self._page.staff, sample, sample_id)
            return await self._page.attempt(draw, "抽好了，在“要处理”里", self.load, mark)

        with open_form("抽查会话", save, "抽取"):
            size = ui.number("抽几个", value=5, min=1, max=SIZE_MAX, precision=0).props("outlined dense autofocus")
            days = ui.select(DAYS, value=7, label="什么时候结束的").props("outlined dense")
            agent = ui.select({"": "所有坐席", **self._agents}, value="", label="坐席", with_input=True)
            channel = ui.select({"": "所有渠道", **CHANNELS}, value="", label="渠道").props("outlined dense")
            reason = (
                ui.select({"": "所有原因", **name_reasons()}, value="", label="转人工原因")
                .props("outlined dense")
                .classes("whole")
            )
            agent.props("outlined dense")
            low = ui.checkbox("只抽客户评1到2分的").classes("whole")
            again = ui.checkbox("查过的也可以再抽").classes("whole")


def describe_talk(talk: CheckedTalk) -> str:
    """Whose talk it was: 王芳 · 微信; of one that has expired, that it has."""
    handoff = talk.handoff
    if handoff is None:
        return "已删除的会话"
    name = name_customer(handoff.customer_id, handoff.name)
    return f"{name} · {CHANNELS.get(handoff.channel, handoff.channel)}"


def describe_score(score: int, *, is_failed: bool) -> str:
    """85分; 0分，一票否决."""
    return f"{score}分，一票否决" if is_failed else f"{score}分"


def draw_trend(title: str, report: QualityReport) -> Options:
    """The mean of each week."""
    means = [None if each.mean is None else round(each.mean, 1) for each in report.everybody.weeks]
    weeks: list[date] = list(report.weeks)
    return draw_days(f"{title}，各周的数见上表", weeks, [make_line("平均分", means, "var(--chart-main)")], AXIS)


def _name_step(state: CheckState, *, is_mine: bool) -> str:
    if state == "open":
        return "去检查" if is_mine else "看看"
    return "处理异议" if state == "objected" else "查看"
