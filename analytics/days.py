"""Days in China as they are counted."""

from datetime import UTC, date, datetime, time, timedelta

from kit.clock import CHINA


def find_day(moment: datetime) -> date:
    """The day of a moment."""
    return moment.astimezone(CHINA).date()


def find_start(day: date) -> datetime:
    """When it begins."""
    return datetime.combine(day, time.min, CHINA).astimezone(UTC)


def find_end(day: date) -> datetime:
    """When it ends."""
    return find_start(day + timedelta(days=1))
