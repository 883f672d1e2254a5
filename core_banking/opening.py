"""Which core a process talks to: the bank's own, the demo's, or none."""

from pathlib import Path

from core_banking.demo_core import DemoCore
from core_banking.http_core import HttpCore
from core_banking.interface import CoreBanking
from kit.clock import Clock, read_clock


def open_core(url: str, secret: str, requests: Path, environment: str, clock: Clock = read_clock) -> CoreBanking | None:
    """The core at this address, else the demo's; None in production without an address."""
    if url:
        return HttpCore(url, secret, clock=clock)
    return DemoCore(requests, clock) if environment == "demo" else None
