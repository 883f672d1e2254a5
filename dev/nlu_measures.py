"""Measures of an intent classifier: how often it is right, what it confuses, and whether its probabilities are true."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

BINS = 10


class Guess(NamedTuple):
    """A held-out message, what it wants, and the probability of each intent."""

    text: str
    topic: str
    intent: str
    probabilities: dict[str, float]

    @property
    def guessed(self) -> str:
        """The likeliest intent."""
        return max(self.probabilities, key=lambda intent: self.probabilities[intent])

    @property
    def is_right(self) -> bool:
        """Whether the likeliest intent is the one."""
        return self.guessed == self.intent


class Score(NamedTuple):
    """One intent: shares of its guesses that are right and of its messages that are found, and how many there are."""

    precision: float
    recall: float
    support: int
    confusions: list[tuple[str, int]]


class Bin(NamedTuple):
    """Guesses of similar probability: how many, their mean probability, and the share that is right."""

    size: int
    probability: float
    right: float


def measure_accuracy(guesses: Sequence[Guess]) -> float:
    """The share of guesses that are right; 0 of none."""
    return sum(g.is_right for g in guesses) / len(guesses) if guesses else 0.0


def score_intents(guesses: Sequence[Guess]) -> dict[str, Score]:
    """Each intent's score, by name; its messages' wrong guesses, the most frequent first."""
    scores = {}
    for intent in sorted({g.intent for g in guesses}):
        own = [g for g in guesses if g.intent == intent]
        named = [g for g in guesses if g.guessed == intent]
        confusions = Counter(g.guessed for g in own if not g.is_right).most_common()
        scores[intent] = Score(measure_accuracy(named), measure_accuracy(own), len(own), confusions)
    return scores


def group_by_topic(guesses: Sequence[Guess]) -> dict[str, list[Guess]]:
    """The guesses of each topic, by its name."""
    return {topic: [g for g in guesses if g.topic == topic] for topic in sorted({g.topic for g in guesses})}


def bin_probabilities(guesses: Sequence[Guess]) -> dict[int, Bin]:
    """The guesses in bins of a tenth of probability each, without empty ones, by the bin's number from 0."""
    bins: dict[int, list[Guess]] = {}
    for guess in guesses:
        probability = guess.probabilities[guess.guessed]
        bins.setdefault(min(int(probability * BINS), BINS - 1), []).append(guess)
    return {
        number: Bin(len(own), sum(g.probabilities[g.guessed] for g in own) / len(own), measure_accuracy(own))
        for number, own in sorted(bins.items())
    }


def measure_calibration_error(guesses: Sequence[Guess]) -> float:
    """The expected calibration error: mean distance of a bin's probability from its share of right guesses."""
    bins = bin_probabilities(guesses).values()
    return sum(b.size * abs(b.probability - b.right) for b in bins) / len(guesses)


def find_threshold(guesses: Sequence[Guess], intent: str, share: float) -> float | None:
    """The least probability of the intent from which on at least this share of messages has it; None if none does."""
    ranked = sorted(((g.probabilities.get(intent, 0.0), g.intent == intent) for g in guesses), reverse=True)
    right, threshold = 0, None
    for count, (probability, is_intent) in enumerate(ranked, start=1):
        right += is_intent
        if right >= share * count:
            threshold = probability
    return threshold
