"""Texts as sets of characters and ordered pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.character_pairs import LENGTH_MAX, CharacterPairs, find_features, simplify

TEXTS = st.lists(st.text("卡丢了怎么办贷款abc，？ ", max_size=12), min_size=1, max_size=6)


def test_texts_are_alike_by_characters_and_their_order() -> None:
    pairs = CharacterPairs(["手机绑卡", "卡绑手机", "手机怎么绑定银行卡", "利息多少"])
    same, swapped, longer, other = compare(pairs, "手机绑卡")
    assert same == pytest.approx(1)
    assert same > swapped > other == 0
    assert same > longer > other


def test_a_text_that_shares_nothing_is_like_none() -> None:
    assert compare(CharacterPairs(["手机绑卡", "利息多少"]), "xyz").tolist() == [0, 0]


@given(TEXTS)
def test_rows_of_the_matrix_compare_as_their_texts_do(texts: list[str]) -> None:
    pairs = CharacterPairs(texts)
    products = (pairs.matrix @ pairs.matrix.T).toarray()
    for text, row in zip(texts, products, strict=True):
        assert np.allclose(compare(pairs, text), row, atol=1e-6)
    assert np.allclose(products.diagonal(), 1, atol=1e-6)


@given(TEXTS, TEXTS)
def test_what_is_taken_over_is_what_would_be_found_anew(before: list[str], texts: list[str]) -> None:
    taken, anew = CharacterPairs(texts, CharacterPairs(before)), CharacterPairs(texts)
    assert taken.matrix.shape == anew.matrix.shape
    assert (taken.matrix.toarray() == anew.matrix.toarray()).all()
    for text in [*before, *texts]:
        assert compare(taken, text).tolist() == compare(anew, text).tolist()


def test_punctuation_case_and_width_do_not_count() -> None:
    assert find_features("ＡＴＭ，吞卡！").tolist() == find_features("atm 吞卡").tolist()
    assert simplify("ＡＴＭ，吞卡！") == "atm吞卡"


def test_length_of_a_text_is_bounded() -> None:
    assert find_features("卡" * LENGTH_MAX + "贷").tolist() == find_features("卡" * LENGTH_MAX).tolist()


@pytest.mark.parametrize("text", ["", " ", "？？？", "😂"])
def test_a_text_without_words_is_like_itself_only(text: str) -> None:
    assert compare(CharacterPairs([text, "卡"]), text).tolist() == [1, 0]


def compare(pairs: CharacterPairs, text: str) -> NDArray[np.float32]:
    return pairs.compare(pairs.vectorise(text))
