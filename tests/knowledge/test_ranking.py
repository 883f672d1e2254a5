"""Entries are ranked by the texts that are nearest to what was asked, and by what is usual in them."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from knowledge.kernel import Matrix, TextFeatures, combine, normalise
from knowledge.ranking import RANKED, TEXTS_EACH, Ranker, Ranking

NUMBERS = np.random.default_rng(7)
ENTRIES, TEXTS, DIMENSIONS = 30, 12, 16
CENTRES = normalise(NUMBERS.normal(size=(ENTRIES + 1, DIMENSIONS)).astype(np.float32))
STARTS = np.arange(ENTRIES + 1) * TEXTS


def draw_near(owners: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Matrix:
    noise = NUMBERS.normal(size=(len(owners), DIMENSIONS)).astype(np.float32)
    return normalise(CENTRES[owners] + 0.5 * normalise(noise))


def featurise(directions: Matrix) -> TextFeatures:
    return TextFeatures(directions, csr_array(np.zeros((len(directions), 3), np.float32)))


# The last group is what no entry answers.
DIRECTIONS = draw_near(np.repeat(np.arange(ENTRIES + 1), TEXTS))
FEATURES = featurise(DIRECTIONS)


def compare(direction: Matrix) -> Matrix:
    cosines = DIRECTIONS @ direction
    return combine(cosines, np.zeros_like(cosines))


def rank(direction: Matrix) -> Ranking:
    return Ranker(FEATURES, STARTS).rank(featurise(direction[np.newaxis]), compare(direction))


def test_a_text_finds_its_entry_first() -> None:
    owners = np.arange(ENTRIES)
    found = [rank(text).entries[0] for text in draw_near(owners)]
    assert (np.array(found) == owners).mean() >= 0.9


def test_the_best_come_first_and_only_the_nearest_come() -> None:
    ranking = rank(CENTRES[4])
    assert len(ranking.entries) == len(ranking.logits) == RANKED
    assert len(set(ranking.entries.tolist())) == RANKED
    assert (np.diff(ranking.logits) <= 0).all()


def test_what_no_entry_answers_has_the_highest_logit_where_it_is_nearest() -> None:
    assert (foreign := rank(CENTRES[ENTRIES])).none > foreign.logits[0]
    assert (own := rank(CENTRES[0])).none < own.logits[0]


def test_without_foreign_texts_their_logit_is_nothing() -> None:
    inside = FEATURES.select(np.arange(STARTS[-1]))
    ranker = Ranker(inside, STARTS)
    assert ranker.rank(featurise(CENTRES[:1]), compare(CENTRES[0])[: STARTS[-1]]).none == 0


def test_an_entry_is_taken_by_its_nearest_texts_however_far_its_others_are() -> None:
    likenesses = compare(CENTRES[2])
    own = likenesses[STARTS[2] : STARTS[3]]
    own[np.argsort(-own)[TEXTS_EACH:]] -= np.float32(5)
    assert Ranker(FEATURES, STARTS).rank(featurise(CENTRES[2:3]), likenesses).entries[0] == 2


def test_of_two_entries_with_one_text_alike_the_one_that_usually_says_so_wins() -> None:
    about, other = CENTRES[:2]
    asked = normalise((about + 0.9 * other)[np.newaxis])
    known = featurise(np.stack([asked[0], about, about, about, asked[0], other, -about, -about]))
    ranker = Ranker(known, np.array([0, 4, 8]))
    cosines = known.directions @ asked[0]
    assert ranker.rank(featurise(asked), combine(cosines, np.zeros_like(cosines))).entries.tolist() == [0, 1]


@pytest.mark.parametrize("count", [1, 2])
def test_few_entries_are_ranked(count: int) -> None:
    ranker = Ranker(FEATURES.select(np.arange(count)), np.arange(count + 1))
    ranking = ranker.rank(featurise(CENTRES[:1]), compare(CENTRES[0])[:count])
    assert sorted(ranking.entries.tolist()) == list(range(count))
    assert np.isfinite(ranking.logits).all()
