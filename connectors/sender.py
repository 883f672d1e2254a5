"""The sending side of a channel, and how its platform may fail."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from conversations.schemas import MessageView

ErrorKind = Literal["retry", "defer", "permanent"]


class SendError(Exception):
    """A platform did not take a part of a delivery.

    `kind`: `retry` later (not before `retry_after_seconds`), `defer` until the customer writes again, or `permanent`.
    `reason` is a short Chinese sentence for the staff and holds no secret and nothing the customer said.
    `maybe_delivered`: the platform had it and did not confirm; such a part is sent once more, not again and again.
    """

    def __init__(
        self, kind: ErrorKind, reason: str, retry_after_seconds: float = 0, *, maybe_delivered: bool = False
    ) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.maybe_delivered = maybe_delivered


class Sender(Protocol):
    """The sending side of a channel."""

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[Any]:
        """The parts to send for one turn's replies, as few as the platform allows. Deterministic."""
        ...

    async def send(self, user_id: str, part: Any) -> None:
        """Sends one part within 10 s. Raises SendError, and nothing else that is the platform's fault."""
        ...
