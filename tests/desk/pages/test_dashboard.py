"""The dashboard's words: periods, durations, who waits, unknown holidays; names in its tables are only text."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from nicegui import Client, ui
from nicegui.page import page

from desk.metrics import AgentMetrics, CurrentMetrics, Satisfaction, find_period
from desk.metrics_reader import MetricsReader
from desk.pages.dashboard import Board, describe_waiting, link_export
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import describe_duration, render_metrics
from kit.clock import CHINA
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

NOW = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)  # half past midnight in China


@pytest.mark.parametrize(("days", "first"), [(1, date(2026, 7, 2)), (7, date(2026, 6, 26)), (30, date(2026, 6, 3))])
def test_a_period_is_whole_days_in_china_and_today_among_them(days: int, first: date) -> None:
    since, until = find_period(NOW, days)
    assert (since.date(), since.utcoffset(), since.hour) == (first, timedelta(hours=8), 0)
    assert until == datetime(2026, 7, 3, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "—"),
        (0, "0秒"),
        (59.4, "59秒"),
        (59.6, "1分0秒"),
        (200, "3分20秒"),
        (3600, "1小时0分"),
        (7500.9, "2小时5分"),
        (90_000, "1天1小时"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert describe_duration(seconds) == words


def test_waiting_customers() -> None:
    nobody = CurrentMetrics(waiting={}, waiting_since=None, active=0, callbacks=0, overdue=0)
    assert describe_waiting(nobody, NOW) == "没有客户在等"
    some = nobody.model_copy(
        update={"waiting": {"assigned": 1, "queued": 2}, "waiting_since": NOW - timedelta(minutes=12)}
    )
    assert describe_waiting(some, NOW) == "待接待 1 · 排队中 2；最久 12分钟"


def test_the_table_of_the_same_days() -> None:
    link = link_export(date(2026, 6, 26), date(2026, 7, 2), "web")
    assert link == "/export/handoffs.csv?from=2026-06-26&to=2026-07-02&channel=web"


def test_names_are_text() -> None:
    satisfaction = Satisfaction(mean=4.25, good=0.5, ratings=4)
    agent = AgentMetrics(agent_id="1", name="<b>安然", handled=3, first_response=125, satisfaction=satisfaction)
    html = render_metrics("dashboard_agents.html", agents=[agent])
    assert "&lt;b&gt;安然" in html
    assert "<b>" not in html
    assert "2分5秒" in html
    assert "4.2 <small>4</small>" in html
    assert "还没有人接待" in render_metrics("dashboard_agents.html", agents=[])


@sqlite_only
@pytest.mark.parametrize(("year", "warning"), [(2098, "2098年的放假安排还没有收录"), (2025, "")])
async def test_a_year_of_unknown_holidays_is_warned_of(office: Office, year: int, warning: str) -> None:
    office.clock.now = datetime(year, 1, 5, 4, 0, tzinfo=UTC)
    metrics = MetricsReader(office.database, office.accounts, office.clock)
    desk = SimpleNamespace(clock=office.clock, calendar=office.calendar, metrics=metrics)
    opened = SimpleNamespace(desk=desk, attempt=lambda work: work())
    with Client(page("")) as client:
        await Board(cast(OpenPage, opened)).refresh()
    labels = [each for each in client.elements.values() if isinstance(each, ui.label) and "problem" in each.classes]
    assert [label.text.partition("，")[0] for label in labels] == [warning]
