"""Where a dialogue stands after the gateway itself said something, with the bot's question still open."""

from collections.abc import Mapping
from typing import Any

# A yes or a choice would be taken for an answer to what was said last.
_CLOSED: dict[str, Any] = {"question": "", "offered": [], "proposed": "", "rated": ""}


def stand_aside(dialogue: Mapping[str, Any]) -> dict[str, Any]:
    """The dialogue as it was, but for what a yes would answer."""
    return {**dialogue, **_CLOSED, "is_aside": True}
