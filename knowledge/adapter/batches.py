"""Batches for the training of the adapter: some groups of one collection, a few texts of each, and texts that stand
alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.adapter.texts import Groups
from knowledge.kernel import normalise

NEIGHBOURS = 3
Batch = list[tuple[str, str]]
"""Group and text; texts of one group mean the same, a text that stands alone is a group of its own."""
Near = dict[str, list[str]]
"""Each group's nearest groups, nearest first."""


def find_near_groups(groups: Groups, vectors: Mapping[str, NDArray[np.float32]], count: int = 8) -> Near:
    """The `count` groups whose mean vectors point most alike, seen from the mean of all. `vectors`: of every text."""
    names = list(groups)
    means = np.stack([np.mean([vectors[text] for text in texts], axis=0) for texts in groups.values()])
    means = normalise(means - means.mean(axis=0))
    order = np.argsort(-(means @ means.T), axis=1, kind="stable")
    return {name: [names[j] for j in order[i] if j != i][:count] for i, name in enumerate(names)}


def draw_batch(
    groups: Groups, near: Near, lone: Sequence[str], sizes: tuple[int, int, int], numbers: np.random.Generator
) -> Batch:
    """A batch of one collection of groups. `sizes`: groups, texts of each at most, texts that stand alone.

    Half the groups come with some of their nearest: what is hard to tell apart teaches most.
    """
    group_count, text_count, lone_count = sizes
    shuffled = _pick(list(groups), len(groups), numbers)
    picked: list[str] = []
    for name in shuffled:
        if len(picked) < group_count // 2:
            picked += [own for own in [name, *_pick(near[name], NEIGHBOURS, numbers)] if own not in picked]
    names = list(dict.fromkeys(picked + shuffled))[:group_count]
    batch = [(name, text) for name in names for text in _pick(groups[name], text_count, numbers)]
    return batch + stand_alone(_pick(lone, lone_count, numbers))


def stand_alone(texts: Sequence[str]) -> Batch:
    """Texts of which each is a group of its own."""
    return [(f"alone: {text}", text) for text in texts]


def _pick(items: Sequence[str], count: int, numbers: np.random.Generator) -> list[str]:
    return [items[i] for i in numbers.permutation(len(items))[:count]]
