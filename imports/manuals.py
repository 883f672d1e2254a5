"""Reads a manual, docx or plain text, as the sections under its headings; whatever the file is, only RequestError."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from kit.errors import RequestError
from kit.text import clean_text

BYTES_MAX = 8_000_000
UNPACKED_MAX = 30_000_000
PARTS_MAX = 2_000
PARAGRAPHS_MAX = 5_000
SECTIONS_MAX = 500
HEADING_MAX = 40
BROKEN = RequestError(415, "broken_manual", "这个文件打不开，请另存为docx或纯文本再试")
_TOO_LARGE = RequestError(413, "file_too_large", "手册太大，请分几份导入")
_NUMBER = (
    r"(?:第[一二三四五六七八九十百零\d]+[章节条篇][ 、.．:：]?"
    r"|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}(?:\.\d{1,2}){0,3}[、.．]? )"
)
_HEADING = re.compile(rf"(?P<marks>#{{1,6}} +|{_NUMBER}|【)(?P<title>[^。；;]{{2,{HEADING_MAX}}}?)】?")
_MARK = re.compile(rf"^(?:#{{1,6}} +|{_NUMBER})")
_DEPTHS = ((re.compile("第.+[章篇]"), 1), (re.compile("[（(]"), 3))
_SENTENCE_ENDS = ("。", "；", "！", "，", ".", ";", ",")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under a heading; `path` are the headings above it and its own."""

    path: tuple[str, ...]
    paragraphs: list[str] = field(default_factory=list)


def read_manual(content: bytes) -> list[Section]:
    """The sections that say anything, in their order.

    RequestError 413 if the file is too large, 415 if it cannot be read, 422 without any heading.
    """
    if len(content) > BYTES_MAX:
        raise _TOO_LARGE
    lines = _read_docx(content) if content.startswith(b"PK") else _read_text(content)
    sections = [section for section in _build(lines) if section.paragraphs]
    if not sections:
        raise RequestError(422, "no_headings", "没有找到标题：标题要用Word的“标题”样式，或写成“一、…”“1. …”“# …”")
    if len(sections) > SECTIONS_MAX:
        raise _TOO_LARGE
    return sections


def _build(lines: Iterable[tuple[int, str]]) -> Iterator[Section]:
    """Sections of lines with their depth: 0 for a paragraph, else a heading's."""
    above: dict[int, str] = {}
    section: Section | None = None
    for count, (depth, text) in enumerate(lines):
        if count > PARAGRAPHS_MAX:
            raise _TOO_LARGE
        if depth:
            if section:
                yield section
            above = {level: title for level, title in above.items() if level < depth} | {depth: text}
            section = Section(tuple(above.values()))
        elif section:
            section.paragraphs.append(text)
    if section:
        yield section


def _read_text(content: bytes) -> Iterator[tuple[int, str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BROKEN
    if "\0" in text:
        raise BROKEN
    for line in text.splitlines():
        if plain := clean_text(line):
            yield _judge(plain)


def _judge(line: str) -> tuple[int, str]:
    """A line's depth as a heading, 0 for none, and its text."""
    found = _HEADING.fullmatch(line)
    if found is None or line.endswith(_SENTENCE_ENDS):
        return 0, line
    marks = found["marks"].strip()
    if marks.startswith("#"):
        return marks.count("#"), found["title"].strip()
    if marks[0].isdigit():
        return 4 + marks.rstrip(".．、").count("."), found["title"].strip()
    return next((depth for pattern, depth in _DEPTHS if pattern.match(marks)), 2), found["title"].strip()


def _read_docx(content: bytes) -> Iterator[tuple[int, str]]:
    _check_parts(content)
    from docx import Document  # only here: it loads lxml, and most processes never read a manual

    try:
        blocks = Document(BytesIO(content)).iter_inner_content()
        lines = (line for block in blocks for line in _read_block(block))
        paragraphs = list(islice(lines, PARAGRAPHS_MAX + 1))
    except Exception:  # the library raises whatever it stumbles over in a broken file
        raise BROKEN from None
    if len(paragraphs) > PARAGRAPHS_MAX:
        raise _TOO_LARGE
    has_styles = any(level for level, _ in paragraphs)
    for level, text in paragraphs:
        if not text:
            continue
        if has_styles:
            yield level, (_MARK.sub("", text) if level else text)[: HEADING_MAX if level else None]
        else:
            yield _judge(text)


def _read_block(block: Any) -> Iterator[tuple[int, str]]:
    """A paragraph with its level as a heading, or the rows of a table."""
    if hasattr(block, "rows"):
        for row in block.rows:
            yield 0, "，".join(dict.fromkeys(filter(None, (clean_text(cell.text) for cell in row.cells))))
    else:
        yield _find_level(block.style.name if block.style else ""), clean_text(block.text)


def _find_level(style: str | None) -> int:
    found = re.fullmatch(r"(?:heading|标题) ?(\d)", (style or "").lower())
    return int(found[1]) if found else 0


def _check_parts(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise _TOO_LARGE
            if "word/document.xml" not in names or b"<!DOCTYPE" in archive.read("word/document.xml")[:1000]:
                raise BROKEN
    except (BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError, EOFError, OSError):
        raise BROKEN from None
