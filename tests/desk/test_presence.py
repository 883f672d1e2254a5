"""Who is there: seen lately, and willing to take customers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.presence import PRESENT_TIME, is_present, is_seen
from desk.roles import PERMISSIONS, ROLE_NAMES, Role
from desk.schemas import StaffView

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
ZHANG = StaffView(
    id="zhang",
    login="zhang",
    name="张敏",
    role="account_manager",
    branch="",
    villages=(),
    products=(),
    capacity=5,
    status="online",
    seen_at=NOW,
    phone="",
    email="",
    wecom_id="",
    is_active=True,
    must_change_password=False,
)
LATELY = PRESENT_TIME - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("change", "seen", "present"),
    [
        pytest.param({}, True, True, id="online"),
        pytest.param({"seen_at": NOW - LATELY}, True, True, id="seen lately"),
        pytest.param({"seen_at": NOW - PRESENT_TIME}, False, False, id="seen too long ago"),
        pytest.param({"seen_at": None}, False, False, id="never seen"),
        pytest.param({"status": "away"}, True, False, id="takes a break"),
        pytest.param({"status": "offline"}, True, False, id="has gone home, with a page open"),
        pytest.param({"is_active": False}, False, False, id="has left the bank"),
    ],
)
def test_who_is_there(change: dict[str, Any], seen: bool, present: bool) -> None:
    member = ZHANG.model_copy(update=change)
    assert (is_seen(member, NOW), is_present(member, NOW)) == (seen, present)


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_only_those_who_talk_to_customers_take_them(role: Role) -> None:
    assert is_present(ZHANG.model_copy(update={"role": role}), NOW) == (role in PERMISSIONS["talk"])


def test_nobody_is_not_seen() -> None:
    assert not is_seen(None, NOW)


def test_a_caller_may_choose_the_timeout() -> None:
    member = ZHANG.model_copy(update={"seen_at": NOW - PRESENT_TIME})
    longer = PRESENT_TIME + timedelta(seconds=1)
    assert is_seen(member, NOW, longer)
    assert is_present(member, NOW, longer)
    assert not is_seen(member, NOW, PRESENT_TIME)
