"""The customer's last message as actions see it."""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.interfaces import Tracker


@dataclass(frozen=True, slots=True)
class Message:
    """What was written, and what Rasa made of it."""

    text: str
    intent: str = ""
    entities: dict[str, Any] = field(default_factory=dict)
    is_button: bool = False


def read_message(tracker: Tracker) -> Message:
    """The tracker's last message, with the first entity of each name that does not follow 不是."""
    latest = tracker.latest_message
    text = latest.get("text") or ""
    entities: dict[str, Any] = {}
    for entity in latest.get("entities") or []:
        if not text[: entity.get("start") or 0].endswith("不是"):
            entities.setdefault(entity["entity"], entity["value"])
    intent = latest.get("intent") or {}
    return Message(
        text=text,
        intent=intent.get("name") or "",
        entities=entities,
        is_button=(latest.get("metadata") or {}).get("is_button") is True,
    )
