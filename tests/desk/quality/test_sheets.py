"""Scores follow from marks: never out of bounds, never better for a worse mark, and nothing outweighs a fatal miss."""

import random
from datetime import date
from itertools import product

import pytest

from desk.quality.sheets import (
    Mark,
    Marks,
    Score,
    Sheet,
    compute_score,
    find_problems,
    find_sheet_day,
    load_sheets,
    read_sheets,
)

WORSE: dict[Mark, Mark] = {"kept": "partly", "partly": "missed"}
SHEET: Sheet = load_sheets()[date(2026, 11, 1)]
GOOD: Marks = dict.fromkeys(SHEET, "kept")
BOOK = "2026-01-01:\n  right: {name: 答得对, points: 100, advice: 没有错}"


@pytest.mark.parametrize(
    ("changed", "score"),
    [
        ({}, Score(100, is_failed=False)),
        ({"courtesy": "partly"}, Score(90, is_failed=False)),
        ({"correct": "missed", "prompt": "partly"}, Score(50, is_failed=False)),
        ({"no_promise": "missed"}, Score(0, is_failed=True)),
        ({"no_leak": "missed", "courtesy": "missed"}, Score(0, is_failed=True)),
        ({code: "missed" for code, each in SHEET.items() if not each.fatal}, Score(0, is_failed=False)),
    ],
)
def test_scores(changed: Marks, score: Score) -> None:
    assert compute_score(SHEET, {**GOOD, **changed}) == score


def test_a_worse_mark_never_scores_more() -> None:
    choose = random.Random(7)  # noqa: S311 (chooses cases)
    every = [dict(zip(SHEET, marks, strict=True)) for marks in product(*(each.marks for each in SHEET.values()))]
    for marks in choose.sample(every, 200):
        before = compute_score(SHEET, marks)
        assert 0 <= before.points <= 100
        for code, mark in marks.items():
            worse = WORSE.get(mark, "missed")
            if worse in SHEET[code].marks:
                assert compute_score(SHEET, {**marks, code: worse}).points <= before.points


def test_what_is_not_marked_is_named() -> None:
    assert find_problems(SHEET, GOOD) == {}
    problems = find_problems(SHEET, {**GOOD, "courtesy": "great", "no_leak": "partly"})
    assert problems == {"courtesy": "请选“态度礼貌”", "no_leak": "请选“没有泄露客户信息”"}
    assert set(find_problems(SHEET, {})) == set(SHEET)


def test_a_check_begins_on_the_sheet_of_its_day() -> None:
    assert find_sheet_day(date(2026, 12, 24)) == max(load_sheets())
    assert find_sheet_day(date(2020, 1, 1)) == min(load_sheets())


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("points: 100", "points: 99", "add up"),
        ("points: 100", "points: 100, fatal: true", "points or is fatal"),
        ("points: 100, ", "", "points or is fatal"),
        ("advice: 没有错", "advice: ''", "at least 2"),
        ("right:", "wrong: {}\n  right:", "name"),
    ],
)
def test_wrong_sheets_are_refused(before: str, after: str, reason: str) -> None:
    assert read_sheets(BOOK)[date(2026, 1, 1)]["right"].points == 100
    with pytest.raises(ValueError, match=reason):
        read_sheets(BOOK.replace(before, after))
    with pytest.raises(ValueError, match="rise"):
        read_sheets(f"{BOOK}\n{BOOK.replace('2026', '2025')}")
