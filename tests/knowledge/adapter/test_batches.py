"""Batches hold a few texts of each group drawn, neighbours together, and lone texts as groups of their own."""

from collections import Counter

import numpy as np
import pytest

from knowledge.adapter.batches import draw_batch, find_near_groups
from knowledge.adapter.texts import Groups

GROUPS: Groups = {f"g{i}": [f"g{i} text {j}" for j in range(2 + i % 3)] for i in range(20)}
NEAR = {name: [other for other in GROUPS if other != name][:4] for name in GROUPS}
LONE = [f"lone {i}" for i in range(9)]


def test_near_groups_are_those_of_like_vectors() -> None:
    groups = {"a": ["a1", "a2"], "b": ["b1"], "c": ["c1"]}
    vectors = {
        "a1": np.array([1, 0.1], np.float32),
        "a2": np.array([1, -0.1], np.float32),
        "b1": np.array([0.9, 0.2], np.float32),
        "c1": np.array([-1, 0], np.float32),
    }
    near = find_near_groups(groups, vectors)
    assert (near["a"], near["b"], set(near["c"])) == (["b", "c"], ["a", "c"], {"a", "b"})
    assert find_near_groups(groups, vectors, count=1)["a"] == ["b"]


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_has_what_was_asked_for(seed: int) -> None:
    batch = draw_batch(GROUPS, NEAR, LONE, (12, 3, 4), np.random.default_rng(seed))
    counts = Counter(name for name, _ in batch)
    drawn = {name: count for name, count in counts.items() if name in GROUPS}
    assert len(drawn) == 12
    assert all(count == min(3, len(GROUPS[name])) for name, count in drawn.items())
    assert len(counts) - len(drawn) == 4
    texts = [text for _, text in batch]
    assert len(set(texts)) == len(texts)


def test_more_than_there_is_gives_all() -> None:
    batch = draw_batch(GROUPS, NEAR, LONE, (99, 9, 99), np.random.default_rng(1))
    assert {text for _, text in batch} == {*LONE, *(text for texts in GROUPS.values() for text in texts)}


def test_neighbours_come_together() -> None:
    pairs = {f"{side}{i}": [f"{side}{i} text"] for i in range(100) for side in "ab"}
    near = {name: [("b" if name[0] == "a" else "a") + name[1:]] for name in pairs}
    drawn = {name for name, _ in draw_batch(pairs, near, [], (20, 1, 0), np.random.default_rng(1))}
    assert sum(near[name][0] in drawn for name in drawn) >= 10


def test_same_seed_same_batch() -> None:
    batches = [draw_batch(GROUPS, NEAR, LONE, (5, 2, 2), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert batches[0] == batches[1] != batches[2]
