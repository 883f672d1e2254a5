"""Ranks the entries nearest to a question by logistic regression over their nearest texts, fitted when it is asked.

Nothing is learned beforehand: who publishes, changes or removes an entry changes its own texts and no weights.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from knowledge.kernel import Matrix, TextFeatures
from knowledge.nearby import Nearby

Numbers = NDArray[np.int64]

# Chosen on texts kept aside, see docs/decisions/0042-ranking-when-asked.md.
RANKED, TEXTS_EACH = 16, 8
CENTROID_WEIGHT = 6
PENALTY, CURVATURE, STEPS = np.float32(0.2), np.float32(0.2), 6
# A row without importance has a system of its own, which only has to be solvable.
_LEAST = np.float32(1e-6)


class Ranking(NamedTuple):
    """The entries nearest to a text, the best first, with their logits, and the logit of what no entry answers."""

    entries: Numbers
    logits: Matrix
    none: float


class Ranker:
    """Ranks among n known texts; those of entry e begin at `starts[e]`, those that no entry answers at the last."""

    def __init__(self, features: TextFeatures, starts: Numbers) -> None:
        self._features = features
        self._sizes = np.diff(starts, append=len(features.directions))
        # The text that is nearest says what an entry is about, all together what is usual in it.
        self._centroids = features.average(starts)

    def rank(self, text: TextFeatures, near: Nearby) -> Ranking:
        """Ranks the entries of the known texts near to one text."""
        nearest = np.maximum.reduceat(near.likenesses, near.starts[:-1])
        foreign = len(self._sizes) - 1
        has_foreign = near.owners[-1] == foreign
        places = np.argsort(-nearest[: len(nearest) - has_foreign], kind="stable")[:RANKED]
        entries = near.owners[places]
        rivals = np.append(entries, foreign) if has_foreign else entries
        chosen = [_choose_nearest(near.likenesses, near.find(rival)) for rival in rivals]
        rows, numbers = near.rows[np.concatenate(chosen)], np.arange(len(rivals))
        owners = np.concatenate([np.repeat(numbers, [len(each) for each in chosen]), numbers])
        # A centroid stands for the texts that are not among the nearest.
        others = np.minimum(self._sizes[rivals] - TEXTS_EACH, CENTROID_WEIGHT).clip(0)
        importance = np.concatenate([np.ones(len(rows)), others]).astype(np.float32)
        compared = self._features.select(rows).join(self._centroids.select(rivals), text).compare()
        logits = compared[-1, :-1] @ _fit(compared[:-1, :-1], owners, importance)
        order = np.argsort(-logits[: len(entries)], kind="stable")
        return Ranking(entries[order], logits[order], float(logits[len(entries) :].sum()))


def _choose_nearest(likenesses: Matrix, group: slice) -> Numbers:
    rows = np.arange(group.start, group.stop)
    if len(rows) > TEXTS_EACH:
        rows = rows[np.argpartition(-likenesses[rows], TEXTS_EACH - 1)[:TEXTS_EACH]]
    return rows


def _fit(likenesses: Matrix, owners: Numbers, importance: Matrix) -> Matrix:
    """Weights (n, owners) of multinomial logistic regression over likenesses (n, n), each row of some importance.

    Newton's steps with one curvature for all: more of them, or the true curvature, change no ranking.
    """
    each = importance[:, np.newaxis]
    # The rows' importance is split between both sides, which makes the matrix symmetric and its inverse cheap.
    side = np.sqrt(np.maximum(each, _LEAST))
    system = CURVATURE * (side * likenesses * side.T) + PENALTY * np.eye(len(owners), dtype=np.float32)
    factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
    truth = np.eye(owners.max() + 1, dtype=np.float32)[owners]
    weights = np.zeros_like(truth)
    for _ in range(STEPS):
        logits = likenesses @ weights
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = each * (shares - truth) + PENALTY * weights
        weights = weights - side * cho_solve(factor, slope / side, check_finite=False)
    return weights
