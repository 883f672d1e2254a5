"""What the tests of the core share."""

import asyncio
from pathlib import Path

import httpx
import pytest

from core_banking.http_core import HttpCore
from tests.core_banking.small_core import SECRET, SmallCore
from tests.fakes import FixedClock

URL = "http://core.bank.example/core"


@pytest.fixture
def small_core(tmp_path: Path, clock: FixedClock) -> SmallCore:
    return SmallCore(tmp_path / "requests.json", clock)


def connect(core: SmallCore, clock: FixedClock, *, secret: str = SECRET, tries: int = 3) -> HttpCore:
    """A client of it, within the process."""
    transport = TimedTransport(httpx.ASGITransport(core.app, raise_app_exceptions=False))
    return HttpCore(URL, secret, clock=clock, transport=transport, pause_seconds=0, tries=tries)


class TimedTransport(httpx.AsyncBaseTransport):
    """Gives up after a moment, as a connection does: httpx leaves that to the transport."""

    def __init__(self, inner: httpx.AsyncBaseTransport, seconds: float = 0.2) -> None:
        self._inner = inner
        self._seconds = seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._inner.handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer") from None
