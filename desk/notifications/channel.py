"""The contract of a notification channel, and how it may fail."""

from typing import Literal, Protocol

from desk.tables import Staff

# Pause after an error that the operator has to fix in the settings.
MENDING_SECONDS = 600


class SendError(Exception):
    """A channel did not send. `retry`: try again after `retry_after` seconds; `permanent`: never.

    `reason` is a short Chinese sentence for the staff; it holds no secret and nothing of a customer.
    """

    def __init__(self, kind: Literal["retry", "permanent"], reason: str, retry_after: float = 0) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.retry_after = retry_after


class NotificationChannel(Protocol):
    """A notification channel; `name` (at most 8 characters) is recorded with what it sent."""

    @property
    def name(self) -> str: ...

    def can_reach(self, staff: Staff) -> bool:
        """Whether the staff member has an address on it."""
        ...

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Notifies a member that `can_reach`; the text's first line is its headline, the same `key` the same message.

        Raises SendError, and nothing else that is the channel's fault.
        """
        ...
