"""Slots and moments in words that staff read."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
import yaml

from conversations.channels import CHANNELS as ALL_CHANNELS
from conversations.handoff.states import Beginning, Event
from conversations.schemas import Author, Reason, Window
from desk.assignment import Why
from desk.urgency import URGENT_REASONS
from desk.wording import (
    AUTHORS,
    CHANNELS,
    EVENTS,
    REASONS,
    TOPICS,
    WHYS,
    describe_reason,
    describe_slots,
    describe_source,
    describe_wait,
    describe_window,
    format_time,
    name_customer,
)
from kit.settings import ROOT
from understanding.danger import load_topics

QUOTA = {
    "product": "farmer_loan",
    "facts": {"land_mu": 15.5, "machinery_value": 0, "has_overdue": True},
    "decision": {
        "decision_id": "3d0b",
        "outcome": "review",
        "quota": 1_000_000,
        "term_months": 36,
        "annual_rate": 4.9,
        "reasons": [{"code": "land", "text": "您家种15.5亩地"}, {"code": "income", "text": "年收入约8万元"}],
        "next_step": "客户经理会联系您。",
        "policy_version": "farmer_loan@2026-07-01",
        "valid_until": "2026-08-31",
    },
}


@pytest.mark.parametrize(
    ("slots", "rows"),
    [
        ({}, []),
        ({"amount": 50000, "term": 12}, [("金额", "5万元"), ("期限", "1年")]),
        ({"land_mu": 15.0, "years_in_business": 1.5}, [("土地", "15亩"), ("经营年限", "1.5年")]),
        (
            {"existing_debt": 0, "household_income": 1_000_000_000},
            [("欠款", "0元"), ("年收入", "10亿元")],
        ),
        ({"quota_consent": True, "has_overdue": False}, [("同意测额度", "是"), ("逾期", "否")]),
        ({"application_confirmed": True}, [("客户确认提交", "是")]),
        ({"purpose": "", "region": None, "reasons": []}, []),
        ({"crop": "水稻", "herd": ["牛", 3]}, [("crop", "水稻"), ("herd", "牛；3")]),
        ({"product": "农户贷", "quota_summary": {"product": "farmer_loan"}}, [("产品", "农户贷")]),
        (
            {"quota_summary": QUOTA},
            [
                ("产品", "农户贷"),
                ("土地", "15.5亩"),
                ("农机", "0元"),
                ("逾期", "是"),
                ("测算结果", "需客户经理核定"),
                ("测算额度", "100万元"),
                ("单笔最长", "3年"),
                ("年利率", "4.9%"),
                ("测算依据", "您家种15.5亩地；年收入约8万元"),
                ("有效期至", "2026-08-31"),
            ],
        ),
    ],
)
def test_slots_are_described(slots: dict[str, Any], rows: list[tuple[str, str]]) -> None:
    assert describe_slots(slots) == rows


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), "7月1日 00:00"),
        ("2026-06-30T15:59:59Z", "6月30日 23:59"),
        ("2026-12-31T23:05:00.123456+00:00", "1月1日 07:05"),
        ("2026-07-01T08:05:00+08:00", "7月1日 08:05"),
    ],
)
def test_a_moment_is_shown_as_in_china(moment: datetime | str, shown: str) -> None:
    assert format_time(moment) == shown


NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, "17:00"),
        ("2026-06-30T16:00:00Z", "00:00"),
        (datetime(2026, 6, 30, 15, 59, tzinfo=UTC), "6月30日 23:59"),
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "7月2日 00:00"),
        (datetime(2025, 7, 1, 9, 0, tzinfo=UTC), "7月1日 17:00"),
    ],
)
def test_of_today_the_time_says_enough(moment: datetime | str, shown: str) -> None:
    assert format_time(moment, NOW) == shown


@pytest.mark.parametrize(
    ("waited", "shown"),
    [
        (timedelta(seconds=-5), "刚刚"),
        (timedelta(seconds=59), "刚刚"),
        (timedelta(minutes=1), "1分钟"),
        (timedelta(minutes=59, seconds=59), "59分钟"),
        (timedelta(hours=1), "1小时0分"),
        (timedelta(hours=2, minutes=10), "2小时10分"),
        (timedelta(hours=23, minutes=59), "23小时59分"),
        (timedelta(hours=24), "1天"),
        (timedelta(days=3, hours=5), "3天"),
    ],
)
def test_how_long_something_waits(waited: timedelta, shown: str) -> None:
    assert describe_wait(NOW - waited, NOW) == shown


@pytest.mark.parametrize(
    ("left", "until", "shown"),
    [
        (4, NOW + timedelta(minutes=5), "还可回复4条，7月1日 17:05前"),
        (0, NOW + timedelta(minutes=5), "等客户再来消息才能回复"),
        (4, NOW, "等客户再来消息才能回复"),
    ],
)
def test_what_the_platform_still_lets_us_send(left: int, until: datetime, shown: str) -> None:
    assert describe_window(Window(until=until, left=left), NOW) == shown


@pytest.mark.parametrize(
    ("reason", "topic", "shown"),
    [
        ("complaint", None, "投诉"),
        ("sensitive", "scam", "敏感话题·诈骗"),
        ("sensitive", "new_topic", "敏感话题·new_topic"),
        ("new_reason", None, "new_reason"),
    ],
)
def test_why_a_human_is_wanted(reason: str, topic: str | None, shown: str) -> None:
    assert describe_reason(reason, topic) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [("manager:张敏", "来自客户经理：张敏"), ("village:柳河镇", "来自村镇：柳河镇"), ("poster:3", "来自poster：3")],
)
def test_whose_code_brought_the_customer(source: str, shown: str) -> None:
    assert describe_source(source) == shown


def test_a_customer_has_a_name() -> None:
    assert name_customer("3d0bf9c2-11", "王五") == "王五"
    assert name_customer("3d0bf9c2-11") == "客户3D0B"


def read_domain() -> dict[str, Any]:
    domain: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return domain


def test_every_reason_of_the_bot_has_words() -> None:
    responses = [variant for variants in read_domain()["responses"].values() for variant in variants]
    reasons = {v["custom"]["handoff"]["reason"] for v in responses if "handoff" in v.get("custom", {})}
    assert reasons
    assert reasons <= set(REASONS)


def test_whatever_is_recorded_has_words() -> None:
    assert set(REASONS) == set(get_args(Reason))
    assert set(REASONS) > set(URGENT_REASONS)
    assert {topic.id for topic in load_topics().values() if topic.hands_over} == set(TOPICS)
    assert {*get_args(Beginning), *get_args(Event)} == set(EVENTS)
    assert set(get_args(Why)) == set(WHYS)
    assert set(get_args(Author)) == set(AUTHORS)
    assert set(ALL_CHANNELS) == set(CHANNELS)
