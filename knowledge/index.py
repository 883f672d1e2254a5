"""The search index: ranks entries for a question and decides whether the best one answers it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from knowledge.character_pairs import CharacterPairs
from knowledge.schemas import Outcome

Matrix = NDArray[np.float32]
Entries = Mapping[str, Sequence[str]]
"""Each entry's texts by its id: the question and its similar questions."""

# Scores mean the same whatever the entries and the encoder are: see `Index.search`.
ANSWER_SCORE = 0.7
SUGGEST_SCORE = 0.3
NEIGHBOURS = 10
FOREIGN_BELOW = -2.0
STEEPNESS = 2.0
# Inverse regularisation strength of the ranking; results hardly change between 3 and 100.
FREEDOM = 10.0
JITTER = 1e-4


class Index:
    """An index of entries. Building takes 1 s for 800 texts and 3 s for 2,000 on one core; memory grows with their
    square (16 MB for 2,000).
    """

    def __init__(self, entries: Entries, vectors: Mapping[str, Matrix]) -> None:
        """`vectors`: of every text, shape (d,), length 1; KeyError without one."""
        self._ids = list(entries)
        if not self._ids:
            return
        texts = [text for own in entries.values() for text in own]
        owners = np.array([i for i, own in enumerate(entries.values()) for _ in own])
        matrix = np.stack([vectors[text] for text in texts])
        self._scope = Scope(matrix)
        self._centre = matrix.mean(axis=0)
        self._directions = _normalise(matrix - self._centre)
        self._pairs = CharacterPairs(texts)
        alike = self._directions @ self._directions.T + np.stack([self._pairs.compare(text) for text in texts])
        self._weights, self._bias = fit_ranking(alike, owners, len(entries))

    def search(self, question: str, vector: Matrix, k: int = 3) -> tuple[Outcome, list[tuple[str, float]]]:
        """The outcome, and the ids and scores (0 to 1) of the `k` best entries for a question, best first.

        A score is the probability that the question is in scope, times the entry's share against its strongest rival;
        so scores are comparable across knowledge bases.
        """
        if not self._ids:
            return "none", []
        direction = _normalise((vector - self._centre)[np.newaxis])[0]
        alike = self._directions @ direction + self._pairs.compare(question)
        preferences = alike @ self._weights + self._bias
        scores = self._scope.rate(vector) * _share_with_rival(preferences)
        best = np.argsort(-preferences, kind="stable")[:k]
        matches = [(self._ids[i], float(scores[i])) for i in best]
        return _judge(matches[0][1]), matches


class Scope:
    """Tells in-scope questions from foreign ones by the distance of their vectors to the known questions.

    The scale is estimated from the known questions, each compared with the others: their mean and spread make it
    independent of the encoder, whose cosines may all lie between 0.8 and 1.
    """

    def __init__(self, vectors: Matrix) -> None:
        self._vectors = vectors
        self._usual, self._spread = 1.0, 0.05
        if len(vectors) < 2:
            return
        alike = vectors @ vectors.T
        np.fill_diagonal(alike, -np.inf)
        near = _measure_nearness(np.sort(alike, axis=1)[:, 1:])
        self._usual = float(near.mean())
        # With few entries the estimated spread is unreliable: at least a tenth of the distance to identity.
        self._spread = max(float(near.std()), (1 - self._usual) / 10, 0.005)

    def rate(self, vector: Matrix) -> float:
        """0 (foreign) to 1 (like the known questions); one half at FOREIGN_BELOW spreads below the usual."""
        near = float(_measure_nearness(np.sort(self._vectors @ vector)[np.newaxis])[0])
        distance = (near - self._usual) / self._spread - FOREIGN_BELOW
        return float(1 / (1 + np.exp(-np.clip(STEEPNESS * distance, -50, 50))))


def fit_ranking(alike: Matrix, owners: NDArray[np.int64], count: int) -> tuple[Matrix, Matrix]:
    """Logistic regression in the space in which `alike` (n, n) is the inner product of texts.

    Returns weights (n, count) and bias (count,): a text's likenesses to the n texts times weights, plus bias, are the
    logits of the `count` entries. `owners` (n,) gives the entry of each text.
    """
    if count < 2:
        return np.zeros((len(owners), count), np.float32), np.zeros(count, np.float32)
    # The rows of the root have `alike` as their inner products; the jitter lets texts repeat.
    root = np.linalg.cholesky(alike.astype(np.float64) + JITTER * np.eye(len(alike)))
    model = LogisticRegression(C=FREEDOM, max_iter=300).fit(root.astype(np.float32), owners)
    weights = np.linalg.solve(root.T, model.coef_.T)
    bias = model.intercept_
    if count == 2:  # scikit-learn gives the logit of the second against the first
        weights, bias = np.hstack([np.zeros_like(weights), weights]), np.append(0, bias)
    return weights.astype(np.float32), bias.astype(np.float32)


def _measure_nearness(ascending: Matrix) -> Matrix:
    # Half the nearest, half the neighbourhood: the nearest alone is fooled by one odd text, and the neighbourhood
    # alone misses a question that only one entry knows.
    nearness: Matrix = (ascending[:, -1] + ascending[:, -NEIGHBOURS:].mean(axis=1)) / 2
    return nearness


def _share_with_rival(preferences: Matrix) -> Matrix:
    # The logistic of the lead over the strongest other entry, which is p / (p + rival's p).
    if len(preferences) == 1:
        return np.ones(1, np.float32)
    second, first = np.sort(preferences)[-2:]
    rivals = np.where(np.arange(len(preferences)) == preferences.argmax(), second, first)
    share: Matrix = 1 / (1 + np.exp(rivals - preferences))
    return share


def _judge(score: float) -> Outcome:
    if score >= ANSWER_SCORE:
        return "answer"
    return "suggest" if score >= SUGGEST_SCORE else "none"


def _normalise(rows: Matrix) -> Matrix:
    unit: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
