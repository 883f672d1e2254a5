"""A way to tell somebody of the bank something outside the site, and how it may fail."""

from typing import Protocol

from desk.tables import Staff

# For the operator to mend: what is wrong with a way itself is looked at again after so long.
MENDING_SECONDS = 600


class NotTold(Exception):
    """A way did not tell it. `retry`: it may work later, not before `retry_after` seconds; else never.

    `reason` is a short Chinese sentence for the staff; it holds no secret and nothing of a customer.
    """

    def __init__(self, retry: bool, reason: str, retry_after: float = 0) -> None:
        super().__init__(f"{'retry' if retry else 'fail'}: {reason}")
        self.retry = retry
        self.reason = reason
        self.retry_after = retry_after


class Way(Protocol):
    """One way; `name` (at most 8 characters) is recorded with what it told."""

    @property
    def name(self) -> str: ...

    def can_reach(self, staff: Staff) -> bool:
        """Whether the member has an address here."""
        ...

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Tells a member that `can_reach`; the text's first line is its headline, the same `key` is the same news.

        Raises NotTold, and nothing else that is the way's fault.
        """
        ...
