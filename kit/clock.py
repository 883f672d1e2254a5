"""The time, passed in where it is needed so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]
# Needs no time-zone database: China keeps one time, all year.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def read_clock() -> datetime:
    """Now, in UTC and aware of it."""
    return datetime.now(UTC)
