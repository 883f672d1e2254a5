"""Recognised lines of text as a page that regular expressions search, with what each finding is worth."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from statistics import median
from typing import NamedTuple

CERTAIN = 0.9  # the confidence from which a text is taken for what stands there


class Line(NamedTuple):
    """One piece of text: its box in pixels of the upright paper, and how sure its reader is (0 to 1)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Found(NamedTuple):
    """A text, the least confidence of the lines that it stands in, and the last of these."""

    text: str
    confidence: float
    line: Line

    @property
    def is_certain(self) -> bool:
        return self.confidence >= CERTAIN


class Page:
    """Lines in reading order. In `text` a row is a line, and a space parts what was recognised apart."""

    def __init__(self, lines: Iterable[Line]) -> None:
        kept = (line._replace(text=normalise(line.text)) for line in lines)
        self.rows = _group_rows(line for line in kept if line.text)
        self.text = "\n".join(" ".join(line.text for line in row) for row in self.rows)
        # Every character's line, by its place in the text; a separator is of the line before it.
        self._lines = [line for row in self.rows for line in row for _ in range(len(line.text) + 1)]

    def find_all(self, pattern: str) -> Iterator[Found]:
        """Every finding of a regular expression: its first group, or all of it without groups."""
        for match in re.finditer(pattern, self.text):
            begin, end = match.span(1 if match.re.groups else 0)
            if begin < end:
                lines = self._lines[match.start() : end]
                yield Found(self.text[begin:end], min(line.confidence for line in lines), lines[-1])

    def find(self, pattern: str) -> Found | None:
        """The only thing found; None also if there are several that differ: which one is meant is not certain."""
        found = list(self.find_all(pattern))
        return max(found, key=lambda each: each.confidence) if len({each.text for each in found}) == 1 else None

    def extend(self, found: Found, labels: str) -> Found:
        """A text with the lines right below that continue it; what is or stands by one of the labels does not."""
        text, confidence, last = found
        for row in self.rows:
            for line in row:
                is_next = 0.5 * last.height < line.middle - last.middle < 1.9 * last.height
                is_under = found.line.left - last.height < line.left < last.right and line is not last
                before = "".join(x.text for x in row if x.right <= line.left and line.left - x.left < 6 * line.height)
                if is_next and is_under and not re.match(labels, line.text) and not re.search(labels, before):
                    text, confidence, last = text + line.text, min(confidence, line.confidence), line
        return Found(text, confidence, last)


def normalise(text: str) -> str:
    """The text with half-width letters, digits and punctuation, without white space."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def read_date(text: str) -> date | None:
    """A date such as 2019年8月3日, 2019-08-03, 2019.08.03; None for anything else."""
    if match := re.fullmatch(r"(\d{4})[年.\-/](\d{1,2})[月.\-/](\d{1,2})日?", text.replace(" ", "")):
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            return None
    return None


def _group_rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Rows from top to bottom, each from left to right: what overlaps in height by half is in one row."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.middle):
        row = rows[-1] if rows else []
        if row and line.middle - median(each.middle for each in row) < 0.5 * min(line.height, row[0].height):
            row.append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda each: each.left) for row in rows]
