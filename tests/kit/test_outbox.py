"""Pauses between tries; leases are shown by those who use them (conversations, desk/notifications)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.outbox import compute_pause


@given(st.integers(1, 200), st.floats(1, 60), st.floats(1, 4), st.floats(1, 86_400))
def test_a_pause_is_at_least_half_of_what_the_tries_call_for_and_never_too_long(
    attempt: int, first_seconds: float, factor: float, seconds_max: float
) -> None:
    pause = compute_pause(attempt, first_seconds=first_seconds, factor=factor, seconds_max=seconds_max)
    assert min(seconds_max, first_seconds) / 2 <= pause <= seconds_max


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.outbox.random.uniform", lambda low, high: high)
    pauses = [compute_pause(attempt, first_seconds=10, factor=3, seconds_max=200) for attempt in (1, 2, 3, 4)]
    assert pauses == [10, 30, 90, 200]
