"""Text similarity by shared characters and ordered character pairs."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

LENGTH_MAX = 64
_NOT_WORDS = re.compile(r"[\W_]+")


class CharacterPairs:
    """Cosine similarity of texts as sets of characters and ordered character pairs, adjacent or not.

    Pairs capture words and phrases without a word list, and tolerate typos and inserted words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        features = [find_features(text) for text in texts]
        self.columns: dict[str, int] = {}
        for own in features:
            for feature in own:
                self.columns.setdefault(feature, len(self.columns))
        self._sizes = np.array([len(own) for own in features], np.float32)
        places = np.array([self.columns[feature] for own in features for feature in own], np.int32)
        ends = np.concatenate([[0], np.cumsum(self._sizes, dtype=np.int32)])
        lengths = np.repeat(1 / np.sqrt(self._sizes), self._sizes.astype(np.int32))
        shape = len(features), len(self.columns)
        self.matrix = csr_array((lengths, places, ends), shape=shape)
        """Rows of length 1, shape (texts, features): inner products of rows are their similarities."""
        by_feature = self.matrix.tocsc()
        self._texts, self._starts = by_feature.indices, by_feature.indptr

    def compare(self, text: str) -> NDArray[np.float32]:
        """Cosine, 0 to 1, of a text with each indexed text, shape (n,)."""
        own = find_features(text)
        found = [self.columns[feature] for feature in own if feature in self.columns]
        hits = [self._texts[self._starts[i] : self._starts[i + 1]] for i in found]
        shared = np.bincount(np.concatenate(hits), minlength=len(self._sizes)) if hits else np.zeros(len(self._sizes))
        return (shared / np.sqrt(self._sizes * len(own))).astype(np.float32)


def find_features(text: str) -> list[str]:
    """The characters and ordered character pairs of a text up to LENGTH_MAX, without punctuation, sorted."""
    plain = simplify(text)[:LENGTH_MAX]
    pairs = {first + second for i, first in enumerate(plain) for second in plain[i + 1 :]}
    return sorted(pairs.union(plain) or {text})


def simplify(text: str) -> str:
    """A text without punctuation and spaces, in small letters of usual width."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())
