"""Which answer a message names to be changed; every row of a summary says so when it is pressed."""

import pytest

from forms.catalogue import Question, load_catalogue
from understanding.read import read_message

LABELS = [question for question in load_catalogue().questions.values() if question.words]


@pytest.mark.parametrize("question", LABELS, ids=lambda question: question.label)
def test_a_row_of_the_summary_is_understood(question: Question) -> None:
    assert question.slot in read_message(f"改{question.label}", "confirmation").edits


@pytest.mark.parametrize("text", ["土地改一下", "我想改土地", "土地写错了", "那个土地不对"])
def test_in_other_words(text: str) -> None:
    assert read_message(text, "confirmation").edits == ("land_mu",)


def test_as_an_answer_it_is_a_use_of_money() -> None:
    reading = read_message("改土地", "purpose")
    assert (reading.edits, [fact.kind for fact in reading.facts]) == ((), ["purpose"])
