"""Why a question counts as unanswered."""

from datetime import timedelta

import pytest

from tests.bot.review.turns import BEGIN, Said, make_turns, said
from unanswered.reasons import find_unanswered
from understanding.buttons import press
from understanding.schemas import State

SOON, LATER = BEGIN + timedelta(minutes=5), BEGIN + timedelta(hours=1)
# What the button of an offered entry does.
PRESSED = press('/ask_question{"entry": "card-lost"}', "补卡", State()).name
CASES: list[tuple[str, list[Said], dict[int, tuple[str, ...]]]] = [
    ("answered", [said("社保卡丢了咋办", "answer", entry_id="card"), said("谢谢", "thank")], {}),
    ("nothing found", [said("收不收古董", "not_understood", is_understood=False)], {1: ("none",)}),
    ("away from what we know", [said("今天油价多少", "not_looked_up")], {1: ("none",)}),
    ("too short to be a question", [said("？", "not_understood", is_understood=False)], {}),
    ("an answer in a form", [said("嗯那个", "unclear")], {}),
    ("none of what was offered", [said("卡的事", "suggest"), said("都不是", "none_of_these")], {1: ("not_taken",)}),
    ("one of what was offered", [said("卡的事", "suggest"), said("补卡", "answer")], {}),
    ("pressed, one of what was offered", [said("卡的事", "suggest"), said("补卡", PRESSED, is_pressed=True)], {}),
    (
        "pressed, and then a human",
        [said("补卡", PRESSED, is_pressed=True), said("人工", "request_human", handoff="customer_request")],
        {1: ("handed_over",)},
    ),
    ("offered, and gone", [said("卡的事", "suggest")], {1: ("not_taken",)}),
    ("it did not help", [said("利息多少", "answer", thumb="down")], {1: ("thumbs_down",)}),
    ("it helped", [said("利息多少", "answer", thumb="up")], {}),
    (
        "that was not it",
        [said("利息多少", "answer", entry_id="rate"), said("答非所问", "apologise")],
        {1: ("asked_again",)},
    ),
    (
        "the same in other words",
        [said("利息多少", "answer", entry_id="rate"), said("到底几个点", "answer", entry_id="rate")],
        {1: ("asked_again",)},
    ),
    (
        "something else next",
        [said("利息多少", "answer", entry_id="rate"), said("卡丢了", "answer", entry_id="card")],
        {},
    ),
    (
        "a human right after",
        [said("利息多少", "answer"), said("转人工", "request_human", handoff="customer_request")],
        {1: ("handed_over",)},
    ),
    (
        "nothing found, and a human",
        [said("收古董不", "not_understood"), said("找人", "request_human", handoff="customer_request")],
        {1: ("none", "handed_over")},
    ),
    (
        "handed over by itself",
        [said("收古董不", "not_understood", handoff="not_understood")],
        {1: ("none", "handed_over")},
    ),
    ("a human for a wish", [said("转人工", "request_human", handoff="customer_request")], {}),
    ("danger", [said("有人叫我转账", "danger")], {}),
]


@pytest.mark.parametrize(("messages", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_reasons(messages: list[Said], expected: dict[int, tuple[str, ...]]) -> None:
    assert find_unanswered(make_turns(*messages), LATER) == expected


def test_what_was_just_offered_may_still_be_taken() -> None:
    assert find_unanswered(make_turns(said("卡的事", "suggest")), SOON) == {}


def test_what_comes_much_later_is_about_something_else() -> None:
    first, second = make_turns(said("利息多少", "answer"), said("人工", "request_human", handoff="customer_request"))
    late = second.model_copy(update={"at": first.at + timedelta(minutes=11)})
    assert find_unanswered([first, late], LATER) == {}


def test_what_is_not_answered_yet_may_take_it() -> None:
    turns = make_turns(said("卡的事", "suggest"), said("补卡", is_pressed=True, is_answered=False))
    assert find_unanswered(turns, LATER) == {}
