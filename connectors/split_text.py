"""Cuts long texts into pieces that a platform accepts."""

import re

# Where to cut a long text, best first.
_BOUNDARIES = [re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[。！？；…!?;]", r"[，、：,:\s]")]


def split_text(text: str, bytes_max: int, encoding: str = "utf-8") -> list[str]:
    """The text in pieces of at most so many bytes; cut at a paragraph, line or sentence where that is not wasteful."""
    pieces = []
    rest = text.strip()
    while len(encoded := rest.encode(encoding)) > bytes_max:
        # Ignores the rest of a character that the cut goes through.
        head = encoded[:bytes_max].decode(encoding, errors="ignore")
        cut = _find_cut(head)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _find_cut(head: str) -> int:
    for boundary in _BOUNDARIES:
        cut = max((found.end() for found in boundary.finditer(head)), default=0)
        if cut > len(head) // 2:
            return cut
    return len(head)
