"""What a message is, and how probably: a danger of some topic, an act of the conversation, talk, or a question."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge.character_pairs import CharacterPairs
from knowledge.kernel import Groups, TextKernel, combine, find_groups, find_nearest, normalise
from knowledge.logistic import fit_logistic

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
Vectors = Mapping[str, Matrix]
Kind = Literal["danger", "act", "talk", "question"]

KINDS: tuple[Kind, ...] = get_args(Kind)
# Of the texts that the probability of an alarm is learned from, the share that are alarms; a question to the bank
# counts less than a message that was written because it sounds like an alarm.
ALARMS_SHARE = 0.2
ALARM_QUESTION_WEIGHT = 0.1
PARTS = 3
# How many texts' worth of evidence it takes to move away from the log odds as they are.
PRIOR = 20.0
_TRUSTED = np.array([0.0, 1, 0, 0, 0, 0])
_OVERLAP_SPREAD = 0.15
# Acts less probable than this are not told.
TOLD_LEAST = 0.05


class Lesson(NamedTuple):
    """Examples of one class of messages; `weight` is how much each of them counts."""

    name: str
    kind: Kind
    texts: Sequence[str]
    weight: float = 1.0


class ClassWeights(NamedTuple):
    """What was learned of n texts of c classes: weights (n, c), and offset and factors (6,) of the alarm's log odds."""

    weights: Matrix
    scale: Matrix


Keep = Callable[[Callable[[], ClassWeights]], ClassWeights]


class ClassifierResult(NamedTuple):
    """Probabilities by name; of the dangers, the likeliest carries that of the text's being an alarm at all."""

    dangers: dict[str, float]
    acts: dict[str, float]


class MessageClassifier:
    """Rates messages by the examples of every class, in the order of KINDS; `vectors` are of all texts, of length 1."""

    def __init__(self, classes: Sequence[Lesson], vectors: Vectors, keep: Keep = lambda learn: learn()) -> None:
        """`keep` gives back what was learned from the same classes and vectors before, or calls `learn`."""
        self._names = [(known.kind, known.name) for known in classes]
        self._kinds = np.array([KINDS.index(known.kind) for known in classes])
        texts = [text for known in classes for text in known.texts]
        self._owners = np.repeat(np.arange(len(classes)), [len(known.texts) for known in classes])
        self._groups = find_groups(self._kinds[self._owners])
        matrix = np.stack([vectors[text] for text in texts])
        self._centre = matrix[self._kinds[self._owners] != KINDS.index("question")].mean(axis=0)
        directions = normalise(matrix - self._centre)
        self._pairs = CharacterPairs(texts)
        class_weights = np.array([known.weight for known in classes], np.float32)
        self._weights, self._scale = keep(lambda: self._learn(directions, class_weights))
        self._by_direction = directions.T @ self._weights

    def rate(self, text: str, vector: Matrix) -> ClassifierResult:
        """The probability of each danger, and of each act that is not quite improbable."""
        overlaps = self._pairs.compare(self._pairs.vectorise(text))[np.newaxis]
        cosines = normalise((vector - self._centre)[np.newaxis]) @ self._by_direction
        logits = cosines + combine(np.zeros_like(overlaps), overlaps) @ self._weights
        shares = np.exp(logits[0] - logits[0].max())
        probabilities = shares / shares.sum()
        alarm = _to_probability(self._describe(logits, overlaps, self._groups)[0] @ self._scale)
        is_danger = self._kinds == KINDS.index("danger")
        dangers = alarm * shares / max(float(shares[is_danger].sum()), 1e-9)
        if is_danger.any():
            dangers[np.flatnonzero(is_danger)[shares[is_danger].argmax()]] = alarm
        return ClassifierResult(
            {name: round(float(dangers[i]), 4) for i, (kind, name) in enumerate(self._names) if kind == "danger"},
            {
                name: round(float(probabilities[i]), 4)
                for i, (kind, name) in enumerate(self._names)
                if kind == "act" and probabilities[i] >= TOLD_LEAST
            },
        )

    def _learn(self, directions: Matrix, class_weights: Matrix) -> ClassWeights:
        owners, count, importance = self._owners, len(self._names), class_weights[self._owners]
        kernel = TextKernel(directions, self._pairs.matrix)
        traits = np.zeros((len(owners), len(_TRUSTED)), np.float32)
        turns = np.random.default_rng(0).permutation(len(owners)) % PARTS
        for part in range(PARTS):
            rest, own = np.flatnonzero(turns != part), np.flatnonzero(turns == part)
            weights = fit_logistic(kernel.select(rest), owners[rest], count, importance[rest])
            groups = find_groups(self._kinds[owners[rest]])
            for some in np.array_split(own, 1 + len(own) // 1000):
                cosines, overlaps = kernel.compare(some, rest)
                traits[some] = self._describe(combine(cosines, overlaps) @ weights, overlaps, groups)
        kinds = self._kinds[owners]
        weighing = np.where(kinds == KINDS.index("question"), ALARM_QUESTION_WEIGHT, 1.0)
        scale = _fit_scale(traits, kinds == KINDS.index("danger"), weighing)
        return ClassWeights(fit_logistic(kernel, owners, count, importance), scale)

    def _describe(self, logits: Matrix, overlaps: Matrix, groups: Groups) -> Matrix:
        """What tells an alarm, shape (m, 6): 1, its log odds, and the nearest wording of each kind.

        `groups` are the kinds of the texts that `overlaps` are with.
        """
        is_danger = self._kinds == KINDS.index("danger")
        alarm, other = logits[:, is_danger], logits[:, ~is_danger]
        odds = np.logaddexp.reduce(alarm, axis=1, initial=-50) - np.logaddexp.reduce(other, axis=1, initial=-50)
        nearest = np.maximum(find_nearest(overlaps, groups, len(KINDS)), 0) / np.float32(_OVERLAP_SPREAD)
        return np.column_stack([np.ones_like(odds), odds, nearest]).astype(np.float32)


def _to_probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def _fit_scale(traits: Matrix, is_alarm: NDArray[np.bool_], importance: NDArray[np.float64]) -> Matrix:
    """Logistic regression on the traits of texts that were left out."""
    weights = np.where(is_alarm, ALARMS_SHARE / max(1, is_alarm.sum()), 0)
    weights[~is_alarm] = (1 - ALARMS_SHARE) * importance[~is_alarm] / max(1.0, importance[~is_alarm].sum())
    signs = np.where(is_alarm, 1, -1)

    def measure(scale: NDArray[np.float64]) -> float:
        surprise = weights @ np.logaddexp(0, -signs * (traits @ scale))
        return float(surprise + PRIOR / len(traits) * ((scale - _TRUSTED) ** 2).sum())

    return np.asarray(minimize(measure, _TRUSTED).x, np.float32)
