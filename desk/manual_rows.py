"""Sections of a product manual as rows of the table of entries, which is then checked and imported like any other."""

import re
from collections.abc import Awaitable, Callable, Iterator

from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.manuals import Section, read_manual
from imports.writing import write_rows
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_token
from knowledge.client import KnowledgeClient
from knowledge.entry_fields import ANSWER_MAX, CATEGORY_NAMES, QUESTION_MAX
from knowledge.rows import EntryRow

FindCategory = Callable[[str], Awaitable[str]]
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?\n?")


def find_category_by(knowledge: KnowledgeClient) -> FindCategory:
    """The category of the entry that comes nearest; the first one without the knowledge service."""

    async def find(question: str) -> str:
        first = next(iter(CATEGORY_NAMES))
        try:
            matches = (await knowledge.search(question, 1)).matches
            return (await knowledge.get_entry(matches[0].entry_id)).category if matches else first
        except (ServiceUnavailable, ServiceRefused):
            return first

    return find


async def write_manual_table(content: bytes, find_category: FindCategory) -> bytes:
    """A csv of entries, one a section or several of a long one. Raises like `read_manual`."""
    rows = []
    for section in read_manual(content):
        category = await find_category(_name(section))
        rows += [_make_row(question, answer, category) for question, answer in _split(section)]
    return write_csv(write_rows(list_columns(EntryRow), rows)).encode()


def _make_row(question: str, answer: str, category: str) -> EntryRow:
    # The same heading is the same entry when a later edition of the manual is imported.
    return EntryRow(id=f"manual-{hash_token(question)[:10]}", category=category, question=question, answer=answer)


def _name(section: Section) -> str:
    return f"{section.above}：{section.title}" if section.above else section.title


def _split(section: Section) -> Iterator[tuple[str, str]]:
    """Questions and answers; what is too long for one answer goes on in the next."""
    parts = [""]
    for sentence in _SENTENCE.findall("\n".join(section.paragraphs)):
        for start in range(0, len(sentence), ANSWER_MAX):
            piece = sentence[start : start + ANSWER_MAX]
            if len(parts[-1]) + len(piece) > ANSWER_MAX:
                parts.append("")
            parts[-1] += piece
    for number, part in enumerate(parts, 1):
        suffix = f"（{number}）" if len(parts) > 1 else ""
        yield _name(section)[: QUESTION_MAX - len(suffix)] + suffix, part.strip()
