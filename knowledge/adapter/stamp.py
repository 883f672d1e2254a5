"""Which adapter an encoder folder was made with (standard library only: set-up asks before anything is installed)."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_STAMP = "adapter.sha256"


def is_current(encoder: Path, adapter: Path = FOLDER) -> bool:
    """Whether the folder `encoder` was made with the adapter in the folder `adapter`."""
    stamp = encoder / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == hash_adapter(adapter)


def write_stamp(encoder: Path, adapter: Path) -> None:
    """Note in the folder `encoder` that it was made with the adapter in the folder `adapter`."""
    (encoder / _STAMP).write_text(hash_adapter(adapter), encoding="ascii")


def hash_adapter(folder: Path) -> str:
    """Identifies an adapter: equal only if its files are (64 hex digits)."""
    return hashlib.sha256((folder / CONFIG).read_bytes() + (folder / WEIGHTS).read_bytes()).hexdigest()
