"""The report on a training as one HTML page: the figures, four plots, and the points table."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
from sklearn.metrics import roc_curve

from scoring.scorecards.charts import MAIN, SOFT, WARM, AxisSpan, Bars, Line, draw_chart
from scoring.scorecards.scorecard import Band, Characteristic, Scorecard
from scoring.scorecards.training import CAVEAT, HeldOut, Training

STYLE = """
body { font: 15px/1.5 sans-serif; color: #33403b; max-width: 960px; margin: 24px auto; padding: 0 16px }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 16px }
table { border-collapse: collapse; width: 100%; margin: 12px 0 }
td, th { padding: 3px 8px; border-bottom: 1px solid #e3e8e5; text-align: right }
td:first-child, th:first-child { text-align: left; overflow-wrap: anywhere }
th[colspan] { text-align: left; background: #f2f5f3 }
p.caveat { border-left: 3px solid #c8642a; padding-left: 10px }
"""


def write_report(training: Training) -> str:
    """The page, complete in itself."""
    card, quality = training.fitted.card, training.quality
    scale = card.scale
    told = [
        f"AUC {quality.auc:.3f} (± {training.auc_spread:.3f} between folds), KS {quality.ks:.3f}, Brier "
        f"{quality.brier:.3f}, PSI {quality.psi:.3f}: means of {training.folds} folds of rows that were held out.",
        f"{scale.points} points mean {scale.odds:g} good customers for each bad one; {scale.double} points more double "
        f"that. A score is {card.base} and the points below.",
        "The words for customers are approved."
        if card.approved_by
        else "The words for customers are not approved yet.",
    ]
    charts = (
        draw_roc(training.held_out),
        draw_ks(training.held_out),
        draw_calibration(training),
        draw_scores(training),
    )
    title = f"Scorecard {card.version}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1><p>{escape(card.source)}</p>"
        f"{''.join(f'<p>{escape(line)}</p>' for line in told)}"
        f'<p class="caveat">{CAVEAT}</p><div class="charts">{"".join(charts)}</div>'
        f"<h2>Points</h2><table>{''.join(_list_rows(card, training))}</table>"
        f"<h2>Left out</h2><table>{''.join(_list_left_out(training))}</table></html>"
    )


def draw_roc(held_out: HeldOut) -> str:
    """How many of the bad ones are found for how many of the good ones refused."""
    false_rate, true_rate, _ = roc_curve(held_out.is_bad, [-score for score in held_out.scores])
    lines = [
        Line("scorecard", list(zip(false_rate, true_rate, strict=True)), MAIN),
        Line("chance", [(0, 0), (1, 1)], SOFT, is_dashed=True),
    ]
    return draw_chart("ROC", AxisSpan("good refused", 0, 1), AxisSpan("bad refused", 0, 1), lines)


def draw_ks(held_out: HeldOut) -> str:
    """The shares of good and bad rows up to each score; KS is the widest gap."""
    edges = sorted(set(held_out.scores))
    good = _accumulate(held_out, edges, False)
    bad = _accumulate(held_out, edges, True)
    widest = max(range(len(edges)), key=lambda i: bad[i] - good[i])
    at = edges[widest]
    lines = [
        Line("bad", list(zip(edges, bad, strict=True)), WARM),
        Line("good", list(zip(edges, good, strict=True)), MAIN),
        Line("widest gap", [(at, good[widest]), (at, bad[widest])], SOFT, is_dashed=True),
    ]
    title = f"KS, all folds together: {bad[widest] - good[widest]:.3f} at {at} points"
    return draw_chart(title, AxisSpan("score", edges[0], edges[-1], ".0f"), AxisSpan("share below", 0, 1), lines)


def draw_calibration(training: Training) -> str:
    """What was predicted for each tenth, and what happened."""
    points = [(each.predicted, each.observed) for each in training.calibration]
    most = min(1.0, max(max(point) for point in points) * 1.1)
    lines = [
        Line("tenths of rows", points, MAIN, has_dots=True),
        Line("exact", [(0, 0), (most, most)], SOFT, is_dashed=True),
    ]
    return draw_chart("Calibration", AxisSpan("predicted defaults", 0, most), AxisSpan("observed", 0, most), lines)


def draw_scores(training: Training) -> str:
    """Which scores good and bad rows have."""
    held_out = training.held_out
    edges = np.histogram_bin_edges(held_out.scores, bins=20)
    width = float(edges[1] - edges[0])
    shares = []
    for is_bad in (False, True):
        counts, _ = np.histogram(_pick(held_out, is_bad), edges)
        shares.append(counts / max(1, counts.sum()))
    bars = [
        Bars(name, [(float(edge), float(share)) for edge, share in zip(edges[:-1], part, strict=True)], width, colour)
        for name, part, colour in zip(("good", "bad"), shares, (MAIN, WARM), strict=True)
    ]
    most = max(float(part.max()) for part in shares) * 1.1
    return draw_chart(
        "Scores",
        AxisSpan("score", float(edges[0]), float(edges[-1]), ".0f"),
        AxisSpan("share of rows", 0, most, ".0%"),
        bars,
    )


def _accumulate(held_out: HeldOut, edges: Sequence[int], is_bad: bool) -> list[float]:
    scores = sorted(_pick(held_out, is_bad))
    return [float(place) / len(scores) for place in np.searchsorted(scores, edges, side="right")]


def _pick(held_out: HeldOut, is_bad: bool) -> list[int]:
    return [score for score, bad in zip(held_out.scores, held_out.is_bad, strict=True) if bad == is_bad]


def _list_rows(card: Scorecard, training: Training) -> Iterator[str]:
    yield "<tr><th>value</th><th>points</th><th>rows</th><th>bad</th></tr>"
    for name, characteristic in card.characteristics.items():
        way = "any direction" if characteristic.direction == "none" else characteristic.direction
        told = f"{name} (information value {training.fitted.information[name]}, {way}"
        reason = f"): {characteristic.reason}" if characteristic.reason else "): no words yet"
        yield f'<tr><th colspan="4">{escape(told + reason)}</th></tr>'
        for label, band in _list_bands(characteristic):
            share = f"{band.bads / band.rows:.1%}" if band.rows else "–"
            yield f"<tr><td>{escape(label)}</td><td>{band.points}</td><td>{band.rows}</td><td>{share}</td></tr>"


def _list_bands(characteristic: Characteristic) -> Iterator[tuple[str, Band]]:
    if characteristic.kind == "category":
        yield from ((" | ".join(band.values), band) for band in characteristic.bands)
    else:
        ends = [band.start for band in characteristic.bands[1:]]
        for band, end in zip(characteristic.bands, [*ends, None], strict=True):
            parts = [
                f"from {band.start:f}" if band.start is not None else "",
                f"below {end:f}" if end is not None else "",
            ]
            yield " ".join(filter(None, parts)) or "any", band
    if characteristic.other:
        yield "any other value", characteristic.other
    yield "missing", characteristic.missing


def _list_left_out(training: Training) -> Iterator[str]:
    for name, why in training.fitted.left_out.items():
        yield f"<tr><td>{escape(name)}</td><td>{escape(why)}</td></tr>"
