"""Entries of the knowledge as rows of a table."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import date, datetime, time

from desk.answer_pictures import list_all_pictures
from desk.drafts import find_base
from desk.topic_import import TopicTable
from desk.topics import Problems, RevisionsByKey, Topic
from imports.plan import SHOWN_MAX
from kit.clock import CHINA, Clock
from knowledge.character_pairs import simplify_known
from knowledge.entry_fields import clean_entry, find_problems, read_moment
from knowledge.links import list_pictures
from knowledge.rows import EntryRow, build_row
from knowledge.schemas import ANSWERS, EntryText
from revisions import rules
from revisions.schemas import Content

_ID = re.compile(r"[\w-]{1,64}")
# Fields of an entry that stand under another name in a row.
_ROW_FIELDS = {"expires_at": "expires_on"}


def check_entry(
    content: Content, day: date, clock: Clock, link_hosts: Collection[str] = ()
) -> tuple[Content, Problems]:
    """The content of a draft that begins on a day, completed, and what is wrong with it by field."""
    cleaned = clean_entry(content)
    problems = find_problems(cleaned, max(clock(), datetime.combine(day, time(), CHINA)), link_hosts)
    return cleaned if problems else _dump(cleaned), problems


def find_gone(content: Content, missing: Collection[str]) -> Problems:
    """Which answers name pictures that are not there."""
    texts = {field: content.get(field) or "" for field in ANSWERS}
    return {
        field: "图片已经不在，请重新加"
        for field, text in texts.items()
        if not set(list_pictures(text)).isdisjoint(missing)
    }


def make_entry_table(topic: Topic, clock: Clock, link_hosts: Collection[str] = ()) -> TopicTable[EntryRow]:
    """The table of the topic of entries."""

    def make_check(rows: Sequence[EntryRow], day: date, revisions: RevisionsByKey) -> Callable[[EntryRow], Problems]:
        leads_on = any(row.follow_ups for row in rows)
        owners = _find_owners(rows, day, revisions) if leads_on else {}
        named = any(list_all_pictures([row.to_content()]) for row in rows)
        pictures = list_all_pictures(each.content for own in revisions.values() for each in own) if named else set()

        def check(row: EntryRow) -> Problems:
            problems = {} if _ID.fullmatch(row.id) else {"id": "只能用文字、数字和“-”，最多64字"}
            before = find_base(revisions.get(row.id, []), day) or {}
            if not row.is_retired and row.follow_ups != before.get("follow_ups"):
                problems |= _check_follow_ups(row, owners)
            content, found = check_entry(row.to_content(), day, clock, link_hosts)
            problems |= found | find_gone(content, list_all_pictures([content]) - pictures)
            return {_ROW_FIELDS.get(field, field): reason for field, reason in problems.items()}

        return check

    return TopicTable(topic, "entries", EntryRow, build_row, _build_content, make_check)


def _find_owners(rows: Sequence[EntryRow], day: date, revisions: RevisionsByKey) -> Mapping[str, Set[str]]:
    """The ids by question or similar question, simplified, once the rows are in force: of them, else of what is
    approved or drafted.
    """
    contents = [(row.id, row.to_content()) for row in rows]
    for key in revisions.keys() - {row.id for row in rows}:
        known = (
            rules.find_effective(revisions[key], day),
            *rules.list_scheduled(revisions[key], day),
            rules.find_draft(revisions[key]),
        )
        contents += [(key, each.content) for each in known if each]
    owners: dict[str, set[str]] = defaultdict(set)
    for key, content in contents:
        if _is_live(content, day):
            for text in (content["question"], *content["similar_questions"]):
                owners[simplify_known(text)].add(key)
    return owners


def _is_live(content: Content, day: date) -> bool:
    expires = read_moment(content.get("expires_at"))
    return not content.get("is_retired") and (expires is None or expires > day)


def _check_follow_ups(row: EntryRow, owners: Mapping[str, Set[str]]) -> Problems:
    for text in row.follow_ups:
        if not owners.get(simplify_known(text), set()) - {row.id}:
            return {"follow_ups": f"在用的、草稿里和这张表里，都没有别的知识问“{text[:SHOWN_MAX]}”"}
    return {}


def _build_content(row: EntryRow) -> Content:
    return _dump(clean_entry(row.to_content()))


def _dump(cleaned: Content) -> Content:
    return EntryText.model_validate(cleaned).model_dump(mode="json")
