"""The sending side of a channel."""

from collections.abc import Sequence
from typing import Any, Protocol

from conversations.schemas import MessageView


class Sender(Protocol):
    """The sending side of a channel."""

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[Any]:
        """The parts to send for one turn's replies, as few as the platform allows. Deterministic."""
        ...

    async def send(self, user_id: str, part: Any) -> None:
        """Sends one part within 10 s. Raises kit.outbox.SendError, and nothing else that is the platform's fault."""
        ...
