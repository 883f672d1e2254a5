"""Office hours as staff write them: read, completed, and refused with what is wrong at its field."""

from typing import Any

import pytest

from conversations.office_settings import complete_office, read_office, write_office
from kit.working_time import OfficeHours

USUAL: dict[str, Any] = {"hours": "08:30-17:30", "days": "working", "promise_hours": 2}


@pytest.mark.parametrize("hours", ["08:30-17:30", "08:30-12:00,14:00-17:30", "00:00-24:00"])
@pytest.mark.parametrize("days", ["working", "all"])
def test_what_is_written_is_read_again(hours: str, days: str) -> None:
    content = {"hours": hours, "days": days, "promise_hours": 1.5}
    assert write_office(read_office(content)) == content


def test_hours_of_a_chinese_keyboard_are_completed() -> None:
    content, problems = complete_office(USUAL | {"hours": " 8：30—12：00，14：00～17：30 "})
    assert (content["hours"], problems) == ("08:30-12:00,14:00-17:30", {})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": ""}, "hours"),
        ({"hours": "上午9点到下午5点"}, "hours"),
        ({"hours": "14:00-17:30,08:30-12:00"}, "hours"),
        ({"hours": "17:30-08:30"}, "hours"),
        ({"days": "weekdays"}, "days"),
        ({"promise_hours": 0}, "promise_hours"),
        ({"promise_hours": 41}, "promise_hours"),
        ({"promise_hours": None}, "promise_hours"),
    ],
)
def test_what_will_not_do_is_named_at_its_field(changes: dict[str, Any], field: str) -> None:
    _, problems = complete_office(USUAL | changes)
    assert list(problems) == [field]


def test_a_content_is_the_office_hours_with_their_promise() -> None:
    hours = read_office(USUAL | {"days": "all", "promise_hours": 2.0})
    assert hours == OfficeHours.parse("08:30-17:30", is_daily=True)
