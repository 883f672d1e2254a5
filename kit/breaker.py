"""A circuit breaker: a service that failed several times in a row is left alone for a while, then tried once."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kit.errors import ServiceRefused, ServiceUnavailable

FAILURES_MAX = 3
OPEN_SECONDS = 15.0


class CircuitBreaker:
    """Counts for one process; every process finds out by itself.

    Closed: everybody may ask. Open, after `failures_max` failures in a row: nobody, for `open_seconds`. Then one may
    try, and again one after each `open_seconds`, until a try succeeds; one that never reports back blocks nobody.
    """

    def __init__(
        self,
        *,
        failures_max: int = FAILURES_MAX,
        open_seconds: float = OPEN_SECONDS,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_max = failures_max
        self._open_seconds = open_seconds
        self._read_seconds = read_seconds
        self._failures = 0
        self._try_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it failed too often since it last answered."""
        return self._failures >= self._failures_max

    @contextmanager
    def watch(self, name: str) -> Iterator[None]:
        """Around a request to the service of that name: ServiceUnavailable at once where none may be sent."""
        if not self.admit():
            raise ServiceUnavailable(f"{name} failed again and again, and is not asked for some seconds")
        try:
            yield
        except ServiceUnavailable:
            self.report(is_answered=False)
            raise
        except ServiceRefused:
            self.report(is_answered=True)
            raise
        self.report(is_answered=True)

    def admit(self) -> bool:
        """Whether a request may be sent now; who is admitted reports how it went."""
        if not self.is_open:
            return True
        if self._read_seconds() < self._try_at:
            return False
        self._try_at = self._read_seconds() + self._open_seconds
        return True

    def report(self, *, is_answered: bool) -> None:
        """A refusal is an answer; what is cancelled is not reported."""
        self._failures = 0 if is_answered else self._failures + 1
        if self.is_open:
            self._try_at = self._read_seconds() + self._open_seconds
