"""Long texts cut on their way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.split_text import split_text

SPLITS = [
    ("short", "你好", ["你好"]),
    ("empty", "", []),
    ("nothing but lines", "\n" * 30, []),
    ("just fits", "一二三四", ["一二三四"]),
    ("one byte more", "一二三四a", ["一二三四", "a"]),
    ("a character is never cut", "a一二三四", ["a一二三", "四"]),
    ("nor one of four bytes", "abc👍👍👍", ["abc👍👍", "👍"]),
    ("at the end of a paragraph", "一\n二\n\n三四", ["一\n二", "三四"]),
    ("at the end of a line", "一二\n三四", ["一二", "三四"]),
    ("at the end of a sentence", "一二。三四", ["一二。", "三四"]),
    ("at a comma", "一二，三四", ["一二，", "三四"]),
    ("a line before a sentence", "a。bc\nd一二三", ["a。bc", "d一二三"]),
    ("not where most would be empty", "一。二三四五六", ["一。二三", "四五六"]),
]


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in SPLITS], ids=[c[0] for c in SPLITS])
def test_a_text_is_cut_where_it_reads_well(text: str, expected: list[str]) -> None:
    assert split_text(text, 12) == expected


@given(st.text("一二，。\n a👍é", max_size=400), st.integers(4, 64), st.sampled_from(["utf-8", "utf-16-le"]))
def test_pieces_fit_and_lose_nothing_but_space(text: str, bytes_max: int, encoding: str) -> None:
    pieces = split_text(text, bytes_max, encoding)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() and len(piece.encode(encoding)) <= bytes_max for piece in pieces)
