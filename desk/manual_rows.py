"""Sections of a product manual as rows of the table of entries, which is then checked and imported like any other."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence

from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.manuals import Section, read_manual
from imports.writing import write_rows
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_token
from knowledge.character_pairs import simplify
from knowledge.client import KnowledgeClient
from knowledge.entry_fields import ANSWER_MAX, CATEGORY_NAMES, QUESTION_MAX
from knowledge.rows import EntryRow

FindCategory = Callable[[str], Awaitable[str]]
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?\n?")


def find_category_by(knowledge: KnowledgeClient) -> FindCategory:
    """The category of the entry that comes nearest; the first one from when the knowledge service does not answer."""
    first = next(iter(CATEGORY_NAMES))
    is_away = False

    async def find(question: str) -> str:
        nonlocal is_away
        if is_away:
            return first
        try:
            matches = (await knowledge.search(question, 1)).matches
            return matches[0].category if matches else first
        except (ServiceUnavailable, ServiceRefused) as error:
            is_away = isinstance(error, ServiceUnavailable)
            return first

    return find


async def write_manual_table(content: bytes, find_category: FindCategory) -> bytes:
    """A csv of entries, one a section or several of a long one. Raises like `read_manual`."""
    sections = await asyncio.to_thread(read_manual, content)
    rows = []
    for name, section in _name_all(sections):
        category = await find_category(name)
        rows += [_make_row(question, answer, category) for question, answer in _split(name, section)]
    return write_csv(write_rows(list_columns(EntryRow), rows)).encode()


def _make_row(question: str, answer: str, category: str) -> EntryRow:
    # The same heading is the same entry when a later edition of the manual is imported.
    return EntryRow(id=f"manual-{hash_token(question)[:10]}", category=category, question=question, answer=answer)


def _name_all(sections: Sequence[Section]) -> Iterator[tuple[str, Section]]:
    """Each by its heading and the one above it; those that are alike then by all above, and at last by number."""
    counts = Counter(section.path[-2:] for section in sections)
    seen: Counter[str] = Counter()
    for section in sections:
        name = "：".join(section.path if counts[section.path[-2:]] > 1 else section.path[-2:])
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}，{seen[name]}", section


def _split(name: str, section: Section) -> Iterator[tuple[str, str]]:
    """Questions and answers; what is too long for one answer goes on in the next, what says nothing is left out."""
    parts = [""]
    for sentence in _SENTENCE.findall("\n".join(section.paragraphs)):
        for start in range(0, len(sentence), ANSWER_MAX):
            piece = sentence[start : start + ANSWER_MAX]
            if len(parts[-1]) + len(piece) > ANSWER_MAX:
                parts.append("")
            parts[-1] += piece
    said = [part.strip() for part in parts if simplify(part)]
    for number, part in enumerate(said, 1):
        suffix = f"（{number}）" if len(said) > 1 else ""
        yield name[-(QUESTION_MAX - len(suffix)) :] + suffix, part
