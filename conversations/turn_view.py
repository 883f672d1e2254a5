"""A turn as it was recorded, for those who look at it afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from conversations.schemas import MessageKind, Thumb, Value

# What comes later is about something else.
FOLLOWS_WITHIN = timedelta(minutes=10)
# Reasons of handoffs that the customer asked for.
ASKED_FOR = ("customer_request", "account_manager", "complaint")


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


class GivenAnswer(Value):
    """An answer of the knowledge in a turn: its entry, and the thumb it was given."""

    entry_id: str
    thumb: Thumb | None = None


def find_following(turns: Sequence[TurnView], place: int) -> TurnView | None:
    """The turn after the one at a place of a conversation's, if it may still be about that."""
    following = turns[place + 1] if place + 1 < len(turns) else None
    return following if following and following.at - turns[place].at <= FOLLOWS_WITHIN else None
