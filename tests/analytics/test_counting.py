"""What is counted of turns: a table of what was said, and what it makes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from analytics.counting import Answers, MetricsBuilder
from analytics.schemas import EntryMetrics, QuestionMetrics
from conversations.schemas import Thumb
from conversations.turn_view import GivenAnswer
from tests.bot.review.turns import BEGIN, Said, make_turns, said

DAY = timedelta(days=1)


def given(entry_id: str, thumb: Thumb | None = None) -> GivenAnswer:
    return GivenAnswer(entry_id=entry_id, thumb=thumb)


def count(*conversations: Sequence[Said], answers: Answers | None = None) -> MetricsBuilder:
    """Of a whole day; `answers` are the first conversation's."""
    counting = MetricsBuilder(BEGIN, BEGIN + DAY, BEGIN + DAY)
    for place, messages in enumerate(conversations):
        counting.add(make_turns(*messages), (answers or {}) if place == 0 else {})
    return counting


PRESSED: dict[str, Any] = {"is_pressed": True}
RATE = given("rate")
CASES: list[tuple[str, list[Said], Answers, dict[str, int]]] = [
    ("small talk is no question", [said("你好", "greet")], {}, {}),
    ("answered at once", [said("利息多少", "answer")], {1: [RATE]}, {"asked": 1, "answered": 1, "right": 1}),
    ("nothing found", [said("收不收古董", "not_understood")], {}, {"asked": 1}),
    ("away from what we know", [said("今天油价多少", "not_looked_up")], {}, {"asked": 1}),
    ("the knowledge was away", [said("利息多少", "answer")], {}, {"asked": 1}),
    (
        "an offer that was pressed belongs to its question",
        [said("卡的事", "suggest"), said("补卡", "ask_question", **PRESSED)],
        {2: [given("card")]},
        {"asked": 1, "answered": 1, "offered": 1, "taken": 1},
    ),
    (
        "an offer that was taken in words is asked once more",
        [said("卡的事", "suggest"), said("补卡要什么", "answer")],
        {2: [given("card")]},
        {"asked": 2, "answered": 2, "right": 1, "offered": 1, "taken": 1},
    ),
    (
        "an offer that was left",
        [said("卡的事", "suggest"), said("都不是", "none_of_these")],
        {},
        {"asked": 1, "offered": 1},
    ),
    (
        "a button of the menu is a question",
        [said("怎么补卡", "ask_question", **PRESSED)],
        {1: [given("card")]},
        {"asked": 1, "answered": 1, "right": 1},
    ),
    (
        "it did not help",
        [said("利息多少", "answer", thumb="down")],
        {1: [given("rate", "down")]},
        {"asked": 1, "answered": 1, "down": 1},
    ),
    (
        "it helped",
        [said("利息多少", "answer", thumb="up")],
        {1: [given("rate", "up")]},
        {"asked": 1, "answered": 1, "right": 1, "up": 1},
    ),
    (
        "asked again",
        [said("利息多少", "answer", entry_id="rate"), said("到底几个点", "answer", entry_id="rate")],
        {1: [RATE], 2: [RATE]},
        {"asked": 2, "answered": 2, "right": 1},
    ),
    (
        "a human right after",
        [said("利息多少", "answer"), said("转人工", "request_human", handoff="customer_request")],
        {1: [RATE]},
        {"asked": 1, "answered": 1, "contained": 0},
    ),
]


@pytest.mark.parametrize(("messages", "answers", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_questions(messages: list[Said], answers: Answers, expected: dict[str, int]) -> None:
    talk = {"talks": 1, "contained": 1}
    assert count(messages, answers=answers).total == QuestionMetrics(**talk | expected)


def test_an_entry_answers_by_words_and_by_buttons() -> None:
    messages = [
        said("卡的事", "suggest"),
        said("补卡", "ask_question", **PRESSED),
        said("那利息呢", "answer", thumb="down"),
        said("转人工", "request_human", handoff="customer_request"),
    ]
    counting = count(messages, answers={2: [given("card", "up")], 3: [given("rate", "down"), given("card")]})
    assert counting.entries == {
        "card": EntryMetrics(talks=1, contained=0, answers=2, right=1, up=1),
        "rate": EntryMetrics(talks=1, contained=0, answers=1, right=0, down=1),
    }


def test_talks_that_needed_no_human() -> None:
    counting = count(
        [said("你好", "greet"), said("谢谢", "thank")],
        [said("人工", "request_human", handoff="customer_request")],
        [Said("", "", {"kind": "event"})],  # followed the account, and wrote nothing
    )
    assert (counting.total.talks, counting.total.contained, counting.total.containment) == (2, 1, 0.5)


def test_each_turn_counts_on_its_own_day() -> None:
    before, after = make_turns(said("卡的事", "suggest"), said("补卡", "ask_question", **PRESSED))
    midnight = before.at + timedelta(seconds=30)
    totals = []
    for since, until in ((midnight - DAY, midnight), (midnight, midnight + DAY)):
        counting = MetricsBuilder(since, until, midnight + DAY)
        counting.add([before, after], {after.id: [given("card")]})
        totals.append(
            (counting.total.asked, counting.total.answered, counting.entries.get("card", EntryMetrics()).answers)
        )
    assert totals == [(1, 1, 0), (0, 0, 1)]


def test_of_nothing_there_are_no_shares() -> None:
    total, entry = QuestionMetrics(), EntryMetrics()
    shares = (
        total.answer_rate,
        total.right_rate,
        total.taken_rate,
        total.containment,
        entry.right_rate,
        entry.down_rate,
    )
    assert set(shares) == {None}
