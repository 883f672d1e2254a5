"""`make nlu-report`: the measures, on guesses whose figures one can count by hand."""

from pathlib import Path

import pytest

from dev import nlu_examples
from dev.nlu_examples import Example, read_examples
from dev.nlu_measures import (
    Bin,
    Guess,
    Score,
    bin_probabilities,
    find_threshold,
    group_by_topic,
    measure_accuracy,
    measure_calibration_error,
    score_intents,
)
from dev.nlu_report import describe


def guess(intent: str, topic: str = "a", **probabilities: float) -> Guess:
    return Guess("text", topic, intent, probabilities)


GUESSES = [
    guess("cancel", cancel=0.96, deny=0.04),
    guess("cancel", cancel=0.7, deny=0.3),
    guess("cancel", "b", cancel=0.1, deny=0.9),
    guess("deny", "b", cancel=0.62, deny=0.38),
]


def test_accuracy_is_the_share_of_right_guesses() -> None:
    assert measure_accuracy(GUESSES) == 0.5
    assert measure_accuracy([]) == 0
    assert {topic: measure_accuracy(own) for topic, own in group_by_topic(GUESSES).items()} == {"a": 1, "b": 0}


def test_an_intents_score_counts_its_guesses_and_its_messages() -> None:
    assert score_intents(GUESSES) == {
        "cancel": Score(precision=2 / 3, recall=2 / 3, support=3, confusions=[("deny", 1)]),
        "deny": Score(precision=0, recall=0, support=1, confusions=[("cancel", 1)]),
    }


def test_probabilities_are_held_against_the_share_of_right_guesses() -> None:
    bins = bin_probabilities(GUESSES)
    assert {number: b.size for number, b in bins.items()} == {6: 1, 7: 1, 9: 2}
    assert bins[6] == Bin(1, 0.62, 0)
    assert measure_calibration_error(GUESSES) == pytest.approx((0.62 + 0.3 + 2 * abs(0.93 - 0.5)) / 4)


@pytest.mark.parametrize(("share", "threshold"), [(1, 0.7), (0.75, 0.1), (0.7, 0.1)])
def test_a_threshold_is_the_least_probability_that_keeps_the_share(share: float, threshold: float) -> None:
    assert find_threshold(GUESSES, "cancel", share) == threshold


def test_no_threshold_is_told_where_none_would_do() -> None:
    assert find_threshold([guess("deny", cancel=0.9, deny=0.1)], "cancel", 0.5) is None


def test_the_report_names_intents_topics_bins_and_thresholds() -> None:
    lines = "\n".join(describe(GUESSES))
    for part in ("cancel", "0.67", "deny 1", "0.500", "0.9 to 1.0", "ECE", "never"):
        assert part in lines


def test_examples_are_read_without_marks_and_under_their_new_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "merged.yml").write_text("draw_loan: ask_question\n", encoding="utf-8")
    monkeypatch.setattr(nlu_examples, "MERGED", tmp_path / "merged.yml")
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu" / "loans.yml").write_text(
        """
nlu:
- lookup: product
  examples: |
    - 农户贷
- intent: draw_loan
  examples: |
    - [农户贷](product)提款
    - [柳河]{"entity":"region","value":"柳河镇"}的
- intent: greet
  examples: |
    - 你好
""",
        encoding="utf-8",
    )
    assert read_examples(tmp_path / "nlu") == [
        Example("农户贷提款", "ask_question", "loans"),
        Example("柳河的", "ask_question", "loans"),
        Example("你好", "greet", "loans"),
    ]
