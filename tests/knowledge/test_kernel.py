"""Likenesses of texts as products, and without the n x n of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.character_pairs import CharacterPairs
from knowledge.kernel import TextKernel, combine, normalise
from tests.knowledge.hashing_encoder import HashingEncoder

TEXTS = ["银行卡丢了", "卡丢了怎么办", "利息多少", "利率高不高", "几点开门", "？？", "利息多少"]


def build(texts: list[str]) -> tuple[TextKernel, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """A kernel, and all its likenesses (n, n)."""
    directions = normalise(HashingEncoder().encode(texts))
    pairs = CharacterPairs(texts)
    return TextKernel(directions, pairs.matrix), combine(
        directions @ directions.T, (pairs.matrix @ pairs.matrix.T).toarray()
    )


@given(st.permutations(TEXTS), st.integers(1, 7))
def test_the_product_is_that_of_all_likenesses(texts: list[str], count: int) -> None:
    kernel, likenesses = build(texts[:count])
    weights = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    assert np.allclose(kernel @ weights, likenesses @ weights, atol=1e-4)


def test_some_texts_have_the_likenesses_they_had_among_all() -> None:
    kernel, likenesses = build(TEXTS)
    rows = np.array([0, 2, 6])
    weights = np.eye(3, dtype=np.float32)
    assert np.allclose(kernel.select(rows) @ weights, likenesses[np.ix_(rows, rows)], atol=1e-4)


def test_what_has_no_direction_stays_without() -> None:
    assert np.array_equal(normalise(np.zeros((1, 4), np.float32)), np.zeros((1, 4)))
