"""The clock that runs."""

from datetime import UTC, datetime, timedelta

from kit.clock import CHINA, read_clock


def test_now_is_aware_and_in_utc() -> None:
    before, now, after = datetime.now(UTC), read_clock(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(0)


def test_china_is_eight_hours_ahead() -> None:
    assert datetime(2026, 6, 30, 16, 0, tzinfo=UTC).astimezone(CHINA).isoformat() == "2026-07-01T00:00:00+08:00"
