"""A rate limit, counted in this process's memory."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable


class RateLimit:
    """Allows each key `times` in any `seconds`; forgets keys that were quiet for that long."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._acts: OrderedDict[str, deque[tuple[float, str | None]]] = OrderedDict()  # the quietest first

    def allow(self, key: str, act: str | None = None) -> bool:
        """Whether the key may act now; if so, it is counted. A named act that was counted may be repeated."""
        now = self._clock()
        self._forget(now - self._seconds)
        acts = self._acts.setdefault(key, deque())
        while acts and acts[0][0] <= now - self._seconds:
            acts.popleft()
        if act is not None and any(known == act for _, known in acts):
            return True
        if len(acts) >= self._times:
            return False
        acts.append((now, act))
        self._acts.move_to_end(key)
        return True

    def _forget(self, before: float) -> None:
        while self._acts:
            key, acts = next(iter(self._acts.items()))
            if acts and acts[-1][0] > before:
                return
            del self._acts[key]
