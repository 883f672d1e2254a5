"""How well the trained model understands sentences it was never shown, with and without the encoder."""

import signal

import pytest

from dev.nlu_examples import HELD_OUT, read_examples
from dev.nlu_measures import Guess, measure_accuracy, measure_calibration_error
from dev.nlu_report import guess_intents
from dev.stack import Stack

# A little under what was measured (docs/decisions/0002-understanding.md): a change for the worse must show.
ACCURACY_MIN = 0.92
ACCURACY_WITHOUT_VECTORS_MIN = 0.89
CALIBRATION_ERROR_MAX = 0.04


def guess_held_out(stack: Stack, *, one_in: int = 1) -> list[Guess]:
    examples = read_examples(HELD_OUT)[::one_in]
    return guess_intents(stack.urls["rasa"], stack.environment["XIAOHE_RASA_TOKEN"], examples)


def test_held_out_sentences_are_understood(stack: Stack) -> None:
    guesses = guess_held_out(stack)
    assert measure_accuracy(guesses) >= ACCURACY_MIN
    assert measure_calibration_error(guesses) <= CALIBRATION_ERROR_MAX


@pytest.mark.exhaustive
def test_without_the_knowledge_service_the_bot_still_understands(stack: Stack) -> None:
    stack.stop("knowledge", signal.SIGKILL)
    stack.stop("rasa")  # forgets the vectors it has
    stack.start("rasa")
    try:
        stack.wait_until_healthy("rasa")
        assert measure_accuracy(guess_held_out(stack, one_in=3)) >= ACCURACY_WITHOUT_VECTORS_MIN
    finally:
        stack.start("knowledge")
        stack.wait_until_healthy("knowledge")
