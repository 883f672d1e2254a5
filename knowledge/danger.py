"""How probably a message is an alarm, and of what kind: learned from written examples."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge.character_pairs import CharacterPairs, find_features
from knowledge.kernel import BIAS, PAIRS_WEIGHT, TextKernel, combine, normalise
from knowledge.ranking import fit_ranking

Matrix = NDArray[np.float32]
Vectors = Mapping[str, Matrix]

ORDINARY = "ordinary"
# A question to the bank counts less than a message that was written because it sounds like an alarm.
QUESTION_WEIGHT = 0.1
# Of the texts that the probability is learned from, the share that are alarms.
ALARMS_SHARE = 0.4
PARTS = 3
# How many texts' worth of evidence it takes to move away from the log odds as they are.
PRIOR = 20.0
_TRUSTED = np.array([1.0, 0.0])


class DangerWeights(NamedTuple):
    """What was learned, for c owners of texts: the topics, then ordinary messages and questions to the bank."""

    centre: Matrix
    by_vector: Matrix  # (d, c)
    features: NDArray[np.str_]
    by_feature: Matrix  # (features, c)
    bias: Matrix
    scale: Matrix  # steepness and offset of the log odds of an alarm

    @classmethod
    def learn(cls, dangers: Mapping[str, Sequence[str]], questions: Sequence[str], vectors: Vectors) -> "DangerWeights":
        """`dangers` are the examples of each topic and of `ordinary`; `vectors` those of every text, of length 1."""
        groups = [*(own for topic, own in dangers.items() if topic != ORDINARY), dangers[ORDINARY], questions]
        texts = [text for own in groups for text in own]
        owners = np.array([i for i, own in enumerate(groups) for _ in own])
        importance = np.where(owners == len(groups) - 1, QUESTION_WEIGHT, 1).astype(np.float32)
        matrix = np.stack([vectors[text] for text in texts])
        centre = matrix[owners < len(groups) - 1].mean(axis=0)
        directions, pairs = normalise(matrix - centre), CharacterPairs(texts)
        kernel = TextKernel(directions, pairs.matrix)
        weights = fit_ranking(kernel, owners, len(groups), importance)
        left_out = np.zeros_like(weights)
        turns = np.random.default_rng(0).permutation(len(texts)) % PARTS
        for part in range(PARTS):
            rest, own = np.flatnonzero(turns != part), np.flatnonzero(turns == part)
            learned = fit_ranking(kernel.select(rest), owners[rest], len(groups), importance[rest])
            left_out[own] = combine(*kernel.compare(own, rest)) @ learned
        topics = len(groups) - 2
        return cls(
            centre,
            directions.T @ weights,
            np.array(list(pairs.columns)),
            np.float32(PAIRS_WEIGHT) * (pairs.matrix.T @ weights),
            np.float32(BIAS) * weights.sum(axis=0),
            _fit_scale(_find_odds(left_out, topics), owners < topics, importance),
        )


class DangerIndex:
    """Tells alarms from ordinary messages, by what was learned."""

    def __init__(self, topics: Sequence[str], weights: DangerWeights) -> None:
        self._topics = list(topics)
        self._weights = weights
        self._rows = {feature: i for i, feature in enumerate(weights.features.tolist())}

    def rate(self, text: str, vector: Matrix) -> dict[str, float]:
        """The probability of each topic; the likeliest carries the probability that the text is an alarm at all."""
        known = self._weights
        features = find_features(text)
        rows = [self._rows[feature] for feature in features if feature in self._rows]
        wording = known.by_feature[rows].sum(axis=0) / np.float32(np.sqrt(len(features)))
        logits = normalise((vector - known.centre)[np.newaxis])[0] @ known.by_vector + wording + known.bias
        alarm = _to_probability(_find_odds(logits[np.newaxis], len(self._topics))[0], known.scale)
        topics = np.exp(logits[: len(self._topics)] - logits[: len(self._topics)].max())
        shares = alarm * topics / topics.sum()
        shares[topics.argmax()] = alarm
        return {topic: round(float(share), 4) for topic, share in zip(self._topics, shares, strict=True)}


def _find_odds(logits: Matrix, topics: int) -> Matrix:
    """The log odds of an alarm, shape (m,), from logits (m, c)."""
    alarm, other = logits[:, :topics], logits[:, topics:]
    odds: Matrix = np.logaddexp.reduce(alarm, axis=1) - np.logaddexp.reduce(other, axis=1)
    return odds


def _to_probability(odds: float, scale: Matrix) -> float:
    return float(1 / (1 + np.exp(-np.clip(scale[0] * odds + scale[1], -50, 50))))


def _fit_scale(odds: Matrix, is_alarm: NDArray[np.bool_], importance: Matrix) -> Matrix:
    """Platt's scaling: logistic regression of the log odds of texts that were left out."""
    weights = np.where(is_alarm, ALARMS_SHARE / is_alarm.sum(), 0)
    weights[~is_alarm] = (1 - ALARMS_SHARE) * importance[~is_alarm] / importance[~is_alarm].sum()
    signs = np.where(is_alarm, 1, -1)

    def measure(scale: NDArray[np.float64]) -> float:
        surprise = weights @ np.logaddexp(0, -signs * (scale[0] * odds + scale[1]))
        return float(surprise + PRIOR / len(odds) * ((scale - _TRUSTED) ** 2).sum())

    return np.asarray(minimize(measure, _TRUSTED).x, np.float32)
