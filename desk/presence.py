"""Whether staff are present (a page is open) and available for talks."""

from datetime import datetime, timedelta

from desk.roles import may
from desk.schemas import StaffView

PRESENT_TIME = timedelta(seconds=40)  # pages report every 10 s that they are open


def is_seen(member: StaffView | None, now: datetime, timeout: timedelta = PRESENT_TIME) -> bool:
    """Whether a page of theirs was open within `timeout`."""
    return member is not None and member.is_active and member.seen_at is not None and now - member.seen_at < timeout


def is_present(member: StaffView, now: datetime, timeout: timedelta = PRESENT_TIME) -> bool:
    """Whether they are available for customers now."""
    return may(member.role, "talk") and member.status == "online" and is_seen(member, now, timeout)
