"""Ranks the entries nearest to a question by logistic regression over their nearest texts, fitted when it is asked.

Nothing is learned beforehand: who publishes, changes or removes an entry changes its own texts and no weights.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.kernel import Matrix, TextFeatures

Numbers = NDArray[np.int64]

# Chosen on texts kept aside, see docs/decisions/0042-ranking-when-asked.md.
RANKED, TEXTS_EACH = 16, 8
CENTROID_WEIGHT = 6
PENALTY, CURVATURE, STEPS = np.float32(0.2), np.float32(0.2), 6


class Ranking(NamedTuple):
    """The entries nearest to a text, the best first, with their logits, and the logit of what no entry answers."""

    entries: Numbers
    logits: Matrix
    none: float


class Ranker:
    """Ranks among n known texts; those of entry e begin at `starts[e]`, those that no entry answers at the last."""

    def __init__(self, features: TextFeatures, starts: Numbers) -> None:
        self._features = features
        self._starts = starts
        self._ends = np.append(starts[1:], len(features.directions))
        # The text that is nearest says what an entry is about, all together what is usual in it.
        self._centroids = features.average(starts)

    def rank(self, text: TextFeatures, likenesses: Matrix) -> Ranking:
        """Ranks the entries for one text with its likenesses (n,) to the known ones."""
        starts, foreign = self._starts, int(self._starts[-1])
        nearest = np.maximum.reduceat(likenesses[:foreign], starts[:-1])
        entries = np.argsort(-nearest, kind="stable")[:RANKED]
        rivals = np.append(entries, len(starts) - 1) if foreign < len(likenesses) else entries
        chosen = [self._choose_nearest(likenesses, rival) for rival in rivals]
        rows, numbers = np.concatenate(chosen), np.arange(len(rivals))
        owners = np.concatenate([np.repeat(numbers, [len(each) for each in chosen]), numbers])
        # A centroid stands for the texts that are not among the nearest.
        others = np.minimum(self._ends[rivals] - starts[rivals] - TEXTS_EACH, CENTROID_WEIGHT).clip(0)
        importance = np.concatenate([np.ones(len(rows)), others]).astype(np.float32)
        compared = self._features.select(rows).join(self._centroids.select(rivals), text).compare()
        logits = compared[-1, :-1] @ _fit(compared[:-1, :-1], owners, importance)
        order = np.argsort(-logits[: len(entries)], kind="stable")
        return Ranking(entries[order], logits[order], float(logits[len(entries) :].sum()))

    def _choose_nearest(self, likenesses: Matrix, group: int) -> Numbers:
        start, end = self._starts[group], self._ends[group]
        rows = np.arange(start, end)
        if len(rows) > TEXTS_EACH:
            rows = rows[np.argpartition(-likenesses[rows], TEXTS_EACH - 1)[:TEXTS_EACH]]
        return rows


def _fit(likenesses: Matrix, owners: Numbers, importance: Matrix) -> Matrix:
    """Weights (n, owners) of multinomial logistic regression over likenesses (n, n), each row of some importance.

    Newton's steps with one curvature for all: more of them, or the true curvature, change no ranking.
    """
    each = importance[:, np.newaxis]
    step = np.linalg.inv(CURVATURE * each * likenesses + PENALTY * np.eye(len(owners), dtype=np.float32))
    truth = np.eye(owners.max() + 1, dtype=np.float32)[owners]
    weights = np.zeros_like(truth)
    for _ in range(STEPS):
        logits = likenesses @ weights
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        weights = weights - step @ (each * (shares - truth) + PENALTY * weights)
    return weights
