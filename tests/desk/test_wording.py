"""Slots and moments in words that staff read."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from connectors.wording import HANDOFF_WITHOUT_BOT
from desk.wording import CHANNELS, LABELS, REASONS, SENDERS, describe_slots, format_time
from kit.settings import ROOT

QUOTA = {
    "product": "farmer_loan",
    "facts": {"land_mu": 15.5, "machinery_value": 0, "has_overdue": True},
    "decision": {
        "decision_id": "3d0b",
        "outcome": "review",
        "quota": 1_000_000,
        "term_months": 36,
        "annual_rate": 4.9,
        "reasons": [{"code": "land", "text": "您家种15.5亩地"}, {"code": "income", "text": "家庭年收入约8万元"}],
        "next_step": "客户经理会联系您。",
        "policy_version": "farmer_loan@2026-07-01",
        "valid_until": "2026-08-31",
    },
}


@pytest.mark.parametrize(
    ("slots", "rows"),
    [
        ({}, []),
        ({"amount": 50000, "term": 12}, [("想借金额", "50,000元"), ("期限", "12个月")]),
        ({"land_mu": 15.0, "years_in_business": 1.5}, [("土地", "15亩"), ("经营年限", "1.5年")]),
        (
            {"existing_debt": 0, "household_income": 1_000_000_000},
            [("现有欠款", "0元"), ("家庭年收入", "1,000,000,000元")],
        ),
        ({"quota_consent": True, "has_overdue": False}, [("同意测额度", "是"), ("有逾期", "否")]),
        ({"purpose": "", "region": None, "reasons": []}, []),
        ({"crop": "水稻", "herd": ["牛", 3]}, [("crop", "水稻"), ("herd", "牛；3")]),
        ({"product": "农户贷", "quota_summary": {"product": "farmer_loan"}}, [("产品", "农户贷")]),
        (
            {"quota_summary": QUOTA},
            [
                ("产品", "农户贷"),
                ("土地", "15.5亩"),
                ("农机现值", "0元"),
                ("有逾期", "是"),
                ("测算结果", "需客户经理核定"),
                ("测算额度", "1,000,000元"),
                ("单笔最长", "36个月"),
                ("年利率", "4.9%"),
                ("测算依据", "您家种15.5亩地；家庭年收入约8万元"),
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


def read_domain() -> dict[str, Any]:
    domain: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return domain


def test_every_slot_of_the_bot_has_a_label() -> None:
    # Hints are of the dialogue only, the summary is told by its parts.
    slots = {slot for slot in read_domain()["slots"] if not slot.startswith("hint")} - {"quota_summary"}
    assert slots <= set(LABELS)


def test_every_reason_of_the_bot_has_words() -> None:
    responses = [variant for variants in read_domain()["responses"].values() for variant in variants]
    reasons = {v["custom"]["handoff"]["reason"] for v in responses if "handoff" in v.get("custom", {})}
    assert reasons
    assert reasons | {"customer_request"} <= set(REASONS)


def test_whoever_speaks_and_wherever_has_a_name() -> None:
    assert {"customer", "bot", "agent", "system"} == set(SENDERS)
    assert HANDOFF_WITHOUT_BOT.sender in SENDERS
    assert "web" in CHANNELS
