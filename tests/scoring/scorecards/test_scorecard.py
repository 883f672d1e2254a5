"""Points, losses, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from scoring.scorecards.scorecard import Loss, Scale
from tests.scoring.scorecards.cards import make_card


@pytest.mark.parametrize(
    ("row", "score"),
    [
        ({"years": 0, "trade": "餐饮"}, 505),
        ({"years": 1.99, "trade": "餐饮"}, 505),
        ({"years": 2, "trade": "餐饮"}, 535),
        ({"years": "2.0", "trade": " 餐饮 "}, 535),
        ({"years": 5.4, "trade": "零售"}, 555),
        ({"years": 5.5, "trade": "零售"}, 585),
        ({"years": -3, "trade": "批发"}, 525),
        ({"years": None, "trade": ""}, 528),
        ({}, 528),
        ({"years": 9, "trade": "养殖", "another": "column"}, 570),
    ],
)
def test_points_add_up(row: dict[str, Any], score: int) -> None:
    assert make_card().score(row) == score


def test_yes_and_no_are_one_and_zero() -> None:
    shape = {"kind": "category", "bands": [{"values": ["0"], "points": 9}, {"values": ["1"], "points": 0}]}
    card = make_card(characteristics={"overdue": {**shape, "other": {"points": 0}, "missing": {"points": 0}}})
    assert [card.score({"overdue": value}) for value in (False, "0", True, "1")] == [509, 509, 500, 500]


@pytest.mark.parametrize("value", ["two", "NaN", "2years"])
def test_words_are_no_number(value: str) -> None:
    with pytest.raises(ValueError, match=f"years: '{value}' is no number"):
        make_card().score({"years": value})


def test_losses_are_the_largest_first_in_approved_words() -> None:
    card = make_card()
    assert card.list_losses({"years": 3, "trade": "餐饮"}) == [
        Loss("years", 30, "经营时间还不长"),
        Loss("trade", 20, "这一行的风险高一些"),
    ]
    assert card.list_losses({"years": 8, "trade": "批发"}) == []


def test_a_score_is_odds_on_the_scale() -> None:
    scale = Scale(points=600, odds=20, double=20)
    assert scale.get_probability(600) == pytest.approx(1 / 21)
    assert scale.get_probability(620) == pytest.approx(1 / 41)
    assert scale.get_probability(580) == pytest.approx(1 / 11)


def test_nobody_is_scored_before_the_words_are_approved() -> None:
    assert make_card().require_approved()
    with pytest.raises(ValueError, match="approved_by"):
        make_card(approved_by=" ").require_approved()
    content = make_card().model_dump()["characteristics"]
    content["trade"]["reason"] = ""
    with pytest.raises(ValueError, match="reasons of trade"):
        make_card(characteristics=content).require_approved()


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("years", {"bands": [{"points": 0}, {"start": 5, "points": 9}, {"start": 2, "points": 12}]}, "the others rise"),
        ("years", {"bands": [{"start": 0, "points": 0}]}, "the first has no start"),
        ("years", {"bands": [{"points": 9}, {"start": 5, "points": 0}]}, "points are not rising"),
        ("years", {"bands": []}, "at least 1 item"),
        ("trade", {"bands": [{"values": ["餐饮"], "points": 1}, {"values": ["餐饮"], "points": 2}]}, "stands once"),
        ("trade", {"other": None}, "`other` is for the rest"),
        ("trade", {"note": "?"}, "note"),
    ],
)
def test_a_slip_is_refused(name: str, change: dict[str, Any], complaint: str) -> None:
    content = make_card().model_dump()["characteristics"]
    content[name].update(change)
    with pytest.raises(ValidationError, match=complaint):
        make_card(characteristics=content)
