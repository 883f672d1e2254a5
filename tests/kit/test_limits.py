"""Who acts too often is stopped, for as long as it takes and no longer."""

from hypothesis import given
from hypothesis import strategies as st

from kit.limits import RateLimit


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_often_and_not_more() -> None:
    clock = Seconds()
    limit = RateLimit(2, 60, clock)
    assert [limit.allow("zhang") for _ in range(3)] == [True, True, False]
    assert limit.allow("li")
    clock.now = 59.9
    assert not limit.allow("zhang")
    clock.now = 60
    assert [limit.allow("zhang") for _ in range(3)] == [True, True, False]


def test_what_was_refused_does_not_count() -> None:
    clock = Seconds()
    limit = RateLimit(1, 60, clock)
    assert limit.allow("zhang")
    for clock.now in (10, 30, 59):
        assert not limit.allow("zhang")
    clock.now = 60
    assert limit.allow("zhang")


def test_who_is_quiet_is_forgotten() -> None:
    clock = Seconds()
    limit = RateLimit(2, 60, clock)
    for number in range(1000):
        clock.now = number
        limit.allow(f"customer {number}")
    assert len(limit._acts) == 60


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=60))
def test_in_no_minute_more_than_allowed(acts: list[tuple[str, float]]) -> None:
    clock = Seconds()
    limit = RateLimit(3, 60, clock)
    allowed: dict[str, list[float]] = {"a": [], "b": []}
    for key, pause in acts:
        clock.now += pause
        recent = [moment for moment in allowed[key] if moment > clock.now - 60]
        assert limit.allow(key) is (len(recent) < 3)
        if len(recent) < 3:
            allowed[key].append(clock.now)
