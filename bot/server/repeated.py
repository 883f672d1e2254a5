"""Finds the earlier answers to a repeated message in the dialogue, so that it does not act twice."""

from collections.abc import Iterable
from typing import Any


def find_answers(events: Iterable[dict[str, Any]], message_id: str) -> list[dict[str, Any]] | None:
    """The bot's answers to the dialogue's last message, as they were sent; None when that is another message."""
    answers: list[dict[str, Any]] | None = None
    for event in events:
        # Events of the form `user` without a message id stem from a trigger, not from a customer.
        if event["event"] == "user":
            answers = [] if event.get("message_id") == message_id else None
        elif event["event"] == "bot" and answers is not None:
            data, metadata = event.get("data") or {}, event.get("metadata") or {}
            answers.append({**data, "text": event.get("text"), "utter_action": metadata.get("utter_action")})
    return answers
