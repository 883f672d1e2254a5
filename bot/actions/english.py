"""What an action leads to in an English dialogue: values, titles and cards of its responses are put into English."""

from collections.abc import Iterable
from typing import Any

from conversations.english import to_english

# Codes, whatever language is spoken.
CODES = ("response", "template", "payload")
_SPOKEN_SLOTS = ("hint_low", "hint_high")


def translate_responses(responses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The responses with English values."""
    return [_translate(response) for response in responses]


def translate_events(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events; slots whose values the next question names are English."""
    return [_translate(event) if event.get("name") in _SPOKEN_SLOTS else event for event in events]


def _translate(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: each if key in CODES else _translate(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_translate(each) for each in value]
    return to_english(value) if isinstance(value, str) else value
