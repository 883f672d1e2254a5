"""Builder of turns, a minute apart: what was said, the act it led to, and what else is known of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from conversations.schemas import ButtonView, MessageView
from conversations.turn_view import TurnView

BEGIN = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)  # 9:00 in China
CHOICE = ("row", "asked", "entry_id", "score", "intent", "probability")


class Said(NamedTuple):
    """A message and its act ("": nothing had to be chosen), with fields of the choice or of the turn."""

    text: str
    act: str = ""
    more: dict[str, Any] = {}  # noqa: RUF012 (never changed)


def said(text: str, act: str = "", **more: Any) -> Said:
    return Said(text, act, more)


def make_turns(*messages: Said, conversation: str = "c") -> list[TurnView]:
    """Turns 1, 2, 3 … of a conversation."""
    return [_make_turn(number, message, conversation) for number, message in enumerate(messages, 1)]


def make_reply(text: str, *titles: str) -> MessageView:
    buttons = [ButtonView(title=title, token=title) for title in titles]
    return MessageView(id=1, direction="outbound", author="bot", text=text, buttons=buttons, at=BEGIN)


def make_replies(*texts: str | Sequence[str]) -> tuple[tuple[MessageView, ...], ...]:
    """The replies to each of several turns."""
    each = [[text] if isinstance(text, str) else text for text in texts]
    return tuple(tuple(make_reply(text) for text in replies) for replies in each)


def _make_turn(number: int, message: Said, conversation: str) -> TurnView:
    choice = {"act": message.act, **{name: message.more[name] for name in CHOICE if name in message.more}}
    turn = {name: value for name, value in message.more.items() if name not in CHOICE}
    return TurnView.model_validate(
        {
            "id": number,
            "conversation_id": conversation,
            "at": BEGIN + timedelta(minutes=number),
            "kind": "text",
            "text": message.text,
            "is_pressed": False,
            "is_understood": True,
            "choice": choice if message.act else None,
            "handoff": None,
            **turn,
        }
    )
