"""A turn worth a look stands among those of its visit."""

from datetime import timedelta

from bot.review.review_turn import AFTER_MAX, BEFORE_MAX, find_review_turns
from tests.bot.review.turns import BEGIN, make_turns, said

MISS = said("嗯那个", "not_understood")
THANKS = said("谢谢", "thank")


def test_the_newest_come_first_whoever_said_them() -> None:
    early, late = make_turns(MISS, THANKS, conversation="a"), make_turns(THANKS, THANKS, MISS, conversation="b")
    found = find_review_turns([early, late])
    assert [(each.key, each.kinds) for each in found] == [("b/3", ("not_understood",)), ("a/1", ("not_understood",))]
    assert [each.turn.text for each in found] == ["嗯那个", "嗯那个"]


def test_a_few_turns_stand_around_it() -> None:
    (found,) = find_review_turns([make_turns(*[THANKS] * 30, MISS, *[THANKS] * 9)])
    assert [turn.id for turn in found.visit] == [*range(31 - BEFORE_MAX, 31), 31, *range(32, 32 + AFTER_MAX)]
    assert found.turn.id == 31


def test_those_of_another_visit_do_not() -> None:
    hour = timedelta(hours=1)
    later = [said("在吗", "greet", at=BEGIN + hour), said("嗯那个", "not_understood", at=BEGIN + hour)]
    (found,) = find_review_turns([make_turns(THANKS, *later, said("谢谢", "thank", at=BEGIN + 2 * hour))])
    assert [turn.id for turn in found.visit] == [2, 3]


def test_nothing_is_worth_a_look() -> None:
    assert find_review_turns([]) == find_review_turns([make_turns(THANKS)]) == []
