"""Probabilities of entries, learned from texts whose entries are known."""

import numpy as np
import pytest

from knowledge.calibration import Calibration, Traits, describe, join
from knowledge.kernel import Matrix
from knowledge.nearby import Nearby
from knowledge.ranking import Ranking

NUMBERS = np.random.default_rng(5)
COUNT = 3  # none is as frequent as the calibration takes it to be
OWNERS = np.array([0, 0, 1, 2, 2, COUNT, COUNT])


def draw(texts: int, sharpness: float) -> tuple[Traits, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Texts whose right entry (or none) is drawn from the logits, made `sharpness` times as sure."""
    truth = NUMBERS.normal(0, 2, (texts, COUNT + 1))
    shares = np.exp(truth) / np.exp(truth).sum(axis=1, keepdims=True)
    right = np.array([NUMBERS.choice(COUNT + 1, p=row) for row in shares])
    return join([_describe(np.asarray(row * sharpness, np.float32)) for row in truth]), right


def _describe(logits: Matrix) -> Traits:
    order = np.argsort(-logits[:COUNT])
    ranking = Ranking(order, logits[order], float(logits[COUNT]))
    likenesses: Matrix = NUMBERS.uniform(0, 1, len(OWNERS)).astype(np.float32)
    return describe(ranking, find_all(OWNERS, likenesses, np.zeros_like(likenesses)), COUNT)


def find_all(owners: np.ndarray[tuple[int, ...], np.dtype[np.int64]], cosines: Matrix, overlaps: Matrix) -> Nearby:
    return Nearby(np.arange(len(owners)), owners, cosines, overlaps, 9)


def test_entries_are_described_by_how_far_they_are_behind_the_best() -> None:
    ranking = Ranking(np.array([1, 2, 0]), np.array([3, 2, 1], np.float32), -1.0)
    likenesses = np.array([0.1, 0.2, 0.9, 0.4, 0.5, 0.6, 0.3], np.float32)
    traits = describe(ranking, find_all(OWNERS, likenesses, np.full_like(likenesses, 0.5)), COUNT)
    assert traits.entries.tolist() == [[1, 2, 0]]
    assert traits.leads.tolist() == [[0, -1, -2]]
    assert traits.whole.shape == (1, 11)
    assert np.isfinite(traits.whole).all()


def test_entries_without_foreign_texts_are_described_too() -> None:
    ranking = Ranking(np.array([0]), np.array([1], np.float32), 0.0)
    traits = describe(ranking, find_all(np.array([0]), np.ones(1, np.float32), np.ones(1, np.float32)), 1)
    assert np.isfinite(traits.whole).all()


def test_probabilities_of_entries_and_none_make_one() -> None:
    traits, _ = draw(50, 1)
    rated = Calibration().rate(traits)
    assert rated.shape == (50, COUNT)
    assert (rated > 0).all()
    assert (rated.sum(axis=1) < 1).all()
    assert (np.diff(rated, axis=1) <= 0).all()


@pytest.mark.parametrize("sharpness", [0.13, 0.17, 0.3])
def test_what_was_too_sure_or_not_sure_enough_becomes_true(sharpness: float) -> None:
    learned, right = draw(9000, sharpness)  # enough to outweigh what it starts from
    fitted = Calibration.fit(learned, right, COUNT)
    fresh, truth = draw(3000, sharpness)
    scores = fitted.rate(fresh)[:, 0]
    is_right = fresh.entries[:, 0] == truth
    for low in (0.2, 0.4, 0.6, 0.8):
        some = (scores >= low) & (scores < low + 0.2)
        assert some.sum() > 50
        assert is_right[some].mean() == pytest.approx(scores[some].mean(), abs=0.07)


def test_lists_of_traits_are_joined() -> None:
    one, other = draw(3, 1)[0], draw(2, 1)[0]
    joined = join([one, other])
    assert [len(column) for column in joined] == [5, 5, 5]
    assert joined.entries[3:].tolist() == other.entries.tolist()
