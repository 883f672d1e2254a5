"""The message that brings a picture: what staff see of it, and the payload that says where the picture is."""

import json
from typing import Any

SENT = "[图片]"  # a caption follows
ACT = "send_picture"


def write_payload(**reference: str) -> str:
    """The payload, with the picture's `document`, or what its platform calls it, `media`; with neither: not kept."""
    return f"/{ACT}{json.dumps(reference)}" if reference else f"/{ACT}"


def read_reference(payload: str) -> dict[str, Any]:
    """What `write_payload` was given."""
    _, brace, rest = payload.partition("{")
    return dict(json.loads(brace + rest)) if brace else {}
