"""The texts near to one that is asked: grouped by entry, and of many picked without losing any that is nearest."""

import numpy as np
import pytest

from knowledge.kernel import Matrix, combine, normalise
from knowledge.nearby import ENTRIES, STAGES, Nearby, Numbers, Preselection

NUMBERS = np.random.default_rng(3)
EACH, COUNT, DIMENSIONS = 10, 3000, 128
# Directions differ in some more than in others, as those of sentences do.
SPREAD = (1 / np.sqrt(1 + np.arange(DIMENSIONS))).astype(np.float32)


def make_nearby(*owners: int) -> Nearby:
    cosines = np.linspace(0, 1, len(owners), dtype=np.float32)
    return Nearby(np.arange(len(owners)) * 2, np.array(owners), cosines, np.zeros_like(cosines), 5)


def test_texts_are_grouped_by_entry() -> None:
    near = make_nearby(2, 2, 5, 9)
    assert (near.owners.tolist(), near.starts.tolist()) == ([2, 5, 9], [0, 2, 3, 4])
    assert near.rows[near.find(2)].tolist() == [0, 2]
    assert (near.split(9), near.split(10)) == (3, 4)
    for absent in (0, 3, 10):
        with pytest.raises(KeyError):
            near.find(absent)


@pytest.fixture(scope="module")
def directions() -> Matrix:
    centres = NUMBERS.normal(size=(COUNT + 1, DIMENSIONS)).astype(np.float32) * SPREAD
    noise = NUMBERS.normal(size=((COUNT + 1) * EACH, DIMENSIONS)).astype(np.float32) * SPREAD
    return normalise(np.repeat(centres, EACH, axis=0) + noise)


STARTS: Numbers = np.arange(COUNT + 1) * EACH


def test_the_nearest_are_picked(directions: Matrix) -> None:
    preselection = Preselection(directions, STARTS)
    found = []
    for number in NUMBERS.integers(len(directions), size=40):
        asked = normalise((directions[number] + 0.05 * NUMBERS.normal(size=DIMENSIONS).astype(np.float32))[np.newaxis])
        overlaps = NUMBERS.uniform(0, 0.2, len(directions)).astype(np.float32)
        rows = preselection.choose(asked[0], overlaps)
        nearest = np.argsort(-combine(directions @ asked[0], overlaps))[:100]
        found.append(np.isin(nearest, rows).mean())
        assert (np.diff(rows) > 0).all()
        assert len(rows) < 2 * STAGES[-1][1] + ENTRIES * EACH
    assert np.mean(found) >= 0.999


def test_of_the_best_entries_all_texts_come_and_some_that_no_entry_answers(directions: Matrix) -> None:
    preselection = Preselection(directions, STARTS)
    rows = preselection.choose(directions[57], np.zeros(len(directions), np.float32))
    assert set(range(50, 60)) <= set(rows.tolist())
    assert (rows >= STARTS[-1]).sum() == EACH
