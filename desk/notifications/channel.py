"""The contract of a notification channel."""

from typing import Protocol

from desk.tables import Staff


class NotificationChannel(Protocol):
    """A notification channel; `name` (at most 8 characters) is recorded with what it sent."""

    @property
    def name(self) -> str: ...

    def can_reach(self, staff: Staff) -> bool:
        """Whether the staff member has an address on it."""
        ...

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Notifies a member that `can_reach`; the text's first line is its headline, the same `key` the same message.

        Raises kit.outbox.SendError (`retry` or `permanent`), and nothing else that is the channel's fault.
        """
        ...
