"""Entries are ranked by the texts that are nearest to what was asked, and by what is usual in them."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from knowledge.kernel import Matrix, TextFeatures, normalise
from knowledge.nearby import Nearby
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


def find_all(cosines: Matrix, starts: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = STARTS) -> Nearby:
    """All texts, with no characters in common; the last group is there if there are texts of it."""
    owners = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(cosines)))
    return Nearby(np.arange(len(cosines)), owners, cosines, np.zeros_like(cosines), 9)


def rank(direction: Matrix) -> Ranking:
    return Ranker(FEATURES, STARTS).rank(featurise(direction[np.newaxis]), find_all(DIRECTIONS @ direction))


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
    assert ranker.rank(featurise(CENTRES[:1]), find_all((DIRECTIONS @ CENTRES[0])[: STARTS[-1]])).none == 0


def test_an_entry_is_taken_by_its_nearest_texts_however_far_its_others_are() -> None:
    cosines = DIRECTIONS @ CENTRES[2]
    own = cosines[STARTS[2] : STARTS[3]]
    own[np.argsort(-own)[TEXTS_EACH:]] -= np.float32(5)
    assert Ranker(FEATURES, STARTS).rank(featurise(CENTRES[2:3]), find_all(cosines)).entries[0] == 2


def test_of_two_entries_with_one_text_alike_the_one_that_usually_says_so_wins() -> None:
    about, other = CENTRES[:2]
    asked = normalise((about + 0.9 * other)[np.newaxis])
    known = featurise(np.stack([asked[0], about, about, about, asked[0], other, -about, -about]))
    starts = np.array([0, 4, 8])
    near = find_all(known.directions @ asked[0], starts)
    assert Ranker(known, starts).rank(featurise(asked), near).entries.tolist() == [0, 1]


@pytest.mark.parametrize("count", [1, 2])
def test_few_entries_are_ranked(count: int) -> None:
    starts = np.arange(count + 1)
    ranker = Ranker(FEATURES.select(np.arange(count)), starts)
    ranking = ranker.rank(featurise(CENTRES[:1]), find_all((DIRECTIONS @ CENTRES[0])[:count], starts))
    assert sorted(ranking.entries.tolist()) == list(range(count))
    assert np.isfinite(ranking.logits).all()
