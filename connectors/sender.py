"""The sending side of a channel, and how its platform may fail."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from conversations.schemas import MessageView

Fate = Literal["retry", "hold", "fail"]


class NotSent(Exception):
    """A platform did not take a part of a message.

    `fate`: `retry` later (not before `retry_after` seconds), `hold` until the customer writes again, or `fail` for
    good. `reason` is a short Chinese sentence for the staff and holds no secret and nothing the customer said.
    `may_be_there`: the platform had it and did not confirm; such a part is sent once more, not again and again.
    """

    def __init__(self, fate: Fate, reason: str, retry_after: float = 0, *, may_be_there: bool = False) -> None:
        super().__init__(f"{fate}: {reason}")
        self.fate = fate
        self.reason = reason
        self.retry_after = retry_after
        self.may_be_there = may_be_there


class Sender(Protocol):
    """The sending side of a channel."""

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[Any]:
        """What to send for one turn's replies: as few parts as the platform allows. The same for the same messages."""
        ...

    async def send(self, user_id: str, part: Any) -> None:
        """Sends one part within 10 s. Raises NotSent, and nothing else that is the platform's fault."""
        ...
