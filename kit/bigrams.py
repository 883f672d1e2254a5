"""Texts as pairs of neighbouring characters: Chinese writes no spaces, and most of its words have two characters."""

import re
import unicodedata

_RUN = re.compile(r"\w+")


def normalise(text: str) -> str:
    """Full-width and half-width, capital and small letters are the same; not always as long as the text."""
    return unicodedata.normalize("NFKC", text).lower()


def list_bigrams(text: str) -> list[list[str]]:
    """The pairs of each run of letters and digits, in order; a run of one character has none."""
    runs = _RUN.findall(normalise(text))
    return [[run[place : place + 2] for place in range(len(run) - 1)] for run in runs if len(run) > 1]
