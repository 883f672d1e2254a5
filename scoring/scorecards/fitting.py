"""Fits a scorecard: weights of evidence by band, a logistic regression over them, whole points on a scale."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from scoring.scorecards.binning import Bin, Bins, cut_column
from scoring.scorecards.options import ColumnOptions, TrainingOptions
from scoring.scorecards.scorecard import Band, Characteristic, Row, Scale, Scorecard
from scoring.scorecards.training_data import TrainingData

BANDS_OF_SCORES = 10


class Fitted(NamedTuple):
    """A scorecard, the information value of each column in it, and why other columns are not."""

    card: Scorecard
    information: Mapping[str, float]
    left_out: Mapping[str, str]


class Evidence(NamedTuple):
    """The weight of evidence (of being bad) of each bin, of other categories and of missing values."""

    bins: Bins
    weights: Sequence[float]
    other: float
    missing: float
    information: float


def fit_scorecard(
    data: TrainingData, indices: Sequence[int], target: str, options: TrainingOptions, since: date
) -> Fitted:
    """Fits to the rows at these indices alone: bands, weights and the expected distribution of scores."""
    is_bad = [data.is_bad[i] for i in indices]
    evidence: dict[str, Evidence] = {}
    left_out = dict(data.left_out)
    for name, column in data.columns.items():
        cells = [column[i] for i in indices]
        found = weigh_column(cells, is_bad, data.kinds[name], options.columns.get(name, ColumnOptions()), options)
        if found.information < options.iv_min or len(found.weights) < 2:
            left_out[name] = f"tells too little (information value {found.information:.3f})"
        else:
            evidence[name] = found
    model = None
    while evidence:
        model = _regress(data, indices, is_bad, evidence)
        worst = min(model, key=lambda name: model[name] if name else math.inf)
        if model[worst] > 0:
            break
        # Points against what the column says by itself, and so against the direction that the business has set.
        left_out[worst] = "says nothing that the other columns do not say"
        del evidence[worst]
    if not model or not evidence:
        raise ValueError("no column tells good from bad")
    scale = options.scale
    characteristics, base = _give_points(evidence, model, data.kinds, options)
    card = Scorecard(
        name=options.name,
        since=since,
        source=options.source or f"{len(indices)} rows",
        target=target,
        scale=scale,
        base=base,
        characteristics=characteristics,
        approved_by=options.approved_by,
    )
    expected = count_expected([card.score(row) for row in list_rows(data, indices)])
    information = {name: round(found.information, 3) for name, found in evidence.items()}
    return Fitted(card.model_copy(update={"expected": expected}), information, left_out)


def list_rows(data: TrainingData, indices: Sequence[int]) -> list[Row]:
    """Rows as a scorecard takes them."""
    return [{name: column[i] for name, column in data.columns.items()} for i in indices]


def weigh_column(
    cells: Sequence[str], is_bad: Sequence[bool], kind: str, rules: ColumnOptions, options: TrainingOptions
) -> Evidence:
    """Cuts a column and weighs its bins; half a row more of each kind keeps an empty one finite."""
    rows_min = max(1, math.ceil(options.share_min * len(cells)))
    bins = cut_column(cells, is_bad, kind, rules, rows_min, options.bands_max)
    bads, goods = sum(is_bad), len(is_bad) - sum(is_bad)

    def weigh(each: Bin) -> float:
        return math.log((each.bads + 0.5) / (bads + 0.5)) - math.log((each.rows - each.bads + 0.5) / (goods + 0.5))

    weights = [weigh(each) for each in bins.bins]
    fallback = max(weights, default=0.0) if rules.missing == "worst" else 0.0
    other = weigh(bins.other) if bins.other and bins.other.rows >= rows_min else fallback
    # Nobody gains by leaving a question open: at best an average customer's points.
    missing = max(weigh(bins.missing), 0.0) if bins.missing.rows >= rows_min else fallback
    parts = [*zip(bins.bins, weights, strict=True), (bins.missing, missing)]
    parts += [(bins.other, other)] if bins.other else []
    information = sum(w * (each.bads / bads - (each.rows - each.bads) / goods) for each, w in parts)
    return Evidence(bins, weights, other, missing, information)


def count_expected(scores: Sequence[int]) -> dict[int, float]:
    """Lower edges of at most ten bands of these scores, and the share in each; the first takes all that is lower."""
    edges = sorted(
        {int(edge) for edge in np.quantile(scores, np.arange(BANDS_OF_SCORES) / BANDS_OF_SCORES, method="lower")}
    )
    places = np.maximum(np.searchsorted(edges, scores, side="right") - 1, 0)
    shares = np.bincount(places, minlength=len(edges)) / len(scores)
    return {edge: round(float(share), 6) for edge, share in zip(edges, shares, strict=True)}


def _regress(
    data: TrainingData, indices: Sequence[int], is_bad: Sequence[bool], evidence: Mapping[str, Evidence]
) -> dict[str, float]:
    """Coefficients by column; the intercept under the empty name."""
    plain = {name: _draft(found, data.kinds[name]) for name, found in evidence.items()}
    table: Any = np.array(
        [[_weigh_cell(evidence[name], plain[name], data.columns[name][i]) for name in evidence] for i in indices]
    )
    model = LogisticRegression(C=1.0, max_iter=1000).fit(table, is_bad)
    return dict(zip(evidence, map(float, model.coef_[0]), strict=True)) | {"": float(model.intercept_[0])}


def _draft(found: Evidence, kind: str) -> Characteristic:
    """A characteristic whose points are the places of its weights: cells are looked up as they will be scored."""
    bands = [Band(start=each.start, values=each.values, points=place) for place, each in enumerate(found.bins.bins)]
    places = len(bands)
    other = Band(points=places) if kind == "category" else None
    return Characteristic(kind=kind, bands=tuple(bands), other=other, missing=Band(points=places + 1))


def _weigh_cell(found: Evidence, draft: Characteristic, cell: str) -> float:
    return [*found.weights, found.other, found.missing][draft.get_points(cell)]


def _give_points(
    evidence: Mapping[str, Evidence], model: Mapping[str, float], kinds: Mapping[str, str], options: TrainingOptions
) -> tuple[dict[str, Characteristic], int]:
    """Points from 0 for each characteristic's worst value, and the base to which they are added."""
    scale: Scale = options.scale
    base = scale.points - scale.factor * (math.log(scale.odds) + model[""])
    given: dict[str, Characteristic] = {}
    for name, found in evidence.items():
        rules = options.columns.get(name, ColumnOptions())
        exact = [-scale.factor * model[name] * weight for weight in (*found.weights, found.other, found.missing)]
        least = min(exact)
        base += least
        *points, other, missing = [round(each - least) for each in exact]
        bands = [
            Band(start=each.start, values=each.values, points=worth, rows=each.rows, bads=each.bads)
            for each, worth in zip(found.bins.bins, points, strict=True)
        ]
        given[name] = Characteristic(
            kind=kinds[name],
            direction=rules.direction,
            reason=rules.reason,
            bands=tuple(bands),
            other=_count_band(found.bins.other, other) if found.bins.other else None,
            missing=_count_band(found.bins.missing, missing),
        )
    return given, round(base)


def _count_band(each: Bin, points: int) -> Band:
    return Band(points=points, rows=each.rows, bads=each.bads)
