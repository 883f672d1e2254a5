"""How well a scorecard tells good from bad, on rows that it was not fitted to."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from scoring.scorecards.scorecard import Scorecard


class Quality(NamedTuple):
    """`auc`: of a bad row scoring lower than a good one. `ks`: the widest gap between the two distributions. `brier`:
    the mean squared error of the probabilities. `psi`: how far the scores moved from those of the training rows."""

    auc: float
    ks: float
    brier: float
    psi: float


class Calibrated(NamedTuple):
    """A tenth of the rows by probability: how many, the mean probability of default, and the share that defaulted."""

    rows: int
    predicted: float
    observed: float


def measure_quality(card: Scorecard, scores: Sequence[int], is_bad: Sequence[bool]) -> Quality:
    """By the whole-number scores that customers will have."""
    risk = [-score for score in scores]
    probabilities = [card.scale.get_probability(score) for score in scores]
    false_rate, true_rate, _ = roc_curve(is_bad, risk)
    return Quality(
        float(roc_auc_score(is_bad, risk)),
        float(np.max(true_rate - false_rate)),
        float(brier_score_loss(is_bad, probabilities)),
        measure_psi(card.expected, scores),
    )


def measure_psi(expected: Mapping[int, float], scores: Sequence[int]) -> float:
    """The population stability index of scores against bands cut from training rows; half a row stands for none."""
    edges = list(expected)
    places: Any = np.maximum(np.searchsorted(edges, scores, side="right") - 1, 0)
    counts = np.bincount(places, minlength=len(edges))
    least = 0.5 / len(scores)
    pairs = [
        (max(count / len(scores), least), max(share, least))
        for count, share in zip(counts, expected.values(), strict=True)
    ]
    return float(sum((actual - share) * math.log(actual / share) for actual, share in pairs))


def calibrate(probabilities: Sequence[float], is_bad: Sequence[bool], parts: int = 10) -> list[Calibrated]:
    """Tenths of the rows, the safest first; rows of one probability stay together."""
    order = sorted(range(len(probabilities)), key=lambda i: probabilities[i])
    tenths: list[list[int]] = []
    for place, i in enumerate(order):
        is_same = bool(tenths) and probabilities[tenths[-1][-1]] == probabilities[i]
        if not is_same and place * parts // len(order) >= len(tenths):
            tenths.append([])
        tenths[-1].append(i)
    return [
        Calibrated(
            len(rows),
            round(sum(probabilities[i] for i in rows) / len(rows), 4),
            round(sum(is_bad[i] for i in rows) / len(rows), 4),
        )
        for rows in tenths
    ]
