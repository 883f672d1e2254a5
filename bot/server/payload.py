"""Parses what the gateway asks of the Rasa server: the intents of a text, or a turn with the act that was chosen."""

import base64
import re
from dataclasses import dataclass
from typing import Any

TEXT_LENGTH_MAX = 2_000
FLOAT_BYTES = 4


class PayloadError(ValueError):
    """The request is malformed."""


@dataclass(frozen=True)
class IntentsRequest:
    """A text to classify, and if they are known its sentence vector as little-endian float32 and the fingerprint of
    the encoder it is of.
    """

    text: str
    vector: bytes | None
    fingerprint: str


@dataclass(frozen=True)
class TurnRequest:
    """An act to be done. `is_repeated`: it may have been done before. `channel` is the customer's, "" for any."""

    conversation_id: str
    message_id: str
    act: dict[str, Any]
    is_repeated: bool
    channel: str

    @property
    def parse_data(self) -> dict[str, Any]:
        """What Rasa's NLU would have returned: the act is the intent."""
        intent = {"name": self.act["name"], "confidence": 1.0}
        return {
            "text": "",
            "intent": intent,
            "intent_ranking": [intent],
            "entities": [],
            "act": self.act,
            "channel": self.channel,
        }


@dataclass(frozen=True)
class ForgetRequest:
    """A conversation to forget, or the moment since which nothing happened in those to forget."""

    conversation_id: str
    before: float | None


def read_intents_request(body: Any) -> IntentsRequest:
    """The request in a JSON body; raises PayloadError."""
    body = _require_object(body)
    text, packed, fingerprint = body.get("text"), body.get("vector"), body.get("fingerprint") or ""
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_LENGTH_MAX:
        raise PayloadError(f"text must be a string of 1 to {TEXT_LENGTH_MAX} characters")
    try:
        vector = base64.b64decode(packed, validate=True) if packed else None
    except (TypeError, ValueError) as error:
        raise PayloadError("vector must be base64") from error
    if vector and len(vector) % FLOAT_BYTES:
        raise PayloadError("vector must be floats of 32 bits")
    if not isinstance(fingerprint, str) or bool(vector) != bool(fingerprint):
        raise PayloadError("a vector comes with the fingerprint of its encoder")
    return IntentsRequest(strip_commands(text), vector, fingerprint)


def read_turn(body: Any) -> TurnRequest:
    """The request in a JSON body; raises PayloadError."""
    body = _require_object(body)
    conversation_id, message_id, act = (body.get(key) for key in ("conversation_id", "message_id", "act"))
    is_repeated, channel = body.get("is_repeated", False), body.get("channel", "")
    if not (isinstance(conversation_id, str) and isinstance(message_id, str) and conversation_id and message_id):
        raise PayloadError("conversation_id and message_id must be non-empty strings")
    if not (isinstance(act, dict) and isinstance(act.get("name"), str) and act["name"].isidentifier()):
        raise PayloadError("act must be an object that names an intent")
    if not isinstance(is_repeated, bool):
        raise PayloadError("is_repeated must be true or false")
    if not isinstance(channel, str):
        raise PayloadError("channel must be a string")
    return TurnRequest(conversation_id, message_id, act, is_repeated, channel)


def read_forget_request(body: Any) -> ForgetRequest:
    """The request in a JSON body; raises PayloadError."""
    body = _require_object(body)
    conversation_id, before = body.get("conversation_id", ""), body.get("before")
    is_moment = isinstance(before, (int, float)) and not isinstance(before, bool)
    if not isinstance(conversation_id, str) or bool(conversation_id) == is_moment:
        raise PayloadError("either conversation_id, or before as seconds since 1970")
    return ForgetRequest(conversation_id, float(before) if is_moment else None)


def strip_commands(text: str) -> str:
    """The text without leading slashes: Rasa would read what follows them as a command."""
    return re.sub(r"^[\s/]+", "", text).rstrip()


def _require_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise PayloadError("the body must be a JSON object")
    return body
