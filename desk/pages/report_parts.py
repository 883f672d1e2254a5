"""What the pages of reports share: the choice of a period, charts, tables, and how numbers are written."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from desk.pages.charts import Options
from desk.pages.templates import render


def add_report_style() -> None:
    """The look of reports."""
    ui.add_head_html('<link rel="stylesheet" href="/static/dashboard.css">')


def choose_period(periods: Mapping[int, str], days: int, refresh: Callable[[], Awaitable[None]]) -> ui.toggle:
    """Periods by their number of days, `days` chosen at first."""
    return ui.toggle(dict(periods), value=days, on_change=refresh).props(
        'unelevated no-caps role="group" aria-label="时间范围"'
    )


class PeriodBar:
    """Over a report: its period, the file of it, and as of when it is."""

    def __init__(self, periods: Mapping[int, str], refresh: Callable[[], Awaitable[None]]) -> None:
        with ui.element("div").classes("choices"):
            self._days = choose_period(periods, 30, refresh)
            self._export = ui.link("导出xlsx").classes("export").props("download")
            self._as_of = ui.label().classes("soft")

    @property
    def days(self) -> int:
        """How many are chosen."""
        days: int = self._days.value
        return days

    def show(self, file: str, as_of: str) -> None:
        """After the report was read anew: where the file of the period is, and as of when it is."""
        self._export.props["href"] = f"{file}?{urlencode({'days': self.days})}"
        self._export.update()
        self._as_of.set_text(as_of)


class Chart:
    """A titled chart, or a note that there is no data."""

    def __init__(self, title: str, kind: str = "") -> None:
        self.title = title
        with ui.element("section").classes(f"panel {kind}"):
            ui.html(title, tag="h2", sanitize=False)
            self._chart = ui.echart({}, renderer="svg").classes("chart")
            self._empty = ui.html("这段时间还没有数据。", tag="p", sanitize=False).classes("empty")

    def show(self, options: Options, *, is_empty: bool) -> None:
        """Updates it."""
        self._chart.set_visibility(not is_empty)
        self._empty.set_visibility(is_empty)
        self._chart.options.clear()
        self._chart.options.update(options)


def add_table(title: str) -> ui.html:
    """Where a titled table's HTML goes."""
    with ui.element("section").classes("panel wide"):
        ui.html(title, tag="h2", sanitize=False)
        return ui.html(sanitize=False)


def add_folded_table(title: str) -> ui.html:
    """The same, shown once its title is pressed."""
    with ui.element("details").classes("panel wide"):
        ui.html(title, tag="summary", sanitize=False)
        return ui.html(sanitize=False)


def render_metrics(template: str, **context: object) -> str:
    """A template's HTML; it writes durations, shares and ratings as people read them."""
    percent, rating = partial(_write, form=".0%"), partial(_write, form=".1f")
    return render(template, duration=describe_duration, percent=percent, rating=rating, **context)


def describe_duration(seconds: float | None) -> str:
    """45秒, 3分20秒, 2小时5分, 3天2小时; — of none."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}天{hours % 24}小时"
    if hours:
        return f"{hours}小时{left}分"
    return f"{minutes}分{rest}秒" if minutes else f"{rest}秒"


def _write(number: float | None, form: str) -> str:
    return "—" if number is None else format(number, form)
