"""A turn as it was recorded, for those who look at it afterwards."""

from datetime import datetime
from typing import Any

from conversations.schemas import MessageKind, Value


class TurnView(Value):
    """A customer's message and what it led to.

    `is_pressed`: it was a button or an entry of a menu. `choice` is None where nothing had to be chosen
    (understanding/choice.py). `handoff` is the reason of the handoff that it led to.
    """

    id: int
    conversation_id: str
    at: datetime
    kind: MessageKind
    text: str
    is_pressed: bool
    is_understood: bool
    choice: dict[str, Any] | None
    handoff: str | None
