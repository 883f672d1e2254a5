"""The dashboard's charts: metrics in, options of ECharts out. Colours are the page's own, so that they follow it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from desk.metrics import DayMetrics, HourMetrics

Options = dict[str, Any]

INK = "var(--ink)"
SOFT = "var(--ink-soft)"
LINE = "var(--line)"
NAME_PIXELS = 96
# ECharts cannot lighten a CSS variable: bars would vanish under the pointer.
PLAIN = {"emphasis": {"disabled": True}}
PERCENT = {"min": 0, "max": 100, "axisLabel": {"color": SOFT, "formatter": "{value}%"}}
POINTS_MAX = 31  # a line with more points is clearer without symbols
SAID_MAX = 12  # entries of a long list that a screen reader reads out


def draw_counts(title: str, counts: Mapping[str, int], name_pixels: int = NAME_PIXELS) -> Options:
    """Horizontal bars, the largest on top; `counts` by display name, of which so many pixels are shown."""
    said = "，".join(f"{name}{count}" for name, count in list(counts.items())[:SAID_MAX])
    bars = PLAIN | {
        "type": "bar",
        "data": list(counts.values()),
        "barMaxWidth": 18,
        "itemStyle": {"color": "var(--chart-main)", "borderRadius": [0, 4, 4, 0]},
        "label": {"show": True, "position": "right", "color": INK},
    }
    return _frame(f"{title}：{said}") | {
        # ECharts takes letters for narrower than they are in the page's font.
        "grid": {"left": round(1.15 * name_pixels) + 16, "right": 44, "top": 4, "bottom": 4},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": list(counts),
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "axisLabel": {"color": INK, "width": name_pixels, "overflow": "truncate"},
        },
        "series": [bars],
    }


def draw_requests(title: str, days: Sequence[DayMetrics]) -> Options:
    """Handoffs by day: requested, handled and out of hours."""
    series = [*_compare_served(days), make_line("下班时请求", [d.out_of_hours for d in days], "var(--chart-warm)")]
    totals = f"共{sum(d.requested for d in days)}次转人工，接待{sum(d.handled for d in days)}次"
    return draw_days(f"{title}：{totals}，每天的数见“每日数据”", [d.day for d in days], series, {"minInterval": 1})


def draw_hours(title: str, hours: Sequence[HourMetrics]) -> Options:
    """Handoffs by the hour of the day: requested and handled."""
    busiest = max(hours, key=lambda each: each.requested)
    said = f"{title}：{busiest.hour}点最多，{busiest.requested}次，每小时的数见“每小时数据”"
    return draw_periods(said, [f"{each.hour}点" for each in hours], _compare_served(hours), {"minInterval": 1})


def draw_satisfaction(title: str, days: Sequence[DayMetrics]) -> Options:
    """The mean rating by day."""
    means = [None if d.satisfaction.mean is None else round(d.satisfaction.mean, 2) for d in days]
    series = [make_line("满意度", means, "var(--chart-main)")]
    return draw_days(
        f"{title}，每天的数见“每日数据”", [d.day for d in days], series, {"min": 1, "max": 5, "interval": 1}
    )


def draw_containment(title: str, days: Sequence[DayMetrics]) -> Options:
    """The containment by day, in percent."""
    shares = [None if d.talks.containment is None else round(100 * d.talks.containment, 1) for d in days]
    series = [make_line("独立解决率", shares, "var(--chart-main)")]
    return draw_days(f"{title}，每天的数见“每日数据”", [d.day for d in days], series, PERCENT)


def draw_days(said: str, days: Sequence[date], series: list[Options], axis: Options) -> Options:
    """Bars and lines by day; `said` to those who do not see them."""
    return draw_periods(said, [f"{day.month}月{day.day}日" for day in days], series, axis)


def draw_periods(said: str, names: Sequence[str], series: list[Options], axis: Options) -> Options:
    """The same by periods with these names."""
    return _frame(said) | {
        "grid": {"left": 48, "right": 12, "top": 36 if len(series) > 1 else 12, "bottom": 28},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0, "textStyle": {"color": INK}, "itemGap": 16},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisTick": {"show": False},
            "axisLabel": {"color": SOFT, "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "splitLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": SOFT},
        }
        | axis,
        "series": series,
    }


def _compare_served(periods: Sequence[DayMetrics | HourMetrics]) -> list[Options]:
    return [
        make_bars("转人工", [each.requested for each in periods], "var(--chart-pale)"),
        make_bars("已接待", [each.handled for each in periods], "var(--chart-main)"),
    ]


def make_bars(name: str, values: list[int], color: str) -> Options:
    """A series of bars."""
    style = {"color": color, "borderRadius": [3, 3, 0, 0]}
    shape = {"barMaxWidth": 22, "barGap": "0%", "itemStyle": style}
    return PLAIN | shape | {"type": "bar", "name": name, "data": values}


def make_line(name: str, values: Sequence[float | None], color: str) -> Options:
    """A series of points, None without one."""
    return PLAIN | {
        "type": "line",
        "name": name,
        "data": list(values),
        "connectNulls": True,
        "symbol": "circle",
        "symbolSize": 5,
        "showSymbol": len(values) - values.count(None) <= POINTS_MAX,
        "lineStyle": {"color": color, "width": 2},
        "itemStyle": {"color": color},
    }


def _frame(said: str) -> Options:
    """What every chart has: a description for screen readers, and a tooltip."""
    return {
        "aria": {"enabled": True, "label": {"description": said}},
        "animation": False,
        "textStyle": {"fontFamily": "inherit"},
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "backgroundColor": "var(--surface)",
            "borderColor": LINE,
            "textStyle": {"color": INK},
            "axisPointer": {"type": "line", "lineStyle": {"color": SOFT}},
        },
    }
