"""The search index: ranks entries for a question, and says how probably each answers it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Likenesses, Traits, describe, join
from knowledge.character_pairs import CharacterPairs, simplify
from knowledge.kernel import TextFeatures, combine, normalise
from knowledge.ranking import rank
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE, Outcome

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
Entries = Mapping[str, Sequence[str]]
"""Each entry's texts by its id: the question, its similar questions and paraphrases."""

# The probabilities are learned from so many texts, each left out of the ranking in its turn.
LEFT_OUT_MAX = 1000
# With fewer, what was learned from our own entries serves.
LEFT_OUT_LEAST = 200

# Two texts as alike as this by vector or wording say nearly the same.
ALIKE = 0.85
# What an entry lists word for word, and no other, it answers.
LISTED = 0.99


class Index:
    """An index of entries; memory grows with the number of texts. `calibration` may be replaced at any time."""

    def __init__(
        self,
        entries: Entries,
        vectors: Mapping[str, Matrix],
        foreign: Sequence[str] = (),
        calibration: Calibration | None = None,
    ) -> None:
        """`vectors`: of every text, shape (d,), length 1; KeyError without one. `foreign`: what no entry answers."""
        self.calibration = calibration or Calibration()
        self._ids = list(entries)
        if not self._ids:
            return
        texts = [*(text for own in entries.values() for text in own), *foreign]
        sizes = [len(own) for own in entries.values()]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._owners = np.repeat(np.arange(len(sizes) + 1), [*sizes, len(foreign)])
        self._listed = _find_own(zip(texts, self._owners.tolist(), strict=True))
        matrix = np.stack([vectors[text] for text in texts])
        self._centre = matrix.mean(axis=0)
        self._pairs = CharacterPairs(texts)
        self._features = TextFeatures(normalise(matrix - self._centre), self._pairs.matrix)
        self._texts = texts

    def search(self, question: str, vector: Matrix, k: int = 3) -> list[tuple[str, float]]:
        """The ids of the `k` best entries for a question with their scores, best first.

        A score is the probability that the entry answers the question.
        """
        if not self._ids:
            return []
        direction = normalise((vector - self._centre)[np.newaxis])[0]
        cosines = self._features.directions @ direction
        traits = self._describe(Likenesses(cosines, self._pairs.compare(question), len(question)))
        found = zip(traits.entries[0].tolist(), self.calibration.rate(traits)[0].tolist(), strict=True)
        scores = self._prefer_listed(simplify(question), dict(found))
        return [(self._ids[entry], score) for entry, score in scores.items()][:k]

    def find_alike(self, text: str, vector: Matrix, entry_id: str | None) -> tuple[str, str] | None:
        """The id of another entry than that, and its text that says nearly the same; None without any."""
        if not self._ids:
            return None
        cosines = self._features.directions @ normalise((vector - self._centre)[np.newaxis])[0]
        likenesses = np.maximum(cosines, self._pairs.compare(text))[: self._starts[-1]]
        if entry_id in self._ids:
            own = self._ids.index(entry_id)
            likenesses[self._starts[own] : self._starts[own + 1]] = -1
        nearest = int(likenesses.argmax())
        return (self._ids[self._owners[nearest]], self._texts[nearest]) if likenesses[nearest] >= ALIKE else None

    def calibrate(self) -> Calibration:
        """Learns the probabilities anew: milliseconds a text that is left out."""
        if not self._ids or len(self._owners) < LEFT_OUT_LEAST:
            return Calibration()
        left_out = self._leave_out()
        traits = join([self._describe_left_out(number) for number in left_out])
        return Calibration.fit(traits, self._owners[left_out], len(self._ids))

    def _describe(self, found: Likenesses, left_out: int | None = None) -> Traits:
        likenesses = combine(found.cosines, found.overlaps)
        if left_out is not None:
            likenesses[left_out] = -np.inf
        return describe(rank(self._features, self._starts, likenesses), found, self._starts)

    def _describe_left_out(self, number: int) -> Traits:
        directions, pairs = self._features
        cosines = directions @ directions[number]
        overlaps = (pairs @ pairs[[number]].T).toarray().ravel()
        cosines[number] = overlaps[number] = -1
        return self._describe(Likenesses(cosines, overlaps, len(self._texts[number])), number)

    def _leave_out(self) -> Numbers:
        """Some of the texts by chance; an entry keeps one."""
        sizes = np.bincount(self._owners)
        some = np.flatnonzero(sizes[self._owners] > 1)
        return np.random.default_rng(0).permutation(some)[:LEFT_OUT_MAX]

    def _prefer_listed(self, plain: str, scores: dict[int, float]) -> dict[int, float]:
        """The scores, best first; the only entry that lists the text goes before the others."""
        listed = self._listed.get(plain, len(self._ids))
        if listed == len(self._ids):
            return scores
        score = max(LISTED, scores.get(listed, 0))
        return {listed: score} | {entry: other * (1 - score) for entry, other in scores.items() if entry != listed}


def _find_own(texts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The owner of each simplified text that has only one."""
    owners: dict[str, set[int]] = {}
    for text, owner in texts:
        owners.setdefault(simplify(text), set()).add(owner)
    return {plain: owner for plain, (owner, *others) in owners.items() if plain and not others}


def judge(scores: Sequence[float]) -> Outcome:
    """What the scores of the best entries, best first, allow to do."""
    score = scores[0] if scores else 0.0
    if score >= ANSWER_SCORE:
        return "answer"
    return "suggest" if score >= SUGGEST_SCORE else "none"
