"""The clock, passed in so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]
# Needs no time-zone database: China has one time, without daylight saving.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def read_clock() -> datetime:
    """Now, as an aware datetime in UTC."""
    return datetime.now(UTC)
