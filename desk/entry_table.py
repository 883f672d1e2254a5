"""Entries of the knowledge as rows of a table."""

import re
from datetime import date, datetime, time

from desk.topic_import import TopicTable
from desk.topics import Problems, RevisionsByKey, Topic
from kit.clock import CHINA, Clock
from knowledge.entry_fields import clean_entry, find_problems
from knowledge.rows import EntryRow, build_row
from knowledge.schemas import EntryText
from revisions.schemas import Content

_ID = re.compile(r"[\w-]{1,64}")
# Fields of an entry that stand under another name in a row.
_ROW_FIELDS = {"expires_at": "expires_on"}


def check_entry(content: Content, day: date, clock: Clock) -> tuple[Content, Problems]:
    """The content of a draft that begins on a day, completed, and what is wrong with it by field."""
    cleaned = clean_entry(content)
    problems = find_problems(cleaned, max(clock(), datetime.combine(day, time(), CHINA)))
    return cleaned if problems else _dump(cleaned), problems


def make_entry_table(topic: Topic, clock: Clock) -> TopicTable[EntryRow]:
    """The table of the topic of entries."""

    def find_row_problems(row: EntryRow, day: date, revisions: RevisionsByKey) -> Problems:
        problems = {} if _ID.fullmatch(row.id) else {"id": "只能用文字、数字和“-”，最多64字"}
        problems |= check_entry(row.to_content(), day, clock)[1]
        return {_ROW_FIELDS.get(field, field): reason for field, reason in problems.items()}

    return TopicTable(topic, "entries", EntryRow, build_row, _build_content, find_row_problems)


def _build_content(row: EntryRow) -> Content:
    return _dump(clean_entry(row.to_content()))


def _dump(cleaned: Content) -> Content:
    return EntryText.model_validate(cleaned).model_dump(mode="json")
