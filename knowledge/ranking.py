"""Ranks the entries nearest to a question by logistic regression over their nearest texts, fitted when it is asked.

Nothing is learned beforehand: who publishes, changes or removes an entry changes its own texts and no weights.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.kernel import Matrix, TextFeatures

Numbers = NDArray[np.int64]

# Chosen on texts kept aside, see docs/decisions/0042-ranking-when-asked.md.
RANKED, TEXTS_EACH = 16, 6
PENALTY, CURVATURE, STEPS = 0.2, 0.2, 6


class Ranking(NamedTuple):
    """The entries nearest to a text, the best first, with their logits, and the logit of what no entry answers."""

    entries: Numbers
    logits: Matrix
    none: float


def rank(features: TextFeatures, starts: Numbers, likenesses: Matrix) -> Ranking:
    """Ranks the entries by a text's likenesses (n,) to n known texts, -inf for one that is left out.

    The texts of entry e begin at `starts[e]`, those that no entry answers at the last of `starts`. Of each entry there
    is a text that is not left out.
    """
    count, ends = len(starts) - 1, np.append(starts[1:], len(likenesses))
    nearest = np.maximum.reduceat(likenesses[: starts[-1]], starts[:-1])
    entries = np.argsort(-nearest, kind="stable")[:RANKED]
    rivals = np.append(entries, count) if starts[-1] < len(likenesses) else entries
    chosen = [_choose_nearest(likenesses, starts[rival], ends[rival]) for rival in rivals]
    rows = np.concatenate(chosen)
    weights = _fit(features.select(rows).compare(), np.repeat(np.arange(len(rivals)), [len(each) for each in chosen]))
    logits = likenesses[rows] @ weights
    order = np.argsort(-logits[: len(entries)], kind="stable")
    return Ranking(entries[order], logits[order], float(logits[len(entries) :].sum()))


def _choose_nearest(likenesses: Matrix, start: int, end: int) -> Numbers:
    own = likenesses[start:end]
    rows = np.argpartition(-own, TEXTS_EACH - 1)[:TEXTS_EACH] if len(own) > TEXTS_EACH else np.arange(len(own))
    return start + rows[np.isfinite(own[rows])]


def _fit(likenesses: Matrix, owners: Numbers) -> Matrix:
    """Weights (n, owners) of multinomial logistic regression over likenesses (n, n).

    Newton's steps with one curvature for all: more of them, or the true curvature, change no ranking.
    """
    step = np.linalg.inv(
        np.float32(CURVATURE) * likenesses + np.float32(PENALTY) * np.eye(len(owners), dtype=np.float32)
    )
    truth = np.eye(owners[-1] + 1, dtype=np.float32)[owners]
    weights = np.zeros_like(truth)
    for _ in range(STEPS):
        logits = likenesses @ weights
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        weights = weights - step @ (shares - truth + np.float32(PENALTY) * weights)
    return weights
