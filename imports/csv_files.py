"""Reads and writes csv: utf-8, gb18030 (what a Chinese Excel saves) or utf-16; with commas, semicolons or tabs."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from imports.formulas import defuse
from kit.errors import RequestError

BOM = "\ufeff"  # without which Excel guesses another encoding
_DELIMITERS = ",;\t"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_csv(content: bytes) -> Iterator[list[str]]:
    """The rows; RequestError 415 if it is no text, or its quotes do not match."""
    text = _decode(content)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise RequestError(415, "broken_csv", f"第{rows.line_num}行附近的引号没有配对，或一格太长") from None
        yield row


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """The rows as csv that is safe to open in a spreadsheet, without BOM."""
    text = StringIO()
    csv.writer(text).writerows([defuse(cell) for cell in row] for row in rows)
    return text.getvalue()


def _decode(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RequestError(415, "unknown_file", "看不懂这个文件，请上传xlsx，或用UTF-8保存的csv")


def _find_delimiter(text: str) -> str:
    """The one that splits the line of headings into the most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: _count_cells(first, delimiter))


def _count_cells(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return 0
