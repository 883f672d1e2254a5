"""Trains a scorecard: fits it to all rows, measures the same fit on rows held out, many times over."""

from collections.abc import Sequence
from datetime import date
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split

from scoring.scorecards.fitting import Fitted, fit_scorecard, list_rows
from scoring.scorecards.measuring import Calibrated, Quality, calibrate, measure_quality
from scoring.scorecards.options import TrainingOptions
from scoring.scorecards.training_data import TrainingData

FOLDS = 5
REPEATS = 4
# From here on one round of folds tells the AUC to some thousandths.
LARGE = 10_000
HELD_OUT = 0.3
CAVEAT = (
    "Only loans that were granted have an outcome. Applicants like those refused before are scored by extrapolation "
    "(no reject inference was done): expect more defaults among them than the table says, and watch them apart."
)


class HeldOut(NamedTuple):
    """Scores, probabilities and outcomes of rows that were held out, each by a scorecard fitted to the others."""

    scores: Sequence[int]
    probabilities: Sequence[float]
    is_bad: Sequence[bool]


class Training(NamedTuple):
    """The scorecard, fitted to all rows; the mean quality over held-out folds, its spread, and that of one split."""

    fitted: Fitted
    quality: Quality
    auc_spread: float
    folds: int
    split: Quality
    held_out: HeldOut
    calibration: Sequence[Calibrated]


def train_scorecard(data: TrainingData, target: str, options: TrainingOptions, since: date) -> Training:
    """Each round binds nothing of the rows that it measures: bands, weights and PSI bins come from the others."""
    rows = len(data.is_bad)
    repeats = 1 if rows >= LARGE else REPEATS
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=options.seed)
    found: list[Quality] = []
    held: list[HeldOut] = []
    for training, testing in folds.split(np.zeros(rows), data.is_bad):
        quality, out = _measure_part(data, training.tolist(), testing.tolist(), target, options, since)
        found.append(quality)
        held.append(out)
    training, testing = train_test_split(
        np.arange(rows), test_size=HELD_OUT, stratify=data.is_bad, random_state=options.seed
    )
    split, _ = _measure_part(data, training.tolist(), testing.tolist(), target, options, since)
    everything = HeldOut(*([each for fold in part for each in fold] for part in zip(*held, strict=True)))
    return Training(
        fit_scorecard(data, range(rows), target, options, since),
        Quality(*(fmean(values) for values in zip(*found, strict=True))),
        stdev(quality.auc for quality in found),
        len(found),
        split,
        everything,
        calibrate(everything.probabilities, everything.is_bad),
    )


def _measure_part(
    data: TrainingData,
    training: Sequence[int],
    testing: Sequence[int],
    target: str,
    options: TrainingOptions,
    since: date,
) -> tuple[Quality, HeldOut]:
    card = fit_scorecard(data, training, target, options, since).card
    scores = [card.score(row) for row in list_rows(data, testing)]
    is_bad = [data.is_bad[i] for i in testing]
    return measure_quality(card, scores, is_bad), HeldOut(scores, list(map(card.scale.get_probability, scores)), is_bad)


def summarise_training(training: Training, data: TrainingData, options: TrainingOptions) -> dict[str, Any]:
    """What the command prints."""
    return {
        **_round(training.quality),
        "rows": len(data.is_bad),
        "bads": sum(data.is_bad),
        "measured_on": f"{training.folds} held-out folds, each by a scorecard fitted to the other rows",
        "auc_spread": round(training.auc_spread, 4),
        "split": {"held_out": HELD_OUT, "seed": options.seed, **_round(training.split)},
        "calibration": [each._asdict() for each in training.calibration],
        "characteristics": training.fitted.information,
        "left_out": training.fitted.left_out,
        "caveat": CAVEAT,
        "approved": bool(training.fitted.card.approved_by),
    }


def _round(quality: Quality) -> dict[str, float]:
    return {name: round(value, 4) for name, value in quality._asdict().items()}
