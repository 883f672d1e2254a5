"""When a failing service is left alone, and when it is tried again."""

from kit.breaker import CircuitBreaker


class Stopwatch:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def make(watch: Stopwatch) -> CircuitBreaker:
    return CircuitBreaker(failures_max=3, open_seconds=10, read_seconds=watch)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.report(is_answered=False)


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = make(Stopwatch())
    for _ in range(5):
        fail(breaker, 2)
        breaker.report(is_answered=True)
    assert breaker.admit()
    fail(breaker, 3)
    assert breaker.is_open
    assert not breaker.admit()


def test_one_tries_when_the_time_is_over() -> None:
    watch = Stopwatch()
    breaker = make(watch)
    fail(breaker, 3)
    watch.seconds += 9.9
    assert not breaker.admit()
    watch.seconds += 0.1
    assert [breaker.admit() for _ in range(3)] == [True, False, False]


def test_a_try_that_succeeds_lets_everybody_in() -> None:
    watch = Stopwatch()
    breaker = make(watch)
    fail(breaker, 3)
    watch.seconds += 10
    assert breaker.admit()
    breaker.report(is_answered=True)
    assert [breaker.admit() for _ in range(3)] == [True, True, True]


def test_a_try_that_fails_waits_again() -> None:
    watch = Stopwatch()
    breaker = make(watch)
    fail(breaker, 3)
    watch.seconds += 10
    assert breaker.admit()
    watch.seconds += 2
    fail(breaker, 1)
    watch.seconds += 9
    assert not breaker.admit()
    watch.seconds += 1
    assert breaker.admit()


def test_a_try_that_never_reports_blocks_nobody() -> None:
    watch = Stopwatch()
    breaker = make(watch)
    fail(breaker, 3)
    watch.seconds += 10
    assert breaker.admit()  # and its request is cancelled
    watch.seconds += 10
    assert breaker.admit()
