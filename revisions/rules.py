"""Which revision is in force, what differs between two, and who may decide: pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from kit.errors import RequestError
from revisions.schemas import RevisionView

CHANGED = "别人刚刚改过这份草稿，请刷新后再改"


class FieldDiff(NamedTuple):
    """A field whose value differs; None where one side has no such field."""

    field: str
    old: Any
    new: Any


class Merge(NamedTuple):
    """What two people made of one content; of the fields in `conflicts`, which both changed, it has mine."""

    content: dict[str, Any]
    conflicts: list[str]


def find_effective(revisions: Iterable[RevisionView], day: date) -> RevisionView | None:
    """The revision in force on a day: of the approved ones that have begun, the last; None before the first.

    Of two that begin on one day, the one that was written later: a key has one draft at a time.
    """
    begun = [each for each in revisions if each.state == "approved" and each.effective_from <= day]
    return max(begun, key=_rank, default=None)


def list_scheduled(revisions: Iterable[RevisionView], day: date) -> list[RevisionView]:
    """The approved revisions that begin after a day, the next first."""
    later = (each for each in revisions if each.state == "approved" and each.effective_from > day)
    return sorted(later, key=_rank)


def find_shown(revisions: Sequence[RevisionView], day: date) -> RevisionView:
    """The revision that stands for a key on a day: in force, or else the next one, or else the last."""
    return find_effective(revisions, day) or next(iter(list_scheduled(revisions, day)), revisions[-1])


def find_changeable(revisions: Sequence[RevisionView], day: date) -> RevisionView:
    """The revision that a new draft changes: what is approved already is changed from its own day on."""
    scheduled = list_scheduled(revisions, day)
    return scheduled[-1] if scheduled else find_shown(revisions, day)


def find_draft(revisions: Iterable[RevisionView]) -> RevisionView | None:
    """The open draft; a key has one at most."""
    return next((each for each in revisions if each.state == "draft"), None)


def find_newest(revisions: Sequence[RevisionView], day: date) -> RevisionView:
    """The revision that somebody who changes a key starts from: its open draft, or what a new draft changes."""
    return find_draft(revisions) or find_changeable(revisions, day)


def list_diffs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldDiff]:
    """The fields that differ, in the order of the new content, then those that are gone."""
    names = [*new, *(name for name in old if name not in new)]
    return [FieldDiff(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merge:
    """Both changes of a content; lists take the items that each added, and lose those that each took out."""
    content: dict[str, Any] = {}
    conflicts = []
    for name in dict.fromkeys((*theirs, *mine)):
        was, own, other = base.get(name), mine.get(name), theirs.get(name)
        if own in (was, other):
            content[name] = other
        elif other == was:
            content[name] = own
        elif isinstance(own, list) and isinstance(other, list):
            removed = [item for item in was or () if item not in own]
            added = [item for item in own if item not in (was or ()) and item not in other]
            content[name] = [*(item for item in other if item not in removed), *added]
        else:
            content[name] = own
            conflicts.append(name)
    return Merge(content, conflicts)


def require_open(revision: RevisionView, version: int) -> None:
    """RequestError 409 unless it is still a draft, and the one that was shown."""
    if revision.state != "draft":
        raise RequestError(409, "draft_over", "这份草稿已经处理过，请刷新")
    if revision.version != version:
        raise RequestError(409, "draft_changed", CHANGED)


def require_second(revision: RevisionView, by: str) -> None:
    """RequestError 403 if they wrote it themselves."""
    if by in revision.writers:
        raise RequestError(403, "own_draft", "自己写的草稿要由另一位同事审核")


def require_writer(revision: RevisionView, by: str) -> None:
    """RequestError 403 unless they wrote it."""
    if by not in revision.writers:
        raise RequestError(403, "not_own_draft", "只能撤回自己写的草稿")


def require_future(effective_from: date, today: date) -> None:
    """RequestError 422 for a date in the past: what was in force then stays as it was."""
    if effective_from < today:
        raise RequestError(422, "effective_date_past", "生效日期不能早于今天")


def _rank(revision: RevisionView) -> tuple[date, int]:
    return revision.effective_from, revision.number
