"""Parses a turn request: typed text, which is never run as a command, or the payload of one of our buttons."""

import json
import re
from dataclasses import dataclass
from typing import Any

MESSAGE_LENGTH_MAX = 2_000


class TurnError(ValueError):
    """The turn request is malformed."""


@dataclass(frozen=True)
class TurnRequest:
    """A message to be taken; Rasa reads it unless `parse_data` is given. `is_repeated`: may have been taken before."""

    conversation_id: str
    message_id: str
    text: str
    parse_data: dict[str, Any] | None
    is_repeated: bool
    is_button: bool = False


def read_turn(body: Any) -> TurnRequest:
    """The request in a JSON body; raises TurnError."""
    if not isinstance(body, dict):
        raise TurnError("the body must be a JSON object")
    conversation_id, message_id, text = (body.get(k) for k in ("conversation_id", "message_id", "text"))
    if not (isinstance(conversation_id, str) and isinstance(message_id, str) and conversation_id and message_id):
        raise TurnError("conversation_id and message_id must be non-empty strings")
    if not isinstance(text, str) or len(text) > MESSAGE_LENGTH_MAX:
        raise TurnError(f"text must be a string of at most {MESSAGE_LENGTH_MAX} characters")
    is_repeated = body.get("is_repeated", False)
    if not isinstance(is_repeated, bool):
        raise TurnError("is_repeated must be true or false")
    payload = body.get("payload")
    if payload is not None:
        return TurnRequest(conversation_id, message_id, text, parse_payload(payload, text), is_repeated, is_button=True)
    text = strip_commands(text)
    parse_data = None if text else make_parse_data("nlu_fallback", [], "")
    return TurnRequest(conversation_id, message_id, text, parse_data, is_repeated)


def strip_commands(text: str) -> str:
    """The text without leading slashes: Rasa would read what follows them as a command."""
    return re.sub(r"^[\s/]+", "", text).rstrip()


def parse_payload(payload: Any, text: str) -> dict[str, Any]:
    """Parse data for a button payload `/intent` or `/intent{"entity": value}`; raises TurnError."""
    if not isinstance(payload, str) or not payload.startswith("/"):
        raise TurnError("payload must start with a slash")
    intent, brace, rest = payload[1:].partition("{")
    try:
        values = json.loads(brace + rest) if brace else {}
    except ValueError as error:
        raise TurnError("payload entities must be JSON") from error
    if not intent.isidentifier():
        raise TurnError("payload must name an intent")
    entities = [{"entity": k, "value": v, "start": 0, "end": 0} for k, v in values.items()]
    return make_parse_data(intent, entities, text)


def make_parse_data(intent: str, entities: list[dict[str, Any]], text: str) -> dict[str, Any]:
    """A result like that of Rasa's NLU."""
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": entities,
    }
