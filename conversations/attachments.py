"""What a message brings besides words, a picture, a voice message or a file: what staff see of it, and its payload."""

import json
from collections.abc import Mapping
from typing import Any, Literal

PICTURE, VOICE, FILE = "[图片]", "[语音]", "[文件]"  # the text begins so; a caption or a name may follow
ACT = "send_picture"
Kind = Literal["image", "voice", "file"]
KINDS: Mapping[str, Kind] = {"image": "image", "voice": "voice", "file": "file"}
_ACTS: Mapping[Kind, str] = {"image": ACT, "voice": "send_voice", "file": "send_file"}
_BEGINNINGS = tuple(f"/{act}{{" for act in _ACTS.values())


def read_file_name(text: str) -> str:
    """The name of a file that a message brings; nothing for anything else."""
    return text.removeprefix(FILE).strip().partition("\n")[0] if text.startswith(FILE) else ""


def read_caption(text: str) -> str:
    """What its sender wrote beside a picture or a file, whose name is none of their words."""
    if text.startswith(FILE):
        return text.partition("\n")[2].strip()
    return text.removeprefix(PICTURE).strip()


def write_payload(kind: Kind = "image", **reference: str) -> str:
    """The payload, with the `document`, or what its platform calls it, `media`; with neither: not kept."""
    return f"/{_ACTS[kind]}{json.dumps(reference)}" if reference else f"/{_ACTS[kind]}"


def find_document(payload: str | None) -> str | None:
    """The document that a message's payload names."""
    is_attached = payload is not None and payload.startswith(_BEGINNINGS)
    return read_reference(payload).get("document") if payload and is_attached else None


def read_reference(payload: str) -> dict[str, Any]:
    """What `write_payload` was given."""
    _, brace, rest = payload.partition("{")
    return dict(json.loads(brace + rest)) if brace else {}
