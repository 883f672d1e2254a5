"""The figures, against ones worked out by hand."""

import math

import pytest

from scoring.scorecards.fitting import count_expected
from scoring.scorecards.measuring import Calibrated, calibrate, measure_psi, measure_quality
from tests.scoring.scorecards.cards import make_card


def test_auc_ks_and_brier() -> None:
    card = make_card(expected={500: 0.5, 600: 0.5})
    quality = measure_quality(card, [500, 540, 560, 600], [True, False, True, False])
    assert quality.auc == 0.75  # of the four pairs of a bad and a good row, three are in order
    assert quality.ks == 0.5
    chances = [card.scale.get_probability(score) for score in (500, 540, 560, 600)]
    errors = [(chance - bad) ** 2 for chance, bad in zip(chances, (1, 0, 1, 0), strict=True)]
    assert quality.brier == pytest.approx(sum(errors) / 4)


def test_psi_compares_shares_of_training_bands() -> None:
    expected = {500: 0.5, 550: 0.5}
    assert measure_psi(expected, [510, 520, 560, 570]) == 0
    moved = measure_psi(expected, [400, 510, 520, 560])  # what is lower than all belongs to the first
    assert moved == pytest.approx(0.25 * math.log(0.75 / 0.5) - 0.25 * math.log(0.25 / 0.5))
    assert measure_psi(expected, [510] * 4) == pytest.approx(
        0.5 * math.log(1 / 0.5) + (0.125 - 0.5) * math.log(0.125 / 0.5)
    )


def test_bands_of_scores_hold_all_training_rows() -> None:
    expected = count_expected([500] * 50 + [520] * 30 + [600] * 20)
    assert expected == {500: 0.5, 520: 0.3, 600: 0.2}
    assert measure_psi(expected, [500] * 5 + [520] * 3 + [600] * 2) == pytest.approx(0)


def test_rows_of_one_probability_stay_together() -> None:
    assert calibrate([0.1, 0.1, 0.1, 0.4], [False, False, True, True], parts=2) == [
        Calibrated(3, 0.1, 0.3333),
        Calibrated(1, 0.4, 1.0),
    ]
