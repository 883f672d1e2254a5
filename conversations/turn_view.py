"""A turn as it was recorded, for those who look at it afterwards."""

from datetime import datetime
from typing import Any

from conversations.schemas import MessageKind, Thumb, Value


class TurnView(Value):
    """A customer's message and what it led to.

    `is_pressed`: it was a button or an entry of a menu. `is_answered` is false until a process has answered it.
    `choice` is None where nothing had to be chosen (understanding/choice.py). `handoff` is the reason of the handoff
    that it led to. `thumb` is what the customer gave the answer to it, `missing` what they missed in that.
    """

    id: int
    conversation_id: str
    at: datetime
    kind: MessageKind
    text: str
    is_pressed: bool
    is_understood: bool
    is_answered: bool = True
    choice: dict[str, Any] | None
    handoff: str | None
    thumb: Thumb | None = None
    missing: str | None = None
