"""Cleans texts that people write."""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def clean_text(text: str) -> str:
    """The text without control characters, halves of surrogate pairs and outer white space."""
    # A lone half of a surrogate pair is legal in JSON but in no database.
    return _UNPRINTABLE.sub("", text.encode(errors="ignore").decode()).strip()
