"""Text similarity by shared characters and ordered character pairs."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

Numbers = NDArray[np.int64]

LENGTH_MAX = 64
_CHARACTER_BITS = 21
_SECOND = (1 << _CHARACTER_BITS) - 1
_CHARACTERS = 0x110000  # that Unicode has
# Of more different characters a table of pairs would be too large.
_CHARACTERS_MAX = 8192
_ROWS_AT_ONCE = 1000
_FEATURES_AT_ONCE = 1 << 18
_REMEMBERED = 1 << 18
_NOT_WORDS = re.compile(r"[\W_]+")


def simplify(text: str) -> str:
    """A text without punctuation and spaces, in small letters of usual width."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


# Only for texts that are indexed, again and again: what customers ask is not to stay in memory.
simplify_known = lru_cache(maxsize=_REMEMBERED)(simplify)


class CharacterPairs:
    """Cosine similarity of texts as sets of characters and ordered character pairs, adjacent or not.

    Pairs capture words and phrases without a word list, and tolerate typos and inserted words.
    """

    def __init__(self, texts: Sequence[str], earlier: Self | None = None) -> None:
        """What `earlier` knows of the same texts is taken over: of many, few change at a time."""
        held = {text: earlier._rows[text] for text in texts if text in earlier._rows} if earlier else {}
        new = [text for text in texts if text not in held]
        features, sizes = find_all_features(new, simplify_known)
        known, places = _number(features)
        ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        lengths = np.repeat(1 / np.sqrt(sizes.astype(np.float32)), sizes)
        matrix = csr_array((lengths, places, ends), shape=(len(new), len(known)))
        if earlier:
            known, matrix = _join((earlier._known, earlier.matrix[list(held.values())]), (known, matrix))
            rows = {text: row for row, text in enumerate([*held, *new])}
            matrix = matrix[[rows[text] for text in texts]]
        self._known: Numbers = known
        self.matrix: csr_array = matrix
        """Rows of length 1, shape (texts, features): inner products of rows are their similarities."""
        self._rows: dict[str, int] = {text: row for row, text in enumerate(texts)}
        self._sizes = np.diff(matrix.indptr).astype(np.float32)
        by_feature = matrix.tocsc()
        self._texts, self._starts = by_feature.indices, by_feature.indptr

    def vectorise(self, text: str) -> csr_array:
        """A text as a row (1, features) like those of the matrix; what no indexed text has only lengthens it."""
        own = find_features(text)
        places = np.minimum(np.searchsorted(self._known, own), len(self._known) - 1)
        found = places[self._known[places] == own].astype(np.int32)
        values = np.full(len(found), 1 / np.sqrt(len(own)), np.float32)
        return csr_array((values, found, np.array([0, len(found)], np.int32)), shape=(1, len(self._known)))

    def compare(self, row: csr_array) -> NDArray[np.float32]:
        """Cosine, 0 to 1, of a text as a row with each indexed text, shape (n,)."""
        hits = [self._texts[self._starts[i] : self._starts[i + 1]] for i in row.indices]
        if not hits:
            return np.zeros(len(self._sizes), np.float32)
        shared = np.bincount(np.concatenate(hits), minlength=len(self._sizes))
        likenesses: NDArray[np.float32] = (shared * (row.data[0] / np.sqrt(self._sizes))).astype(np.float32)
        return likenesses


def find_features(text: str) -> Numbers:
    """The characters and ordered character pairs of a text up to LENGTH_MAX, without punctuation, as sorted numbers.

    A text without words has a feature of its own.
    """
    return find_all_features([text])[0]


def find_all_features(texts: Sequence[str], simplify_text: Callable[[str], str] = simplify) -> tuple[Numbers, Numbers]:
    """The features of several texts, one after the other, and how many each has."""
    points = [_list_points(text, simplify_text(text)) for text in texts]
    found: list[Numbers] = [np.empty(0, np.int64)] * len(texts)
    by_length: dict[int, list[int]] = {}
    for number, own in enumerate(points):
        by_length.setdefault(len(own), []).append(number)
    # Texts of one length make a matrix; a row of it has its features sorted, and each only once.
    for length, numbers in by_length.items():
        firsts, seconds = np.triu_indices(length, 1)
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            some = numbers[start : start + _ROWS_AT_ONCE]
            characters = np.stack([points[number] for number in some])
            pairs = characters[:, firsts] << _CHARACTER_BITS | characters[:, seconds]
            rows = np.sort(np.concatenate([characters, pairs], axis=1), axis=1)
            is_first = np.diff(rows, axis=1, prepend=-1) != 0
            ends = np.cumsum(is_first.sum(axis=1)).tolist()
            flat: Numbers = rows[is_first]
            for number, begin, end in zip(some, [0, *ends], ends, strict=False):
                found[number] = flat[begin:end]
    sizes = np.array([len(own) for own in found], np.int64)
    return np.concatenate([*found, np.empty(0, np.int64)]), sizes


def _join(*parts: tuple[Numbers, csr_array]) -> tuple[Numbers, csr_array]:
    """The rows of matrices one after the other, and the features that they have, sorted; each comes with its own."""
    known = np.unique(np.concatenate([own for own, _ in parts]))
    wide = []
    for own, matrix in parts:
        places = np.searchsorted(known, own).astype(np.int32)[matrix.indices]
        wide.append(csr_array((matrix.data, places, matrix.indptr), shape=(matrix.shape[0], len(known))))
    whole = vstack(wide, format="csr")
    occurs = np.bincount(whole.indices, minlength=len(known)) > 0
    numbers = (np.cumsum(occurs) - 1).astype(np.int32)
    shape = whole.shape[0], int(occurs.sum())
    return known[occurs], csr_array((whole.data, numbers[whole.indices], whole.indptr), shape=shape)


def _number(features: Numbers) -> tuple[Numbers, NDArray[np.int32]]:
    """The different features, sorted, and the place of each feature among them.

    Sorting all of them would take most of the time that building an index does: a table of all pairs of the characters
    that occur says the same.
    """
    occurs = np.zeros(1 << _CHARACTER_BITS, bool)
    parts = np.array_split(features, 1 + len(features) // _FEATURES_AT_ONCE)
    for part in parts:
        occurs[part >> _CHARACTER_BITS] = True
        occurs[part & _SECOND] = True
    characters = np.flatnonzero(occurs)
    if len(characters) > _CHARACTERS_MAX:
        known, places = np.unique(features, return_inverse=True)
        return known, places.astype(np.int32)
    numbers = np.zeros(len(occurs), np.int32)
    numbers[characters] = np.arange(len(characters))
    codes = np.concatenate(
        [numbers[part >> _CHARACTER_BITS] * np.int32(len(characters)) + numbers[part & _SECOND] for part in parts]
    )
    table = np.zeros(len(characters) ** 2, np.int32)
    table[codes] = 1
    present = np.flatnonzero(table)
    table[present] = np.arange(len(present))
    first, second = np.divmod(present, len(characters))
    return characters[first] << _CHARACTER_BITS | characters[second], table[codes]


def _list_points(text: str, plain: str) -> NDArray[np.int64]:
    plain = plain[:LENGTH_MAX]
    if not plain:  # behind all characters
        return np.array([_CHARACTERS + crc32(text.encode()) % (_SECOND - _CHARACTERS)])
    return np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
