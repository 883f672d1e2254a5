"""The search index: ranks entries for a question, and says how probably each answers it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Likenesses, Traits, describe, join
from knowledge.character_pairs import CharacterPairs, simplify
from knowledge.kernel import TextFeatures, combine, normalise
from knowledge.ranking import Ranker
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE, Outcome

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
Entries = Mapping[str, Sequence[str]]
"""Each entry's texts by its id: the question, its similar questions and paraphrases."""

# The probabilities are learned from so many texts at most, of each entry a sixth, which are left out of an index.
LEFT_OUT_MAX = 1000
LEFT_OUT_SHARE = 6
# With fewer known texts, what was learned from our own entries serves.
KNOWN_LEAST = 200

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
        self._ranker = Ranker(self._features, self._starts)
        self._texts = texts

    def search(self, question: str, vector: Matrix, k: int = 3) -> list[tuple[str, float]]:
        """The ids of the `k` best entries for a question with their scores, best first.

        A score is the probability that the entry answers the question.
        """
        if not self._ids:
            return []
        traits = self.describe(question, vector)
        found = zip(traits.entries[0].tolist(), self.calibration.rate(traits)[0].tolist(), strict=True)
        scores = self._prefer_listed(simplify(question), dict(found))
        return [(self._ids[entry], score) for entry, score in scores.items()][:k]

    def describe(self, question: str, vector: Matrix) -> Traits:
        """What a probability is made of."""
        text, found = self._compare(question, vector)
        return describe(self._ranker.rank(text, combine(found.cosines, found.overlaps)), found, self._starts)

    def find_alike(self, text: str, vector: Matrix, entry_id: str | None) -> tuple[str, str] | None:
        """The id of another entry than that, and its text that says nearly the same; None without any."""
        if not self._ids:
            return None
        found = self._compare(text, vector)[1]
        likenesses = np.maximum(found.cosines, found.overlaps)[: self._starts[-1]]
        if entry_id in self._ids:
            own = self._ids.index(entry_id)
            likenesses[self._starts[own] : self._starts[own + 1]] = -1
        nearest = int(likenesses.argmax())
        return (self._ids[self._owners[nearest]], self._texts[nearest]) if likenesses[nearest] >= ALIKE else None

    def explain(self, text: str, vector: Matrix, entry_id: str) -> tuple[str, float, float]:
        """The text of an entry that comes nearest to another one, with its cosine and its overlap."""
        found, own = self._compare(text, vector)[1], self._ids.index(entry_id)
        start, end = self._starts[own : own + 2]
        nearest = start + int(combine(found.cosines, found.overlaps)[start:end].argmax())
        return self._texts[nearest], float(found.cosines[nearest]), float(found.overlaps[nearest])

    def _compare(self, text: str, vector: Matrix) -> tuple[TextFeatures, Likenesses]:
        features = TextFeatures(normalise((vector - self._centre)[np.newaxis]), self._pairs.vectorise(text))
        cosines = self._features.directions @ features.directions[0]
        return features, Likenesses(cosines, self._pairs.compare(features.pairs), len(text))

    def _prefer_listed(self, plain: str, scores: dict[int, float]) -> dict[int, float]:
        """The scores, best first; the only entry that lists the text goes before the others."""
        listed = self._listed.get(plain, len(self._ids))
        if listed == len(self._ids):
            return scores
        score = max(LISTED, scores.get(listed, 0))
        return {listed: score} | {entry: other * (1 - score) for entry, other in scores.items() if entry != listed}


def calibrate(entries: Entries, vectors: Mapping[str, Matrix], foreign: Sequence[str] = ()) -> Calibration:
    """Learns the probabilities from texts that are left out: milliseconds each."""
    rest, left_out = _leave_out({**dict(enumerate(entries.values())), len(entries): foreign})
    if sum(map(len, rest.values())) < KNOWN_LEAST:
        return Calibration()
    known = {str(owner): texts for owner, texts in rest.items() if owner < len(entries)}
    index = Index(known, vectors, rest[len(entries)])
    traits = join([index.describe(text, vectors[text]) for text, _ in left_out])
    return Calibration.fit(traits, np.array([owner for _, owner in left_out]), len(entries))


def _leave_out(groups: Mapping[int, Sequence[str]]) -> tuple[dict[int, list[str]], list[tuple[str, int]]]:
    """The groups without some texts by chance, and these with their group's number; a group keeps one."""
    chance = np.random.default_rng(0)
    rest, left_out = {}, []
    for owner, texts in groups.items():
        shuffled = [texts[number] for number in chance.permutation(len(texts))]
        count = min(len(texts) - 1, -(-len(texts) // LEFT_OUT_SHARE)) if texts else 0
        rest[owner] = shuffled[count:]
        left_out += [(text, owner) for text in shuffled[:count]]
    return rest, [left_out[number] for number in chance.permutation(len(left_out))[:LEFT_OUT_MAX]]


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
