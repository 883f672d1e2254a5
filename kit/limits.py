"""How often something may be done: by others, counted for all processes (Limiter), or by this process (RateLimit)."""

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

FORGET_FROM = 1024  # keys


@dataclass(frozen=True, slots=True)
class Limit:
    """`times` at once, and evenly as many again in `seconds`: whoever waits that long may do all of it again."""

    name: str
    times: int
    seconds: float


class Refused(NamedTuple):
    """The limit that was reached, and after how many seconds it is worth another try."""

    limit: Limit
    seconds: float


class Limiter(Protocol):
    """Counts against limits, each by a key of at most 64 characters that is no personal data.

    It stores one moment for each: when its whole quota is there again (the generic cell rate algorithm).
    """

    async def take(self, *asked: tuple[Limit, str], cost: float = 1) -> Refused | None:
        """Counts in all limits, or in none and tells the first that is reached."""
        ...

    async def sweep(self) -> None:
        """Forgets what is as good as never counted."""
        ...

    async def close(self) -> None:
        """Closes what it holds."""
        ...


class MemoryLimiter:
    """Counts in this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._sweep_at = FORGET_FROM

    async def take(self, *asked: tuple[Limit, str], cost: float = 1) -> Refused | None:
        """See Limiter.take."""
        now, taken = self._clock(), {}
        for limit, subject in asked:
            key = name_key(limit, subject)
            full_at = max(self._full_at.get(key, 0), now) + cost * limit.seconds / limit.times
            if (wait := full_at - now - limit.seconds) > 1e-6:
                return Refused(limit, wait)
            taken[key] = full_at
        self._full_at |= taken
        if len(self._full_at) >= self._sweep_at:
            await self.sweep()
        return None

    async def sweep(self) -> None:
        """See Limiter.sweep."""
        now = self._clock()
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._sweep_at = max(FORGET_FROM, 2 * len(self._full_at))

    async def close(self) -> None:
        """See Limiter.close."""


def name_key(limit: Limit, subject: str) -> str:
    """The key of a subject's count in a limit."""
    return f"{limit.name} {subject}"


def group_address(address: str) -> str:
    """The address that limits count by: of IPv6 the network of 64 bits, which one customer has for themselves."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(group_address(address).removesuffix("/64")).is_loopback or address == "::1"
    except ValueError:
        return False


class RateLimit:
    """Allows each key `times` in any `seconds`; forgets keys that were quiet for that long."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._acts: OrderedDict[str, deque[float]] = OrderedDict()  # the quietest first

    def allow(self, key: str) -> bool:
        """Whether the key may act now; if so, it is counted."""
        now = self._clock()
        self._forget(now - self._seconds)
        acts = self._acts.setdefault(key, deque())
        while acts and acts[0] <= now - self._seconds:
            acts.popleft()
        if len(acts) >= self._times:
            return False
        acts.append(now)
        self._acts.move_to_end(key)
        return True

    def _forget(self, before: float) -> None:
        while self._acts:
            key, acts = next(iter(self._acts.items()))
            if acts and acts[-1] > before:
                return
            del self._acts[key]
