"""The search index: ranks entries for a question, and says how probably each answers it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Traits, describe, join
from knowledge.character_pairs import CharacterPairs, simplify, simplify_known
from knowledge.kernel import TextFeatures, normalise
from knowledge.nearby import ALL_MAX, Nearby, Preselection
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
        earlier: CharacterPairs | None = None,
    ) -> None:
        """`vectors`: of every text, shape (d,), length 1; KeyError without one. `foreign`: what no entry answers.

        `earlier`: the `pairs` of an index with many of the same texts, which is then built sooner.
        """
        self.calibration = calibration or Calibration()
        self.pairs: CharacterPairs | None = None
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
        self.pairs = self._pairs = CharacterPairs(texts, earlier)
        self._features = TextFeatures(normalise(matrix - self._centre), self._pairs.matrix)
        self._ranker = Ranker(self._features, self._starts)
        self._all = np.arange(len(texts))
        self.preselects = len(texts) > ALL_MAX
        """Whether a look in few dimensions comes first."""
        self._preselection = Preselection(self._features.directions, self._starts) if self.preselects else None
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
        text = self._featurise(question, vector)
        near = self.find_near(question, vector, text)
        return describe(self._ranker.rank(text, near), near, len(self._ids))

    def find_alike(self, text: str, vector: Matrix, entry_id: str | None) -> tuple[str, str] | None:
        """The id of another entry than that, and its text that says nearly the same; None without any."""
        if not self._ids:
            return None
        near = self.find_near(text, vector)
        end = near.split(len(self._ids))
        likenesses = np.maximum(near.cosines, near.overlaps)[:end]
        own = self._ids.index(entry_id) if entry_id in self._ids else -1
        likenesses[self._owners[near.rows[:end]] == own] = -1
        best = int(likenesses.argmax())
        nearest = int(near.rows[best])
        return (self._ids[self._owners[nearest]], self._texts[nearest]) if likenesses[best] >= ALIKE else None

    def explain(self, text: str, vector: Matrix, entry_id: str) -> tuple[str, float, float]:
        """The text of an entry that was found for another one and comes nearest to it, its cosine and its overlap."""
        near = self.find_near(text, vector)
        own = near.find(self._ids.index(entry_id))
        nearest = own.start + int(near.likenesses[own].argmax())
        return self._texts[near.rows[nearest]], float(near.cosines[nearest]), float(near.overlaps[nearest])

    def find_near(self, text: str, vector: Matrix, features: TextFeatures | None = None) -> Nearby:
        """The known texts near to one that is asked."""
        features = features or self._featurise(text, vector)
        direction, overlaps = features.directions[0], self._pairs.compare(features.pairs)
        if self._preselection is None or not self.preselects:
            return Nearby(self._all, self._owners, self._features.directions @ direction, overlaps, len(text))
        rows = self._preselection.choose(direction, overlaps)
        cosines = self._features.directions[rows] @ direction
        return Nearby(rows, self._owners[rows], cosines, overlaps[rows], len(text))

    def _featurise(self, text: str, vector: Matrix) -> TextFeatures:
        return TextFeatures(normalise((vector - self._centre)[np.newaxis]), self._pairs.vectorise(text))

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
        owners.setdefault(simplify_known(text), set()).add(owner)
    return {plain: owner for plain, (owner, *others) in owners.items() if plain and not others}


def judge(scores: Sequence[float]) -> Outcome:
    """What the scores of the best entries, best first, allow to do."""
    score = scores[0] if scores else 0.0
    if score >= ANSWER_SCORE:
        return "answer"
    return "suggest" if score >= SUGGEST_SCORE else "none"
