"""The likeness in which texts are learned: an inner product of vectors and of character pairs."""

from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

Matrix = NDArray[np.float32]
Groups = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Groups of texts that stand together: those that have some, and where each begins."""

# Chosen on texts kept aside, see docs/decisions/0022-probabilities-of-matches-and-danger.md.
PAIRS_WEIGHT = 2.0
BIAS = 0.3
# Of the character pairs of many texts, so many are usual.
USUAL_PAIRS = 128


class TextFeatures(NamedTuple):
    """What likenesses of n texts are computed from: `directions` (n, d) and the rows of `pairs` have length 1."""

    directions: Matrix
    pairs: csr_array

    def select(self, rows: NDArray[np.int64]) -> Self:
        """Those of some of the texts."""
        return type(self)(self.directions[rows], self.pairs[rows])

    def join(self, *others: Self) -> Self:
        """Those of these texts and of others."""
        parts = (self, *others)
        pairs = vstack([each.pairs for each in parts], format="csr")
        return type(self)(np.concatenate([each.directions for each in parts]), pairs)

    def average(self, starts: NDArray[np.int64]) -> Self:
        """The centroids of groups of the texts, one after the other; each begins at its place in `starts`."""
        count = len(self.directions)
        filled = np.flatnonzero(np.diff(np.append(starts, count)))
        sums = np.zeros((len(starts), self.directions.shape[1]), np.float32)
        sums[filled] = np.add.reduceat(self.directions, starts[filled])
        owners = np.searchsorted(starts, np.arange(count), side="right") - 1
        members = csr_array((np.ones(count, np.float32), (owners, np.arange(count))), shape=(len(starts), count))
        pairs = _keep_greatest((members @ self.pairs).tocsr(), USUAL_PAIRS)
        lengths = np.sqrt(np.maximum(pairs.multiply(pairs).sum(axis=1), 1e-9)).astype(np.float32)
        pairs.data /= np.repeat(lengths, np.diff(pairs.indptr))
        return type(self)(normalise(sums), pairs)

    def compare(self) -> Matrix:
        """The likenesses of the texts with each other, shape (n, n)."""
        pairs = _drop_empty_columns(self.pairs)
        return combine(self.directions @ self.directions.T, (pairs @ pairs.T).toarray())


class TextKernel:
    """The likenesses of n texts with each other; what takes part is kept, never the n x n likenesses.

    Two texts are alike by the cosine of their centred vectors, PAIRS_WEIGHT times the cosine of their character
    pairs, and BIAS.
    """

    def __init__(self, directions: Matrix, pairs: csr_array) -> None:
        """`directions` (n, d) and the rows of `pairs` (n, features) have length 1."""
        self._directions = directions
        self._pairs = pairs
        counts = np.bincount(pairs.indices, minlength=pairs.shape[1])
        weighted = (pairs * np.float32(np.sqrt(PAIRS_WEIGHT))).tocsr()
        # A feature of one text alone counts for that text's likeness with itself only, and half of them are such.
        once = weighted[:, counts == 1]
        self._own = np.asarray(once.multiply(once).sum(axis=1), np.float32)[:, np.newaxis]
        self._shared = weighted[:, counts > 1].tocsr()
        self._shared_back = self._shared.T.tocsr()

    def select(self, rows: NDArray[np.int64]) -> Self:
        """The kernel of some of the texts."""
        return type(self)(self._directions[rows], self._pairs[rows])

    def compare(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
        """Cosines and overlaps of some of the texts (m) with others (k), each of shape (m, k)."""
        overlaps: Matrix = (self._pairs[rows] @ self._pairs[others].T).toarray()
        return self._directions[rows] @ self._directions[others].T, overlaps

    def __matmul__(self, weights: Matrix) -> Matrix:
        """The likenesses (n, n) times weights (n, c)."""
        product: Matrix = self._shared @ (self._shared_back @ weights)
        product += self._directions @ (self._directions.T @ weights)
        product += np.float32(BIAS) * weights.sum(axis=0)
        product += self._own * weights
        return product


def _drop_empty_columns(rows: csr_array) -> csr_array:
    """The rows without empty columns, in time that does not grow with their number."""
    places = np.arange(len(rows.indices))
    last = np.empty(rows.shape[1], np.int64)
    last[rows.indices] = places
    numbers = np.cumsum(last[rows.indices] == places) - 1
    columns = numbers[last[rows.indices]]
    return csr_array((rows.data, columns, rows.indptr), shape=(len(rows.indptr) - 1, int(columns.max(initial=0)) + 1))


def _keep_greatest(rows: csr_array, count: int) -> csr_array:
    """Rows with the `count` greatest values of each."""
    kept = np.ones(len(rows.data), bool)
    for begin, end in pairwise(rows.indptr.tolist()):
        if end - begin > count:
            kept[begin:end][np.argpartition(rows.data[begin:end], end - begin - count)[: end - begin - count]] = False
    ends = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
    return csr_array((rows.data[kept], rows.indices[kept], ends), shape=rows.shape)


def combine(cosines: Matrix, overlaps: Matrix) -> Matrix:
    """The kernel's likeness from its two parts."""
    return cosines + np.float32(PAIRS_WEIGHT) * overlaps + np.float32(BIAS)


def normalise(rows: Matrix) -> Matrix:
    """Rows of length 1, zeros where there is no direction."""
    unit: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def find_groups(owners: NDArray[np.int64]) -> Groups:
    """The groups of texts by their owners (n,), ascending."""
    known, starts = np.unique(owners, return_index=True)
    return known, starts


def find_nearest(likenesses: Matrix, groups: Groups, count: int) -> Matrix:
    """The greatest of likenesses (m, n) within each of `count` groups of columns, shape (m, count); -1 without any."""
    known, starts = groups
    nearest = np.full((len(likenesses), count), -1, np.float32)
    nearest[:, known] = np.maximum.reduceat(likenesses, starts, axis=1)
    return nearest
