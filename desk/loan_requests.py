"""Asks the bank's core, again and again, for what customers confirmed while it was away."""

from core_banking.service import Loans
from kit.background import repeat


class LoanRequests:
    """Every desk process may run one: the core acts once for each application's number."""

    def __init__(self, loans: Loans, *, poll_seconds: float = 30.0) -> None:
        self._loans = loans
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self._loans.send_waiting, seconds=self._poll_seconds)
