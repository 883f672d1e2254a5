"""Ranks entries for a question by what was learned of their texts; memory and time grow with the number of texts.

A text is told apart from the few entries that come near it, its rivals, not from all: the others hardly count.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from knowledge.kernel import Groups, Matrix, TextFeatures, combine, find_groups, normalise
from knowledge.ranking import fit_ranking

Numbers = NDArray[np.int64]

# A text's own entry and its rivals: as many as there is memory for, docs/decisions/0042-ranking-among-rivals.md.
RIVALS_LEAST, RIVALS_MAX = 8, 64
LIKENESSES_MAX = 200_000_000
# So many entries are ranked for a question: those of the nearest texts, and of the nearest by meaning, as a question in
# another language has no wording in common.
RANKED, RANKED_BY_MEANING = 20, 10
# The logit of an entry that is not ranked, and the least of what is foreign.
UNLIKELY, FOREIGN_LEAST = -50.0, 0.0
_CHUNK = 1000


class EntryRanking(NamedTuple):
    """Weights of texts for entries: those of entry e are `texts` and `weights` from `starts[e]` to `starts[e + 1]`."""

    texts: Numbers
    weights: Matrix
    starts: Numbers

    @classmethod
    def fit(cls, features: TextFeatures, owners: Numbers) -> Self:
        """Learned from n texts and the entry of each, `owners` (n,)."""
        candidates = find_candidates(features, owners)
        kernel = _SharedLikenesses(features, candidates)
        weights = fit_ranking(kernel, np.zeros(len(owners), np.int64), candidates.shape[1])
        return cls(kernel.places // candidates.shape[1], weights.ravel()[kernel.places], kernel.starts)

    def rank(self, cosines: Matrix, overlaps: Matrix, owners: Numbers, count: int) -> Matrix:
        """Logits (m, count + 1) of m texts by their cosines and overlaps (m, n) with the known ones.

        `owners` (n,) gives the entries of these; numbers from `count` on are what no entry answers, which is the last
        logit.
        """
        logits = np.full((len(cosines), count + 1), UNLIKELY, np.float32)
        groups, likenesses = find_groups(owners), combine(cosines, overlaps)
        nearest, meant = _sort_nearest(likenesses, groups)[:, :RANKED], _sort_nearest(cosines, groups)
        ranked = np.concatenate([nearest, meant[:, :RANKED_BY_MEANING]], axis=1)
        for own, row, numbers in zip(logits, likenesses, ranked, strict=True):
            entries = np.unique(numbers)
            found = np.array([self._measure(entry, row) for entry in entries])
            is_inside = entries < count
            own[entries[is_inside]] = found[is_inside]
            own[count] = np.logaddexp.reduce(found[~is_inside], initial=FOREIGN_LEAST)
        return logits

    def _measure(self, entry: int, likenesses: Matrix) -> float:
        part = slice(self.starts[entry], self.starts[entry + 1])
        return float(likenesses[self.texts[part]] @ self.weights[part])


class _SharedLikenesses:
    """The likenesses of texts that have a candidate in common, one block for each; a kernel of weights (n, m).

    A weight is that of a text for one of its m candidates: texts count for each other's by the block of this one.
    """

    def __init__(self, features: TextFeatures, candidates: Numbers) -> None:
        self._shape = candidates.shape
        flat = candidates.ravel()
        self.places = np.argsort(flat, kind="stable")
        """Where the weights of the first entry stand among all, then those of the second, and so on."""
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(flat))])
        self._blocks = []
        for first, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            some = features.select(self.places[first:end] // candidates.shape[1])
            self._blocks.append(combine(*some.compare(some)))

    def __matmul__(self, weights: Matrix) -> Matrix:
        sorted_weights = weights.ravel()[self.places]
        found = np.empty_like(sorted_weights)
        for first, end, block in zip(self.starts[:-1], self.starts[1:], self._blocks, strict=True):
            found[first:end] = block @ sorted_weights[first:end]
        product = np.empty_like(found)
        product[self.places] = found
        return product.reshape(self._shape)


def find_candidates(features: TextFeatures, owners: Numbers) -> Numbers:
    """Each text's entry first, then the nearest others by all their texts together; shape (n, k)."""
    texts, entries = len(owners), int(owners.max()) + 1
    ones = np.ones(texts, np.float32)
    by_entry = csr_array((ones, (owners, np.arange(texts))), shape=(entries, texts))
    pairs = (by_entry @ features.pairs).tocsr()
    lengths = np.sqrt(np.asarray(pairs.multiply(pairs).sum(axis=1), np.float32)).ravel()
    scaled = csr_array(pairs.multiply((1 / np.maximum(lengths, 1e-9))[:, np.newaxis]))
    means = TextFeatures(normalise(by_entry @ features.directions), scaled)
    kept = min(entries, count_rivals(texts, entries))
    candidates = np.empty((texts, kept), np.int64)
    for rows in np.array_split(np.arange(texts), 1 + texts // _CHUNK):
        likenesses = combine(*features.select(rows).compare(means))
        likenesses[np.arange(len(rows)), owners[rows]] = np.inf
        candidates[rows] = np.argsort(-likenesses, axis=1, kind="stable")[:, :kept]
    return candidates


def _sort_nearest(likenesses: Matrix, groups: Groups) -> Numbers:
    """The owners of texts for each row of likenesses (m, n), the nearest first."""
    known, starts = groups
    nearest = np.maximum.reduceat(likenesses, starts, axis=1)
    ordered: Numbers = known[np.argsort(-nearest, axis=1, kind="stable")]
    return ordered


def count_rivals(texts: int, entries: int) -> int:
    """So many that the likenesses of texts that share one fit, if all entries are as often a rival."""
    return max(RIVALS_LEAST, min(RIVALS_MAX, int((LIKENESSES_MAX * entries) ** 0.5 / texts)))
