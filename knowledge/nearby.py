"""The known texts near to one that is asked: all of them, or of many those that a look in few dimensions picks."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.kernel import Matrix, combine

Numbers = NDArray[np.int64]

# Up to so many texts all are compared in full: a millisecond.
ALL_MAX = 20_000
# Of so many texts: the dimensions they are compared in, and how many go on to the next comparison. On 100,000 texts the
# hundred nearest are among the last in full, see docs/decisions/0044-search-that-scales.md.
STAGES = ((32, 6000), (96, 1200))
# All texts of so many entries take part, and so many of those that no entry answers.
ENTRIES, FOREIGN = 32, 64
_SAMPLED = 20_000


class Nearby:
    """m known texts, in the order of their numbers `rows`, with their cosines and overlaps with the one that is asked.

    Those of the entry `owners[i]`, ascending, begin at `starts[i]`; the last of `starts` is m. `length` is the number
    of characters of the text that is asked.
    """

    def __init__(self, rows: Numbers, owners: Numbers, cosines: Matrix, overlaps: Matrix, length: int) -> None:
        """`owners` (m,): of each text."""
        self.rows = rows
        begins = np.flatnonzero(np.diff(owners, prepend=-1))
        self.owners = owners[begins]
        self.starts = np.append(begins, len(rows))
        self.cosines = cosines
        self.overlaps = overlaps
        self.length = length

    @cached_property
    def likenesses(self) -> Matrix:
        """The kernel's (m,)."""
        return combine(self.cosines, self.overlaps)

    def find(self, owner: int) -> slice:
        """The place of an entry's texts; KeyError if none is near."""
        place = int(np.searchsorted(self.owners, owner))
        if place == len(self.owners) or self.owners[place] != owner:
            raise KeyError(owner)
        return slice(self.starts[place], self.starts[place + 1])

    def split(self, foreign: int) -> int:
        """Where the texts of this owner begin, which is the last of all; m without any."""
        return int(self.starts[-2]) if self.owners[-1] == foreign else len(self.rows)


class Preselection:
    """Picks among n texts by their likeness in the directions in which they differ most, and by their wording."""

    def __init__(self, directions: Matrix, starts: Numbers) -> None:
        """`directions` (n, d); the texts of entry e begin at `starts[e]`, those that no entry answers at the last."""
        sample = directions[:: max(1, len(directions) // _SAMPLED)]
        axes = np.linalg.eigh(sample.T @ sample).eigenvectors[:, ::-1]
        self._axes = [np.ascontiguousarray(axes[:, :dimensions]) for dimensions, _ in STAGES]
        self._rough = [directions @ each for each in self._axes]
        self._starts = starts
        self._owners = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(directions)))

    def choose(self, direction: Matrix, overlaps: Matrix) -> Numbers:
        """The numbers, ascending, of those near to a direction (d,) by their overlaps (n,) with its text."""
        coarse, fine = (direction @ each for each in self._axes)
        likenesses = combine(self._rough[0] @ coarse, overlaps)
        foreign = int(self._starts[-1])
        rows = _choose_greatest(likenesses[:foreign], STAGES[0][1])
        others = foreign + np.argsort(-likenesses[foreign:])[:FOREIGN]
        likenesses = combine(self._rough[1][rows] @ fine, overlaps[rows])
        best = _choose_greatest(likenesses, STAGES[1][1])
        rows, likenesses = rows[best], likenesses[best]
        owners = self._owners[rows]
        begins = np.flatnonzero(np.diff(owners, prepend=-1))
        nearest = np.argsort(-np.maximum.reduceat(likenesses, begins))[:ENTRIES]
        own = [np.arange(self._starts[entry], self._starts[entry + 1]) for entry in owners[begins[nearest]]]
        return np.unique(np.concatenate([rows, *own, others]))


def _choose_greatest(values: Matrix, count: int) -> Numbers:
    """The places of about `count` of the greatest values, ascending: of many, a sample says where these begin."""
    stride = max(1, len(values) // 8192)
    sample = values[::stride]
    place = len(sample) - count // stride
    return np.flatnonzero(values >= np.partition(sample, place)[place])
