"""An answer that holds a short list, as a card: an editor writes `label：value` on a line of its own for each row."""

import re
from typing import Any

_ROW = re.compile(r"(?P<label>[^：:，。；\n]{1,24})[：:](?!//)\s?(?P<value>[^\n]{1,80})")
ROWS_MIN = 2
_TITLE_END = "：:。 "


def make_card(question: str, answer: str) -> dict[str, Any] | None:
    """The card of an answer, None where it is no list. Its title is what stands before the list, or the question."""
    lines = answer.splitlines()
    rows = [place for place, line in enumerate(lines) if _ROW.fullmatch(line)]
    if len(rows) < ROWS_MIN or rows[-1] - rows[0] >= len(rows):
        return None
    first, last = rows[0], rows[-1]
    return {
        "kind": "list",
        "title": "".join(lines[:first]).rstrip(_TITLE_END) or question,
        "rows": [found.groupdict() for line in lines[first : last + 1] if (found := _ROW.fullmatch(line))],
        "notes": [line for line in lines[last + 1 :] if line.strip()],
    }
