"""Which revision is in force, and what differs between two."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kit.errors import RequestError
from revisions import rules
from revisions.schemas import RevisionView

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def make(number: int, day: date, state: str = "approved", **values: Any) -> RevisionView:
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    usual = {"key": "a", "content": {}, "version": 1, "rolls_back": None, "writers": ["anna"], "written_at": moment}
    decided = {"decided_by": None, "decided_at": moment, "reason": ""}
    return RevisionView(number=number, state=state, effective_from=day, **{**usual, **decided, **values})


@pytest.mark.parametrize(
    ("revisions", "day", "number"),
    [
        ([], MAY, None),
        ([make(1, JUNE)], MAY, None),
        ([make(1, MAY), make(2, JUNE)], MAY, 1),
        ([make(1, MAY), make(2, JUNE)], JUNE, 2),
        ([make(1, MAY), make(2, JUNE, "draft")], JULY, 1),
        ([make(1, MAY), make(2, JUNE, "refused"), make(3, JUNE, "withdrawn")], JULY, 1),
        ([make(1, MAY), make(2, MAY)], MAY, 2),
        ([make(1, JULY), make(2, JUNE)], JULY, 1),
    ],
)
def test_the_last_approved_one_that_has_begun_is_in_force(
    revisions: list[RevisionView], day: date, number: int | None
) -> None:
    found = rules.find_effective(revisions, day)
    assert (found.number if found else None) == number


def test_what_comes_later_is_scheduled_in_order() -> None:
    revisions = [make(1, MAY), make(2, JULY), make(3, JUNE), make(4, JULY, "draft")]
    assert [each.number for each in rules.list_scheduled(revisions, MAY)] == [3, 2]


def test_a_diff_names_each_field_with_both_values() -> None:
    diffs = rules.list_diffs({"a": 1, "b": [1], "gone": 5}, {"a": 2, "b": [1], "new": 3})
    assert diffs == [("a", 1, 2), ("new", None, 3), ("gone", 5, None)]


BASE = {"question": "几点开门？", "answer": "八点。", "similar": ["早上几点开门", "开门时间"]}


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "conflicts"),
    [
        ({}, {"answer": "九点。"}, {"answer": "九点。"}, []),
        ({"answer": "九点。"}, {}, {"answer": "九点。"}, []),
        ({"answer": "九点。"}, {"answer": "九点。"}, {"answer": "九点。"}, []),
        ({"question": "何时开门？"}, {"answer": "九点。"}, {"question": "何时开门？", "answer": "九点。"}, []),
        ({"answer": "九点。"}, {"answer": "十点。"}, {"answer": "九点。"}, ["answer"]),
        ({"source": "公告"}, {"english": "At nine."}, {"source": "公告", "english": "At nine."}, []),
        (
            {"similar": ["开门时间", "几点营业"]},
            {"similar": ["早上几点开门", "开门时间", "周末开门吗"]},
            {"similar": ["开门时间", "周末开门吗", "几点营业"]},
            [],
        ),
    ],
    ids=["theirs", "mine", "the same", "two fields", "one field", "new fields", "lists"],
)
def test_what_two_changed_is_merged(
    mine: dict[str, Any], theirs: dict[str, Any], merged: dict[str, Any], conflicts: list[str]
) -> None:
    assert rules.merge(BASE, BASE | mine, BASE | theirs) == (BASE | merged, conflicts)


def test_who_changes_something_starts_from_its_draft_or_from_what_is_approved() -> None:
    revisions = [make(1, MAY), make(2, JUNE), make(3, MAY, "refused")]
    assert rules.find_newest(revisions, MAY).number == 2
    assert rules.find_newest([*revisions, make(4, MAY, "draft")], MAY).number == 4


def test_nobody_decides_what_they_wrote() -> None:
    with pytest.raises(RequestError, match="另一位同事"):
        rules.require_second(make(1, MAY, "draft", writers=["anna", "bela"]), "bela")
    rules.require_second(make(1, MAY, "draft"), "bela")
