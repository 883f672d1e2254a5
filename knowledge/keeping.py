"""What is computed from the shipped texts, kept in files so that a process starts in seconds."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
Content = str | Sequence[str] | Mapping[str, Sequence[str]]

# Of one kind, the files that stay: two databases may share the folder, and entries change back.
KEPT_MAX = 3


def keep_arrays(path: Path | None, compute: Callable[[], Arrays]) -> Arrays:
    """The arrays in a file, computed and written there if it is missing or broken; without a path only computed.

    Of the files whose names begin as this one's, up to the hyphen, only the newest stay.
    """
    if path and (found := _read(path)) is not None:
        return found
    arrays = compute()
    if path:
        _write(path, arrays)
        _remove_old(path)
    return arrays


def keep_vectors(
    path: Path | None, texts: Sequence[str], encode: Callable[[Sequence[str]], NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """The vectors of texts; only those are encoded that the file does not hold, and then it holds these texts."""
    held = (_read(path) if path else None) or {}
    known = (
        dict(zip(held["texts"].tolist(), held["vectors"], strict=True)) if {"texts", "vectors"} <= held.keys() else {}
    )
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known |= dict(zip(missing, encode(missing), strict=True))
    vectors = {text: known[text] for text in texts}
    if path and missing:
        _write(path, {"texts": np.array(list(vectors)), "vectors": np.stack(list(vectors.values()))})
    return vectors


def hash_content(*content: Content) -> str:
    """A name for what was computed from this content."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, default=list).encode()).hexdigest()[:16]


def _read(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile):
        return None


def _remove_old(path: Path) -> None:
    kind = f"{path.name.partition('-')[0]}-*.npz"
    with suppress(FileNotFoundError):  # another process removes them too
        for old in sorted(path.parent.glob(kind), key=lambda file: file.stat().st_mtime)[:-KEPT_MAX]:
            old.unlink()


def _write(path: Path, arrays: Arrays) -> None:
    """Whole or not at all: another process may write or read the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
