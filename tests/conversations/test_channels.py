"""What each channel's platform allows, in words for the agent, before the limit is met."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.channels import describe_limit
from conversations.schemas import Window

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "minutes", "words"),
    [(5, 60, ""), (2, 60, ""), (1, 60, "只能再发1条"), (0, 60, "现在发不出去"), (5, 0, "现在发不出去")],
)
@pytest.mark.parametrize("channel", ["wechat", "wecom_service"])
def test_limits_are_told_before_they_are_met(channel: str, left: int, minutes: int, words: str) -> None:
    told = describe_limit(channel, Window(until=NOW + timedelta(minutes=minutes), left=left), NOW)
    assert words in told
    assert bool(told) == bool(words)


@pytest.mark.parametrize("channel", ["web", "telegram", "unknown"])
def test_a_channel_without_limits_is_told_of_none(channel: str) -> None:
    assert describe_limit(channel, Window(until=NOW, left=0), NOW) == ""


def test_without_a_window_there_is_nothing_to_tell() -> None:
    assert describe_limit("wechat", None, NOW) == ""
