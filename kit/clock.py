"""The clock, passed in so that tests can set it, and the calendar of China."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Clock = Callable[[], datetime]
# Needs no time-zone database: China has one time, without daylight saving.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def read_clock() -> datetime:
    """Now, as an aware datetime in UTC."""
    return datetime.now(UTC)


def write_day(day: date) -> str:
    """2027年2月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


def write_moment(moment: datetime) -> str:
    """11月30日14:00, in China's time."""
    there = moment.astimezone(CHINA)
    return f"{there.month}月{there.day}日{there.hour}:{there.minute:02}"
