"""Office hours as staff write them: checked, and kept as revisions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kit.working_time import OfficeHours
from revisions.schemas import Content
from revisions.service import Revisions

office_revisions = Revisions("office")
# There is one office.
OFFICE_KEY = "office"
FIELD_NAMES = {"hours": "上班时间", "days": "上班日", "promise_hours": "答复时限"}
DAYS_NAMES = {"working": "工作日", "all": "每天"}
PROMISE_HOURS_MAX = 40


def read_office(content: Content) -> OfficeHours:
    """The office hours of a content without problems."""
    return OfficeHours.parse(
        content["hours"],
        is_daily=content["days"] == "all",
        promise=timedelta(hours=content["promise_hours"]),
    )


def write_office(hours: OfficeHours) -> Content:
    """The content of office hours, as `read_office` reads it."""
    spans = ((opens.strftime("%H:%M"), closes.strftime("%H:%M")) for opens, closes in hours.spans)
    return {
        "hours": ",".join(f"{opens}-{'24:00' if closes == '00:00' else closes}" for opens, closes in spans),
        "days": "all" if hours.is_daily else "working",
        "promise_hours": hours.promise / timedelta(hours=1),
    }


def complete_office(content: Mapping[str, Any]) -> tuple[Content, dict[str, str]]:
    """A content as it is kept, and what is wrong with it by field."""
    problems: dict[str, str] = {}
    completed = dict(content)
    try:
        completed["hours"] = write_office(OfficeHours.parse(_put_plainly(str(content["hours"]))))["hours"]
    except ValueError:
        problems["hours"] = "请写成08:30-12:00,14:00-17:30这样，先后不重叠；到半夜写24:00"
    if content["days"] not in DAYS_NAMES:
        problems["days"] = "请从列表里选"
    promise = content["promise_hours"]
    if isinstance(promise, int | float) and 0 < promise <= PROMISE_HOURS_MAX:
        completed["promise_hours"] = float(promise)
    else:
        problems["promise_hours"] = f"请填大于0、不超过{PROMISE_HOURS_MAX}的小时数"
    return completed, problems


def _put_plainly(hours: str) -> str:
    """Hours as a Chinese keyboard writes them, with the signs that are kept."""
    return hours.translate(str.maketrans("：，、；—～~", ":,,,---"))
