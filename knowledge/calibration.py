"""How probable it is that an entry answers a text: a choice between the best entries and none of them."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge.kernel import Groups, find_nearest

Numbers = NDArray[np.float64]
Matrix = NDArray[np.float32]

CANDIDATES = 10
# What the nearest wording of an entry adds to its logit, chosen on texts kept aside: among many texts of an entry the
# one that is nearly what was asked would hardly count.
NEAREST_WORDING = np.float32(2)
# Of the texts that customers write, the share that no entry answers: a quarter of the questions of ours that were
# kept aside, and of single questions of real customers two fifths.
FOREIGN_SHARE = 0.25
# How many texts' worth of evidence it takes to move away from the parameters of our own entries.
PRIOR = 2.0


class Traits(NamedTuple):
    """What is known of m texts and the k best entries of each, in `entries` (m, k), best first.

    `leads` (m, k) are their logits less that of the best one. `whole` (m, 11) describes the text as such, scaled to the
    texts of our own entries: 1; the logit of no entry; the log of the sum of the entries' exponentials; how near the
    best entry's texts are by vector and by wording; how near the foreign texts are by both; how near the ten nearest
    texts of entries are; the nearest wording and vector of any entry; the log of the text's length.
    """

    entries: NDArray[np.int64]
    leads: Numbers
    whole: Numbers


class Likenesses(NamedTuple):
    """Of m texts with n known ones: logits (m, entries + 1), the last of no entry, cosines and overlaps (m, n)."""

    logits: Matrix
    cosines: Matrix
    overlaps: Matrix
    lengths: Numbers


_USUAL = np.array([0, 4.9, 9.2, 0.66, 0.24, 0.5, 0.19, 0.59, 0.29, 0.68, 2.5])
_SPREAD = np.array([1, 2, 1.7, 0.12, 0.12, 0.09, 0.08, 0.1, 0.12, 0.11, 0.5])
_NEAR = 10
_STEEPENING = (3, 4)  # columns of `whole` that may make the choice between entries steeper
_OWN = np.array([0.2, 0.06, -0.19, -3.4, 0.92, -2.41, -1.05, 0.46, 0.69, 0.01, 0.24, 0.52, -0.07, -0.26])


def describe(found: Likenesses, groups: Groups) -> Traits:
    """The traits of texts; `groups` are the known texts of each entry, the foreign ones' last."""
    count = found.logits.shape[1] - 1
    cosines = find_nearest(found.cosines, groups, count + 1)
    overlaps = find_nearest(found.overlaps, groups, count + 1)
    logits = found.logits[:, :count] + NEAREST_WORDING * overlaps[:, :count]
    none = found.logits[:, count]
    entries = np.argsort(-logits, axis=1, kind="stable")[:, :CANDIDATES]
    rows, best = np.arange(len(entries)), entries[:, 0]
    known, starts = groups
    inside = found.cosines[:, : starts[-1]] if known[-1] == count else found.cosines
    nearest = np.partition(inside, -min(_NEAR, inside.shape[1]), axis=1)[:, -_NEAR:]
    highest = logits.max(axis=1)
    whole = np.stack(
        [
            np.ones(len(entries)),
            none,
            highest + np.log(np.exp(logits - highest[:, np.newaxis]).sum(axis=1)),
            cosines[rows, best],
            overlaps[rows, best],
            cosines[:, count],
            overlaps[:, count],
            nearest.mean(axis=1),
            overlaps[:, :count].max(axis=1),
            nearest.max(axis=1),
            np.log1p(found.lengths),
        ],
        axis=1,
    )
    leads = np.take_along_axis(logits, entries, axis=1) - highest[:, np.newaxis]
    return Traits(entries, leads, (whole - _USUAL) / _SPREAD)


def join(parts: Sequence[Traits]) -> Traits:
    """The traits of all texts of several lists."""
    return Traits(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Calibration:
    """Turns traits into probabilities."""

    def __init__(self, parameters: Numbers = _OWN) -> None:
        self.parameters = parameters

    @classmethod
    def fit(cls, traits: Traits, owners: NDArray[np.int64], count: int) -> Self:
        """Learned from texts that the ranking was not fitted to; `owners` (m,) gives their entries, `count` is none.

        The more texts there are, the less it stays with the parameters of our own entries.
        """
        is_foreign = owners == count
        weights = np.where(is_foreign, FOREIGN_SHARE / max(1, is_foreign.sum()), 0.0)
        weights[~is_foreign] = (1 - FOREIGN_SHARE) / max(1, (~is_foreign).sum())
        is_right = traits.entries == owners[:, np.newaxis]
        truth = np.column_stack([~is_right.any(axis=1), is_right]).astype(float)

        def measure(parameters: Numbers) -> tuple[float, Numbers]:
            shares, steepness = _choose(parameters, traits)
            moved = parameters - _OWN
            loss = -weights @ np.log((shares * truth).sum(axis=1) + 1e-12) + PRIOR / len(owners) * moved @ moved
            slope = (shares - truth) * weights[:, np.newaxis]
            steep = (slope[:, 1:] * traits.leads).sum(axis=1) * steepness
            gradient = np.concatenate(
                [[steep.sum()], traits.whole[:, _STEEPENING].T @ steep, traits.whole.T @ slope[:, 0]]
            )
            return float(loss), gradient + 2 * PRIOR / len(owners) * moved

        return cls(minimize(measure, _OWN, jac=True, method="L-BFGS-B").x)

    def rate(self, traits: Traits) -> Numbers:
        """The probability of each of the best entries that it answers the text, shape (m, k)."""
        shares: Numbers = _choose(self.parameters, traits)[0][:, 1:]
        return shares


def _choose(parameters: Numbers, traits: Traits) -> tuple[Numbers, Numbers]:
    """Shares (m, 1 + k) of no entry and the best ones, and the steepness (m,) of the choice."""
    ends = 1 + len(_STEEPENING)
    steepness = np.exp(np.clip(parameters[0] + traits.whole[:, _STEEPENING] @ parameters[1:ends], -3, 3))
    some = steepness[:, np.newaxis] * traits.leads
    none = traits.whole @ parameters[ends:]
    pulls = np.column_stack([none, some])
    shares = np.exp(pulls - pulls.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True), steepness
