"""How probable it is that an entry answers a text: a choice between the best entries and none of them."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge.nearby import Nearby
from knowledge.ranking import Ranking

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

CANDIDATES = 10
# Of the texts that customers write, the share that no entry answers: a quarter of the questions of ours that were
# kept aside, and of single questions of real customers two fifths.
FOREIGN_SHARE = 0.25


class Traits(NamedTuple):
    """What is known of m texts and the k best entries of each, in `entries` (m, k), best first.

    `leads` (m, k) are their logits less that of the best one. `whole` (m, 11) describes the text as such, scaled to the
    texts of our own entries: 1; the logit of no entry; the log of the sum of the entries' exponentials; how near the
    best entry's texts are by vector and by wording; how near the foreign texts are by both; how near the ten nearest
    texts of entries are; the nearest wording and vector of any entry; the log of the text's length.
    """

    entries: Indices
    leads: Numbers
    whole: Numbers


_USUAL = np.array([0, 0.78, 3.01, 0.6, 0.23, 0.51, 0.19, 0.55, 0.26, 0.63, 2.74])
_SPREAD = np.array([1, 0.9, 0.33, 0.14, 0.13, 0.11, 0.09, 0.1, 0.12, 0.12, 0.53])
_NEAR = 10
_STEEPENING = (3, 4)  # columns of `whole` that may make the choice between entries steeper
# Learned from the texts held out from our own entries.
_OWN = np.array([1.54, -0.18, -0.14, -1.55, 0.93, -0.94, -0.58, -0.52, 0.72, -0.09, -0.14, 0.09, -0.2, -1.1])

# How many texts' worth of evidence it takes to move away from these: much for the choice between entries, as a text
# that is left out is harder than what customers ask; little for what tells that no entry answers.
PRIOR = np.array([1000.0] * (1 + len(_STEEPENING)) + [5.0] * len(_USUAL))


def describe(ranking: Ranking, near: Nearby, foreign: int) -> Traits:
    """The traits of one text; `foreign` owns the known texts that no entry answers."""
    own, end = near.find(int(ranking.entries[0])), near.split(foreign)
    cosines, overlaps = near.cosines[:end], near.overlaps[:end]
    nearest = np.partition(cosines, -min(_NEAR, len(cosines)))[-_NEAR:]
    whole = [
        1,
        ranking.none,
        np.logaddexp.reduce(ranking.logits),
        near.cosines[own].max(),
        near.overlaps[own].max(),
        near.cosines[end:].max(initial=-1),
        near.overlaps[end:].max(initial=-1),
        nearest.mean(),
        overlaps.max(),
        nearest.max(),
        np.log1p(near.length),
    ]
    leads = ranking.logits[:CANDIDATES] - ranking.logits[0]
    return Traits(
        ranking.entries[np.newaxis, :CANDIDATES],
        leads[np.newaxis].astype(np.float64),
        ((np.array(whole) - _USUAL) / _SPREAD)[np.newaxis],
    )


def join(parts: Sequence[Traits]) -> Traits:
    """The traits of all texts of several lists."""
    return Traits(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Calibration:
    """Turns traits into probabilities."""

    def __init__(self, parameters: Numbers = _OWN) -> None:
        self.parameters = parameters

    @classmethod
    def fit(cls, traits: Traits, owners: Indices, count: int) -> Self:
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
            loss = -weights @ np.log((shares * truth).sum(axis=1) + 1e-12) + moved @ (PRIOR * moved) / len(owners)
            slope = (shares - truth) * weights[:, np.newaxis]
            steep = (slope[:, 1:] * traits.leads).sum(axis=1) * steepness
            gradient = np.concatenate(
                [[steep.sum()], traits.whole[:, _STEEPENING].T @ steep, traits.whole.T @ slope[:, 0]]
            )
            return float(loss), gradient + 2 * PRIOR * moved / len(owners)

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
