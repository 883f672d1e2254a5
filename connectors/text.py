"""Texts on their way in and out: without what no database, screen or dialogue can use; cut to what a platform takes."""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
# Where a long text is best cut, best first.
_BOUNDARIES = [re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[。！？；…!?;]", r"[，、：,:\s]")]


def clean_text(text: str) -> str:
    """The text without control characters, halves of surrogate pairs and outer white space."""
    # A lone half of a surrogate pair is legal in JSON but in no database.
    return _UNPRINTABLE.sub("", text.encode(errors="ignore").decode()).strip()


def split_text(text: str, bytes_max: int, encoding: str = "utf-8") -> list[str]:
    """The text in pieces of at most so many bytes; cut at a paragraph, line or sentence where that is not wasteful."""
    pieces = []
    rest = text.strip()
    while len(encoded := rest.encode(encoding)) > bytes_max:
        # Ignores what is left of a character that the cut goes through.
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
