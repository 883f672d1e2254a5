"""How alike texts are by the characters they share and the order of these."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LENGTH_MAX = 64
_NOT_WORDS = re.compile(r"[\W_]+")


class CharacterPairs:
    """Cosines between the sets of characters and ordered pairs of characters, near or far apart, that texts have.

    Pairs stand for words and phrases without a word list, and survive typing slips and inserted words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        features = [find_features(text) for text in texts]
        self._sizes = np.array([len(own) for own in features], np.float32)
        found = defaultdict(list)
        for i, own in enumerate(features):
            for feature in own:
                found[feature].append(i)
        self._texts_with = {feature: np.array(texts) for feature, texts in found.items()}
        self._nowhere = np.array([], np.int64)

    def compare(self, text: str) -> NDArray[np.float32]:
        """Cosine, 0 to 1, of one text with each of those known, shape (n,)."""
        own = find_features(text)
        hits = [self._texts_with.get(feature, self._nowhere) for feature in own]
        shared = np.bincount(np.concatenate(hits), minlength=len(self._sizes))
        return (shared / np.sqrt(self._sizes * len(own))).astype(np.float32)


def find_features(text: str) -> set[str]:
    """The characters of a text and its ordered pairs; punctuation and what comes after LENGTH_MAX do not count."""
    plain = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())[:LENGTH_MAX]
    pairs = {first + second for i, first in enumerate(plain) for second in plain[i + 1 :]}
    return pairs.union(plain) or {text}
