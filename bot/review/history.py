"""Which turns were reviewed, and what became of each: var/review.json."""

import json
from pathlib import Path


class ReviewHistory:
    """Kept in a file, which is written after each turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def has(self, key: str) -> bool:
        """Whether the turn was reviewed."""
        return key in self._done

    def add(self, key: str, what: str) -> None:
        """Remembers what became of a turn."""
        self._done[key] = what
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._done, indent=1) + "\n", encoding="utf-8")
