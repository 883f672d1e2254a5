"""Office hours and the promise as they are set."""

from datetime import time, timedelta

import pytest
from pydantic import ValidationError

from conversations.settings import ConversationsSettings
from kit.working_time import OfficeHours
from tests.settings import set_environment

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        ({}, OfficeHours(((time(8, 30), time(17, 30)),))),
        (
            {"XIAOHE_OFFICE_HOURS": "9:00-12:00,14:00-17:00"},
            OfficeHours(((time(9), time(12)), (time(14), time(17)))),
        ),
        (
            {"XIAOHE_OFFICE_HOURS": "00:00-24:00", "XIAOHE_OFFICE_DAYS": "all"},
            OfficeHours(((time.min, time.min),), is_daily=True),
        ),
    ],
)
def test_office_hours_are_read(values: dict[str, str], hours: OfficeHours, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, values)
    assert ConversationsSettings().hours == hours


def test_the_promise_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_PROMISE_HOURS", "1.5")
    assert ConversationsSettings().hours.promise == timedelta(hours=1, minutes=30)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOHE_OFFICE_HOURS", "8点半到5点半"),
        ("XIAOHE_OFFICE_HOURS", "08:30-25:00"),
        ("XIAOHE_OFFICE_HOURS", "17:30-08:30"),
        ("XIAOHE_OFFICE_DAYS", "weekdays"),
        ("XIAOHE_PROMISE_HOURS", "0"),
        ("XIAOHE_PROMISE_HOURS", "41"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("XIAOHE_").lower()):
        ConversationsSettings()
