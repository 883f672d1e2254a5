"""How often somebody may do something; counted in this process's memory."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

KEYS_MAX = 50_000


class RateLimit:
    """Allows each key `times` in any `seconds`. Forgets the keys that have been quiet longest."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[str, deque[tuple[float, str | None]]] = OrderedDict()

    def allow(self, key: str, act: str | None = None) -> bool:
        """Whether the key may act now; if so, it counts. A named act that was counted may be repeated."""
        now = self._clock()
        moments = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        if len(self._seen) > KEYS_MAX:
            self._seen.popitem(last=False)
        while moments and moments[0][0] <= now - self._seconds:
            moments.popleft()
        if act is not None and any(known == act for _, known in moments):
            return True
        if len(moments) >= self._times:
            return False
        moments.append((now, act))
        return True
