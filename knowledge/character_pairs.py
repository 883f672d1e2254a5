"""Text similarity by shared characters and ordered character pairs."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LENGTH_MAX = 64
_NOT_WORDS = re.compile(r"[\W_]+")


class CharacterPairs:
    """Cosine similarity of texts as sets of characters and ordered character pairs, adjacent or not.

    Pairs capture words and phrases without a word list, and tolerate typos and inserted words.
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
        """Cosine, 0 to 1, of a text with each indexed text, shape (n,)."""
        own = find_features(text)
        hits = [self._texts_with.get(feature, self._nowhere) for feature in own]
        shared = np.bincount(np.concatenate(hits), minlength=len(self._sizes))
        return (shared / np.sqrt(self._sizes * len(own))).astype(np.float32)


def find_features(text: str) -> set[str]:
    """The characters and ordered character pairs of a text, without punctuation, up to LENGTH_MAX characters."""
    plain = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())[:LENGTH_MAX]
    pairs = {first + second for i, first in enumerate(plain) for second in plain[i + 1 :]}
    return pairs.union(plain) or {text}
