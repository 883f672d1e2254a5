"""The search index: ranks entries for a question, and says how probably each answers it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Likenesses, describe, join
from knowledge.character_pairs import CharacterPairs, simplify
from knowledge.kernel import TextKernel, combine, find_groups, normalise
from knowledge.ranking import fit_ranking
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE, Outcome

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
Entries = Mapping[str, Sequence[str]]
"""Each entry's texts by its id: the question, its similar questions and paraphrases."""

# The probabilities are learned from texts left out of the ranking: a sixth at a time, until they are enough.
PARTS = 6
LEFT_OUT_ENOUGH = 1000
# With fewer, what was learned from our own entries serves.
LEFT_OUT_LEAST = 200

# Two texts as alike as this by vector or wording say nearly the same.
ALIKE = 0.85
# What an entry lists word for word, and no other, it answers.
LISTED = 0.99


class IndexWeights(NamedTuple):
    """What was learned of n texts of c entries: weights (n, c + 1), the last of no entry, and the calibration's."""

    ranking: Matrix
    calibration: NDArray[np.float64]


Keep = Callable[[Callable[[], IndexWeights]], IndexWeights]


class Index:
    """An index of entries. Learning takes 12 s of two cores for 8,500 texts of 205 entries; memory grows with the
    number of texts.
    """

    def __init__(
        self,
        entries: Entries,
        vectors: Mapping[str, Matrix],
        foreign: Sequence[str] = (),
        keep: Keep = lambda learn: learn(),
    ) -> None:
        """`vectors`: of every text, shape (d,), length 1; KeyError without one. `foreign`: what no entry answers.

        `keep` gives back what was learned from the same texts and vectors before, or calls `learn`.
        """
        self._ids = list(entries)
        if not self._ids:
            return
        texts = [*(text for own in entries.values() for text in own), *foreign]
        owners = [i for i, own in enumerate(entries.values()) for _ in own]
        self._owners = np.array([*owners, *[len(entries)] * len(foreign)])
        self._groups = find_groups(self._owners)
        self._listed = _find_own(zip(texts, self._owners.tolist(), strict=True))
        matrix = np.stack([vectors[text] for text in texts])
        self._centre = matrix.mean(axis=0)
        self._directions = normalise(matrix - self._centre)
        self._pairs = CharacterPairs(texts)
        self._texts = texts
        self._lengths = np.array([len(text) for text in texts], float)
        self._weights, calibration = keep(self._learn)
        self._calibration = Calibration(calibration)

    def search(self, question: str, vector: Matrix, k: int = 3) -> list[tuple[str, float]]:
        """The ids of the `k` best entries for a question with their scores, best first.

        A score is the probability that the entry answers the question.
        """
        if not self._ids:
            return []
        cosines, overlaps = self._compare(question, vector)
        logits = combine(cosines, overlaps) @ self._weights
        traits = describe(Likenesses(logits, cosines, overlaps, np.array([len(question)], float)), self._groups)
        found = zip(traits.entries[0].tolist(), self._calibration.rate(traits)[0].tolist(), strict=True)
        scores = self._prefer_listed(simplify(question), dict(found))
        return [(self._ids[entry], score) for entry, score in scores.items()][:k]

    def find_alike(self, text: str, vector: Matrix, entry_id: str | None) -> tuple[str, str] | None:
        """The id of another entry than that, and its text that says nearly the same; None without any."""
        if not self._ids:
            return None
        likenesses = np.maximum(*self._compare(text, vector))[0]
        own = self._ids.index(entry_id) if entry_id in self._ids else len(self._ids)
        likenesses[(self._owners == own) | (self._owners == len(self._ids))] = -1
        nearest = int(likenesses.argmax())
        return (self._ids[self._owners[nearest]], self._texts[nearest]) if likenesses[nearest] >= ALIKE else None

    def _compare(self, text: str, vector: Matrix) -> tuple[Matrix, Matrix]:
        """Cosines and overlaps of a text with the n known ones, each of shape (1, n)."""
        direction = normalise((vector - self._centre)[np.newaxis])
        return direction @ self._directions.T, self._pairs.compare(text)[np.newaxis]

    def _prefer_listed(self, plain: str, scores: dict[int, float]) -> dict[int, float]:
        """The scores, best first; the only entry that lists the text goes before the others."""
        listed = self._listed.get(plain, len(self._ids))
        if listed == len(self._ids):
            return scores
        score = max(LISTED, scores.get(listed, 0))
        return {listed: score} | {entry: other * (1 - score) for entry, other in scores.items() if entry != listed}

    def _learn(self) -> IndexWeights:
        kernel = TextKernel(self._directions, self._pairs.matrix)
        with ThreadPoolExecutor(2) as threads:
            weights = threads.submit(fit_ranking, kernel, self._owners, len(self._ids) + 1)
            calibration = self._calibrate(kernel)
            return IndexWeights(weights.result(), calibration.parameters)

    def _calibrate(self, kernel: TextKernel) -> Calibration:
        if len(self._owners) < LEFT_OUT_LEAST:
            return Calibration()
        found, owners = [], []
        for left_out in _leave_out(self._owners):
            rest = np.setdiff1d(np.arange(len(self._owners)), left_out)
            weights = fit_ranking(kernel.select(rest), self._owners[rest], len(self._ids) + 1)
            cosines, overlaps = kernel.compare(left_out, rest)
            logits = combine(cosines, overlaps) @ weights
            likenesses = Likenesses(logits, cosines, overlaps, self._lengths[left_out])
            found.append(describe(likenesses, find_groups(self._owners[rest])))
            owners.append(self._owners[left_out])
        return Calibration.fit(join(found), np.concatenate(owners), len(self._ids))


def _leave_out(owners: Numbers) -> Iterator[Numbers]:
    """Parts of the texts, each with a share of every entry's, until there are enough; an entry keeps one text."""
    shuffled = np.random.default_rng(0).permutation(len(owners))
    turns = np.zeros(len(owners), np.int64)
    for owner in np.unique(owners):
        own = shuffled[owners[shuffled] == owner]
        turns[own] = np.arange(len(own)) % PARTS if len(own) > 1 else PARTS
    count = 0
    for part in range(PARTS):
        left_out = np.flatnonzero(turns == part)
        if len(left_out) and count < LEFT_OUT_ENOUGH:
            count += len(left_out)
            yield left_out


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
