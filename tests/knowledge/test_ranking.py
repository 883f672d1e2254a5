"""Entries are ranked by the texts that are nearest to what was asked."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from knowledge.kernel import Matrix, TextFeatures, combine, normalise
from knowledge.ranking import RANKED, TEXTS_EACH, rank

NUMBERS = np.random.default_rng(7)
ENTRIES, TEXTS, DIMENSIONS = 30, 12, 16
CENTRES = normalise(NUMBERS.normal(size=(ENTRIES + 1, DIMENSIONS)).astype(np.float32))
STARTS = np.arange(ENTRIES + 1) * TEXTS


def draw_near(owners: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Matrix:
    noise = NUMBERS.normal(size=(len(owners), DIMENSIONS)).astype(np.float32)
    return normalise(CENTRES[owners] + 0.5 * normalise(noise))


# The last group is what no entry answers.
DIRECTIONS = draw_near(np.repeat(np.arange(ENTRIES + 1), TEXTS))
FEATURES = TextFeatures(DIRECTIONS, csr_array(np.zeros((len(DIRECTIONS), 3), np.float32)))


def compare(direction: Matrix) -> Matrix:
    cosines = DIRECTIONS @ direction
    return combine(cosines, np.zeros_like(cosines))


def test_a_text_finds_its_entry_first() -> None:
    owners = np.arange(ENTRIES)
    found = [rank(FEATURES, STARTS, compare(text)).entries[0] for text in draw_near(owners)]
    assert (np.array(found) == owners).mean() >= 0.9


def test_the_best_come_first_and_only_the_nearest_come() -> None:
    ranking = rank(FEATURES, STARTS, compare(CENTRES[4]))
    assert len(ranking.entries) == len(ranking.logits) == RANKED
    assert len(set(ranking.entries.tolist())) == RANKED
    assert (np.diff(ranking.logits) <= 0).all()


def test_what_no_entry_answers_has_the_highest_logit_where_it_is_nearest() -> None:
    assert (foreign := rank(FEATURES, STARTS, compare(CENTRES[ENTRIES]))).none > foreign.logits[0]
    assert (own := rank(FEATURES, STARTS, compare(CENTRES[0]))).none < own.logits[0]


def test_without_foreign_texts_their_logit_is_nothing() -> None:
    inside = FEATURES.select(np.arange(STARTS[-1]))
    assert rank(inside, STARTS, compare(CENTRES[0])[: STARTS[-1]]).none == 0


def test_a_text_that_is_left_out_counts_for_nothing() -> None:
    likenesses = compare(DIRECTIONS[0])
    likenesses[0] = -np.inf
    others = np.arange(1, len(DIRECTIONS))
    expected = rank(FEATURES.select(others), np.maximum(STARTS - 1, 0), likenesses[1:])
    ranking = rank(FEATURES, STARTS, likenesses)
    assert ranking.entries.tolist() == expected.entries.tolist()
    assert ranking.logits == pytest.approx(expected.logits, abs=1e-3)


@pytest.mark.parametrize("far", [0.0, 5.0])
def test_an_entry_is_taken_by_its_nearest_texts_however_many_others_it_has(far: float) -> None:
    likenesses = compare(CENTRES[2])
    own = np.sort(likenesses[STARTS[2] : STARTS[3]])
    likenesses[np.argsort(-likenesses)[TEXTS_EACH : len(own)]] -= np.float32(far)
    assert rank(FEATURES, STARTS, likenesses).entries[0] == 2


def test_one_entry_alone_is_ranked() -> None:
    alone = rank(FEATURES.select(np.arange(1)), np.array([0, 1]), np.array([0.5], np.float32))
    assert alone.entries.tolist() == [0]
    assert np.isfinite(alone.logits).all()
